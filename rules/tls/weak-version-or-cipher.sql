-- title:    Encrypted connections are weak
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1557, T1040
-- needs:    tls
-- fires:    tls-versions
-- quiet:    quiet-ward
-- benign:   an old device whose maker offers nothing newer
-- response: Ask the maker for an update, or put a proxy in front that speaks TLS 1.2 or newer.
-- Z05. The server chose a version before TLS 1.2, or a suite, key, prime or signature that can be broken: one finding a server. High for suites without encryption or
-- without authentication.
WITH t AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.version, x.weak_reason, f.src_ip, CASE WHEN x.reversed THEN f.src_ip ELSE f.dst_ip END AS server, f.dst_port
  FROM tls x JOIN flow f USING (flow_id) WHERE x.weak_cipher AND x.server_hello),
reasons AS (
  SELECT server, dst_port, string_agg(DISTINCT CASE why WHEN 'version' THEN 'old version' WHEN 'null' THEN 'no encryption' WHEN 'anonymous' THEN 'no proof who the server is' WHEN 'dh_bits' THEN 'short prime'
           WHEN 'key_bits' THEN 'short key' WHEN 'signature' THEN 'old signature' WHEN 'export' THEN 'export cipher' ELSE upper(why) END, ', '
           ORDER BY CASE why WHEN 'version' THEN 'old version' WHEN 'null' THEN 'no encryption' WHEN 'anonymous' THEN 'no proof who the server is' WHEN 'dh_bits' THEN 'short prime'
           WHEN 'key_bits' THEN 'short key' WHEN 'signature' THEN 'old signature' WHEN 'export' THEN 'export cipher' ELSE upper(why) END) AS names,
         bool_or(why IN ('null', 'anonymous', 'export')) AS grave
  FROM (SELECT server, dst_port, unnest(weak_reason) AS why FROM t) GROUP BY ALL)
SELECT min(t.ts) AS ts, max(t.ts) AS until, CASE WHEN count(DISTINCT t.src_ip) = 1 THEN min(t.src_ip) ELSE format('{} addresses', count(DISTINCT t.src_ip)) END AS actor,
       t.server AS target, min(t.flow_id) AS flow_id, min(t.file << 32 | t.frame) >> 32 AS file, min(t.file << 32 | t.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} connections to {}, port {}, with weak encryption ({}): {}', count(*), t.server, t.dst_port, string_agg(DISTINCT t.version, ', ' ORDER BY t.version), max(r.names)) AS what,
       CASE WHEN bool_or(r.grave) THEN 'high' END AS level,
       list(DISTINCT t.flow_id ORDER BY t.flow_id)[1:500] AS flows
FROM t LEFT JOIN reasons r ON r.server = t.server AND r.dst_port = t.dst_port
GROUP BY t.server, t.dst_port
