-- title:    A pneumatic tube station was spoken to in ways that only an intruder needs
-- level:    high
-- kind:     attack
-- stage:    command
-- attack:   T1078.001, T0812, T0857, T0866
-- needs:    flow
-- fires:    tlp20-station
-- quiet:    quiet-pump-services
-- benign:   the maker's service; a server that was moved to another address
-- response: Let only the system's server reach the stations. Ask the maker whether the station's software is older than Nexus 7.2.5.7, and tell the wards to send blood and
--           drugs by hand until it is clear.
-- V02, PTS-01 (ICSMA-21-215-01, CVE-2021-37160 to 37167). A station is a host whose hardware address is Translogic's, or that exchanges TLP20. What counts: Telnet to it (hard-coded
-- passwords, cannot be switched off); a file by TFTP; TLP20 from a new peer, in the second half of a capture of at least 30 minutes; TLP20 datagrams of a length as attempts to
-- exploit have. Medium if only the length speaks: it is a guess from rules for intrusion detection, at second hand.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
talk AS (SELECT DISTINCT x.flow_id, x.dir FROM tlp20 x),
both_ways AS (SELECT f.src_ip, f.dst_ip FROM flow f WHERE f.flow_id IN (SELECT flow_id FROM talk GROUP BY flow_id HAVING count(*) = 2)),
station AS (
  SELECT x.ip FROM device d JOIN device_address x USING (device_id) WHERE x.ip IS NOT NULL AND regexp_matches(lower(coalesce(d.vendor, '')), 'translogic|swisslog')
  UNION SELECT src_ip FROM both_ways UNION SELECT dst_ip FROM both_ways),
peer AS (SELECT DISTINCT f.src_ip AS a, f.dst_ip AS b FROM flow f, span s
  WHERE f.ts < s.a + (s.b - s.a) / 2 AND (f.src_ip IN (SELECT ip FROM station) OR f.dst_ip IN (SELECT ip FROM station))),
act AS (
  SELECT f.ts, f.until, f.src_ip AS actor, f.dst_ip AS target, f.flow_id, f.flow_id AS place, 'Telnet' AS what FROM flow f
  WHERE (f.service = 'telnet' OR f.proto = 'tcp' AND f.dst_port = 23) AND f.src_bytes > 0 AND f.dst_bytes > 0 AND NOT f.guessed
  UNION ALL SELECT f.ts, f.until, f.src_ip, f.dst_ip, f.flow_id, f.flow_id, 'TFTP' FROM flow f WHERE f.proto = 'udp' AND f.dst_port = 69 AND f.src_bytes > 0
  UNION ALL SELECT f.ts, f.until, f.src_ip, f.dst_ip, f.flow_id, f.flow_id, 'TLP20 as a new peer' FROM flow f, span s
  WHERE f.service = 'tlp20' AND s.b - s.a >= INTERVAL 30 MINUTES AND f.ts >= s.a + (s.b - s.a) / 2
    AND NOT EXISTS (SELECT 1 FROM peer p WHERE (p.a = f.src_ip AND p.b = f.dst_ip) OR (p.a = f.dst_ip AND p.b = f.src_ip))
  UNION ALL SELECT x.ts, x.ts, CASE x.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END, CASE x.dir WHEN 'client' THEN f.dst_ip ELSE f.src_ip END, x.flow_id, x.file << 32 | x.frame,
                   'TLP20 datagrams of odd length' FROM tlp20 x JOIN flow f USING (flow_id) WHERE x.odd_size)
SELECT min(a.ts) AS ts, max(a.until) AS until, a.actor, a.target, min(a.flow_id) AS flow_id, min(a.place) >> 32 AS file, min(a.place) & 4294967295 AS frame, count(*) AS count,
       format('spoke to a tube station by {}', string_agg(DISTINCT a.what, ', ' ORDER BY a.what)) AS what,
       CASE WHEN bool_and(a.what = 'TLP20 datagrams of odd length') THEN 'medium' END AS level,
       list(DISTINCT a.flow_id ORDER BY a.flow_id)[1:500] AS flows
FROM act a JOIN station s ON s.ip = a.target GROUP BY a.actor, a.target
