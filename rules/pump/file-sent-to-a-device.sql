-- title:    A new address sent a file to a device at the bedside
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.001, T0857, T0839, T0843
-- needs:    device
-- fires:    pump-library
-- quiet:    quiet-pump-services
-- benign:   an update by the maker's service
-- response: Ask clinical engineering whether an update was planned. Compare the device's firmware and drug library with the maker's, before it is used on another patient.
-- S07. In the second half of a capture of at least 30 minutes, 50 kB or more by HTTP (POST, PUT) or FTP (STOR) into a pump, monitor, ventilator or machine for
-- anaesthesia, from an address that was no peer of it in the first half and that sends to fewer than three such devices: a fleet is updated by one server.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
bedside AS (
  SELECT x.ip, min(d.class) AS class FROM device d JOIN device_address x USING (device_id)
  WHERE x.ip IS NOT NULL AND d.class IN ('pump', 'monitor', 'ventilator', 'anaesthesia') GROUP BY x.ip),
peer AS (SELECT DISTINCT f.src_ip AS a, f.dst_ip AS b FROM flow f, span s WHERE f.ts < s.a + (s.b - s.a) / 2 AND f.src_bytes + f.dst_bytes > 0),
sent AS (
  SELECT h.ts, h.flow_id, h.file, h.frame, f.src_ip, f.dst_ip, h.request_body_len AS bytes,
         format('by HTTP ({}{})', h.method, coalesce(', ' || h.orig_mime_types[1], '')) AS how
  FROM http h JOIN flow f USING (flow_id) WHERE h.method IN ('POST', 'PUT') AND h.request_body_len >= coalesce(getvariable('file_bytes'), 50000)
  UNION ALL
  SELECT x.ts, x.flow_id, x.file, x.frame, f.src_ip, f.dst_ip, greatest(coalesce(d.src_bytes, 0), CASE WHEN d.src_ip = x.data_ip THEN d.dst_bytes ELSE 0 END),
         format('by FTP (STOR{})', coalesce(', .' || x.file_ext, ''))
  FROM ftp x JOIN flow f USING (flow_id) JOIN flow d ON x.data_port IN (d.dst_port, d.src_port) AND d.ts >= x.ts - INTERVAL 60 SECONDS AND d.ts <= x.ts + INTERVAL 60 SECONDS
    AND (d.dst_ip = x.data_ip AND d.src_ip = f.src_ip OR d.src_ip = f.dst_ip AND d.dst_ip = x.data_ip)
  WHERE x.command = 'STOR' AND d.src_bytes + d.dst_bytes >= coalesce(getvariable('file_bytes'), 50000)),
late AS (
  SELECT x.*, b.class, count(DISTINCT x.dst_ip) OVER (PARTITION BY x.src_ip) AS fleet FROM sent x JOIN bedside b ON b.ip = x.dst_ip, span s
  WHERE s.b - s.a >= INTERVAL 30 MINUTES AND x.ts >= s.a + (s.b - s.a) / 2)
SELECT min(l.ts) AS ts, max(l.ts) AS until, l.src_ip AS actor, l.dst_ip AS target, min(l.flow_id) AS flow_id, min(l.file << 32 | l.frame) >> 32 AS file,
       min(l.file << 32 | l.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} in {} to a {} {}, an address that had not spoken with it before', format_bytes(sum(l.bytes)::BIGINT), CASE WHEN count(*) = 1 THEN 'a file' ELSE format('{} files', count(*)) END,
              CASE l.class WHEN 'anaesthesia' THEN 'machine for anaesthesia' ELSE l.class END, string_agg(DISTINCT l.how, ', ' ORDER BY l.how)) AS what,
       list(DISTINCT l.flow_id ORDER BY l.flow_id)[1:500] AS flows
FROM late l
WHERE l.fleet < 3 AND NOT EXISTS (SELECT 1 FROM peer p WHERE (p.a = l.src_ip AND p.b = l.dst_ip) OR (p.a = l.dst_ip AND p.b = l.src_ip))
GROUP BY l.src_ip, l.dst_ip, l.class
