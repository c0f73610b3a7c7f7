-- title:    A pump, ventilator or anaesthesia machine was sent data by an address that had not done so before
-- level:    critical
-- kind:     attack
-- stage:    command
-- attack:   T0855, T0836, T0848
-- needs:    device
-- fires:    pump-command, ward-night
-- quiet:    quiet-pump
-- benign:   a server that was moved to another address; a visit of the maker's service
-- response: Let clinical engineering look at the device at the bedside now, and compare its settings with the prescription. Ask the ward before isolating it; it is in use on a patient until the ward says otherwise.
-- S06. Such a device speaks to one gateway. An address that was no peer of it in the first half of a capture of at least 30 minutes opened a connection to
-- it and sent more than 200 bytes of payload that it took, or typed commands after a login.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
bedside AS (
  SELECT DISTINCT x.ip, d.class FROM device d JOIN device_address x USING (device_id)
  WHERE x.ip IS NOT NULL AND d.class IN ('pump', 'ventilator', 'anaesthesia')),
peer AS ( -- who spoke with it, whichever side began
  SELECT DISTINCT f.src_ip AS a, f.dst_ip AS b FROM flow f, span s WHERE f.ts < s.a + (s.b - s.a) / 2 AND f.src_bytes + f.dst_bytes > 0),
late AS (
  SELECT f.*, d.class FROM flow f JOIN bedside d ON d.ip = f.dst_ip, span s
  WHERE s.b - s.a >= INTERVAL 30 MINUTES AND f.ts >= s.a + (s.b - s.a) / 2 AND f.proto IN ('tcp', 'udp') AND NOT f.guessed
    AND (coalesce(f.src_stream_bytes, f.src_bytes) > coalesce(getvariable('command_bytes'), 200)
      OR EXISTS (SELECT 1 FROM telnet_session t WHERE t.flow_id = f.flow_id AND t.successes > 0 AND t.commands > 0))
    AND (f.proto = 'udp' OR f.conn_state IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR')) AND NOT (f.proto = 'udp' AND f.dst_port IN (53, 67, 68, 123, 137, 138, 161, 1900, 5353, 5355)))
SELECT min(l.ts) AS ts, max(l.until) AS until, l.src_ip AS actor, l.dst_ip AS target, min(l.flow_id) AS flow_id, min(l.flow_id) >> 32 AS file,
       min(l.flow_id) & 4294967295 AS frame, count(*) AS count,
       format('sent {} bytes to a {} in {} connections (port {}), an address that had not spoken with it before',
              sum(coalesce(l.src_stream_bytes, l.src_bytes)), CASE l.class WHEN 'anaesthesia' THEN 'machine for anaesthesia' ELSE l.class END, count(*),
              string_agg(DISTINCT l.dst_port::VARCHAR, ', ' ORDER BY l.dst_port::VARCHAR)) AS what,
       min(l.flow_id, 500) AS flows
FROM late l
WHERE NOT EXISTS (SELECT 1 FROM peer p WHERE (p.a = l.src_ip AND p.b = l.dst_ip) OR (p.a = l.dst_ip AND p.b = l.src_ip))
GROUP BY l.src_ip, l.dst_ip, l.class
