-- title:    Much more data left the hospital than came back
-- level:    medium
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1041, T1048
-- needs:    flow
-- fires:    upload-outside
-- quiet:    outside-in
-- benign:   cloud archives, backups and tele-radiology: list those addresses as the site's own with --local
-- response: Ask who owns the target address. Keep firewall and proxy logs of this time. Tell the privacy office what the device holds.
-- E01. 100 MB an hour from one host to one address outside and three times more out than in; 10 MB for devices, which send little; and 200 kB
-- sent by a host that first appeared after the first half of a capture of at least 30 minutes, which has no reason to send at all.
WITH span AS (
  SELECT min(ts) AS a, max(until) AS b FROM flow),
fresh AS (
  SELECT a.ip FROM device_address a, span s GROUP BY a.ip, s.a, s.b
  HAVING min(a.since) > s.a + (s.b - s.a) / 2 AND s.b - s.a >= INTERVAL 30 MINUTES),
device_class AS (
  SELECT a.ip, min(d.class) AS class FROM device_address a JOIN device d USING (device_id) GROUP BY a.ip),
sent AS (
  SELECT f.src_ip, f.dst_ip, time_bucket(INTERVAL 1 HOUR, f.ts::TIMESTAMP) AS w, min(f.ts) AS ts, max(f.until) AS until, sum(f.src_bytes)::BIGINT AS up,
         sum(f.dst_bytes)::BIGINT AS down, min(f.flow_id) AS flow_id, count(*) AS n, min(f.flow_id, 500) AS flows
  FROM flow f WHERE f.src_local AND NOT f.dst_local GROUP BY ALL)
SELECT s.ts, s.until, s.src_ip AS actor, s.dst_ip AS target, s.flow_id, s.flow_id >> 32 AS file, s.flow_id & 4294967295 AS frame, s.up AS count,
       format('sent {} to {} outside and got {} back, in {} connections', format_bytes(s.up), s.dst_ip, format_bytes(s.down), s.n) AS what,
       CASE WHEN s.src_ip IN (FROM fresh) OR (s.up >= 1000000000 AND c.class IS NOT NULL) THEN 'high' END AS level, s.flows
FROM sent s LEFT JOIN device_class c ON c.ip = s.src_ip
WHERE s.up >= 3 * s.down AND s.up >= CASE
    WHEN s.src_ip IN (FROM fresh) THEN 200000
    WHEN c.class IN ('monitor', 'pump', 'ventilator', 'anaesthesia', 'lab', 'imaging', 'iot') THEN coalesce(getvariable('upload_device_min'), 10000000)
    ELSE coalesce(getvariable('upload_min'), 100000000) END
