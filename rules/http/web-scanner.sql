-- title:    A web server was searched for holes
-- level:    high
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1595.002, T1595.003, T1190, T0846
-- needs:    http
-- fires:    http-scanner
-- quiet:    http-pipelined, http-basic-auth
-- benign:   a scanner of the house; a browser that looks for many pages that are gone
-- response: Ask who runs scans. If nobody does, see what answered with success, and look for whose address it came from before anything is cut off.
-- R08. One address at one server: three requests of a tool that says it is a scanner; or 50 answers of the 400s over 30 different paths in five minutes; or three
-- requests with the shape of an attack (parent folders, SQL, a JNDI lookup, ProxyShell); Zeek's limits are the same.
WITH h AS (
  SELECT f.src_ip, f.dst_ip, f.dst_port, x.ts, x.ts::TIMESTAMP AS t, x.flow_id, x.file, x.frame, x.uri, x.status_code, nullif(x.scanner, '') AS scanner,
         x.traversal OR x.sqli OR x.jndi OR x.proxyshell AS shaped
  FROM http x JOIN flow f USING (flow_id) WHERE x.request_seen),
busy AS ( -- most pairs are never looked at closely
  SELECT src_ip, dst_ip, dst_port FROM h GROUP BY ALL
  HAVING count(scanner) >= 3 OR count(*) FILTER (WHERE shaped) >= 3 OR count(*) FILTER (WHERE status_code BETWEEN 400 AND 499) >= 30),
near AS (
  SELECT src_ip, dst_ip, dst_port, t, count(*) FILTER (WHERE scanner IS NOT NULL) OVER w AS named, count(*) FILTER (WHERE shaped) OVER w AS shapes,
         count(*) FILTER (WHERE status_code BETWEEN 400 AND 499) OVER w AS errors, count(DISTINCT CASE WHEN status_code BETWEEN 400 AND 499 THEN uri END) OVER w AS paths
  FROM h SEMI JOIN busy USING (src_ip, dst_ip, dst_port) WINDOW w AS (PARTITION BY src_ip, dst_ip, dst_port ORDER BY t RANGE BETWEEN INTERVAL 5 MINUTES PRECEDING AND CURRENT ROW)),
span AS (
  SELECT src_ip, dst_ip, dst_port, min(t) - INTERVAL 5 MINUTES AS a, max(t) AS b
  FROM near WHERE named >= 3 OR shapes >= 3 OR (errors >= coalesce(getvariable('http_errors'), 50) AND paths >= 30) GROUP BY ALL)
SELECT min(h.ts) AS ts, max(h.ts) AS until, s.src_ip AS actor, s.dst_ip AS target, min(h.flow_id) AS flow_id, min(h.file << 32 | h.frame) >> 32 AS file,
       min(h.file << 32 | h.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent the web server (port {}) {} requests for {} paths, of which {} were refused or found nothing{}{}', s.dst_port, count(*), count(DISTINCT h.uri),
              count(*) FILTER (WHERE h.status_code BETWEEN 400 AND 499),
              CASE WHEN count(*) FILTER (WHERE h.shaped) > 0 THEN format(' and {} had the shape of an attack', count(*) FILTER (WHERE h.shaped)) ELSE '' END,
              CASE WHEN count(h.scanner) > 0 THEN ', by a tool that calls itself ' || string_agg(DISTINCT h.scanner, ', ' ORDER BY h.scanner) ELSE '' END) AS what,
       list(DISTINCT h.flow_id ORDER BY h.flow_id)[1:500] AS flows
FROM h JOIN span s ON h.src_ip = s.src_ip AND h.dst_ip = s.dst_ip AND h.dst_port = s.dst_port AND h.t BETWEEN s.a AND s.b
GROUP BY s.src_ip, s.dst_ip, s.dst_port
