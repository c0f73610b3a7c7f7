-- title:    A pump's own network service was spoken to by an address that had not done so before
-- level:    high
-- kind:     attack
-- stage:    command
-- attack:   T0855, T0836, T0830
-- needs:    device
-- fires:    pump-services, bcc-ward
-- quiet:    quiet-pump-services, quiet-pump
-- benign:   a server that was moved to another address; a visit of the maker's service
-- response: Let clinical engineering compare the pump's settings and drug library with what they should be, at the bedside. Ask the ward before isolating it.
-- V09, PUMP-04, PUMP-05. In the second half of a capture of at least 30 minutes: a connection into a BD Alaris PCU, which opens connections to its server (TCP 3613) and
-- accepts none (ICSMA-20-317-01); a PCU that speaks to a second server; a session on TCP 1500 of a B. Braun SpaceCom, where commands were taken from anybody
-- (CVE-2021-33882). What is said on these ports is not public: the finding stands on who speaks. Medium for TCP 1500, whose number is at second hand.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
late AS (
  SELECT f.* FROM flow f, span s
  WHERE s.b - s.a >= INTERVAL 30 MINUTES AND f.ts >= s.a + (s.b - s.a) / 2 AND f.proto = 'tcp' AND NOT f.guessed AND f.src_bytes > 0 AND f.conn_state IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR')),
peer AS (SELECT DISTINCT f.src_ip AS a, f.dst_ip AS b, f.dst_port AS port FROM flow f, span s WHERE f.ts < s.a + (s.b - s.a) / 2 AND f.proto = 'tcp' AND f.src_bytes + f.dst_bytes > 0),
pump AS (
  SELECT x.ip, min(lower(d.vendor)) AS vendor FROM device d JOIN device_address x USING (device_id)
  WHERE x.ip IS NOT NULL AND d.class = 'pump' AND d.vendor IS NOT NULL GROUP BY x.ip),
pcu AS (SELECT ip FROM pump WHERE regexp_matches(vendor, 'alaris|carefusion') AND EXISTS (SELECT 1 FROM peer p WHERE p.a = pump.ip AND p.port = 3613)),
odd AS (
  SELECT l.*, l.src_ip AS actor, l.dst_ip AS target, 'in' AS why FROM late l JOIN pcu ON pcu.ip = l.dst_ip
  WHERE NOT EXISTS (SELECT 1 FROM peer p WHERE p.a = l.src_ip AND p.b = l.dst_ip)
  UNION ALL
  SELECT l.*, l.dst_ip, l.src_ip, 'second' FROM late l JOIN pcu ON pcu.ip = l.src_ip
  WHERE l.dst_port = 3613 AND NOT EXISTS (SELECT 1 FROM peer p WHERE p.a = l.src_ip AND p.b = l.dst_ip AND p.port = 3613)
  UNION ALL
  SELECT l.*, l.src_ip, l.dst_ip, '1500' FROM late l JOIN pump ON pump.ip = l.dst_ip AND pump.vendor LIKE '%braun%'
  WHERE l.dst_port = 1500 AND NOT EXISTS (SELECT 1 FROM peer p WHERE p.a = l.src_ip AND p.b = l.dst_ip AND p.port = 1500))
SELECT min(ts) AS ts, max(until) AS until, actor, target, min(flow_id) AS flow_id, min(flow_id) >> 32 AS file, min(flow_id) & 4294967295 AS frame, count(*) AS count,
       CASE why WHEN 'in' THEN format('opened {} connections into a PCU, which accepts none, port {}', count(*), string_agg(DISTINCT dst_port::VARCHAR, ', ' ORDER BY dst_port::VARCHAR))
                WHEN 'second' THEN format('the PCU {} spoke to {} on TCP 3613 as to its server, {} times', target, actor, count(*))
                ELSE format('spoke to TCP 1500 of a SpaceCom in {} connections, {} bytes', count(*), sum(src_bytes)::BIGINT) END AS what,
       CASE WHEN why = '1500' THEN 'medium' END AS level,
       min(flow_id, 500) AS flows
FROM odd GROUP BY actor, target, why
