-- title:    A medical device sent data to an address outside the site
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T0886, T0884
-- needs:    device
-- fires:    outside-zone
-- quiet:    quiet-ward, quiet-pump
-- benign:   the maker's remote service or cloud, by contract
-- response: Ask clinical engineering which outside services the device needs, and let the firewall pass those only.
-- Z14. Time and names (NTP, DNS) are left out. High if the device did not speak with that address in the first half of a capture of at least 30
-- minutes.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
medical AS (
  SELECT x.ip, min(d.class) AS class FROM device d JOIN device_address x USING (device_id)
  WHERE x.ip IS NOT NULL AND d.class IN ('monitor', 'pump', 'ventilator', 'anaesthesia', 'lab', 'imaging') GROUP BY x.ip)
SELECT min(f.ts) AS ts, max(f.until) AS until, f.src_ip AS actor, f.dst_ip AS target, min(f.flow_id) AS flow_id, min(f.flow_id) >> 32 AS file,
       min(f.flow_id) & 4294967295 AS frame, count(*) AS count,
       format('{} {} sent {} to {} outside the site in {} connections, port {}', CASE WHEN m.class IN ('anaesthesia', 'imaging') THEN 'an' ELSE 'a' END,
              CASE m.class WHEN 'anaesthesia' THEN 'anaesthesia machine' WHEN 'imaging' THEN 'imaging device' WHEN 'lab' THEN 'laboratory device' ELSE m.class END,
              format_bytes(sum(f.src_bytes)::BIGINT), f.dst_ip, count(*), string_agg(DISTINCT f.dst_port::VARCHAR, ', ' ORDER BY f.dst_port::VARCHAR)) AS what,
       CASE WHEN max(s.b - s.a) >= INTERVAL 30 MINUTES AND min(f.ts) >= min(s.a + (s.b - s.a) / 2) THEN 'high' END AS level,
       min(f.flow_id, 500) AS flows
FROM flow f JOIN medical m ON m.ip = f.src_ip, span s
WHERE NOT f.dst_local AND f.src_local AND f.src_bytes > 0 AND f.proto IN ('tcp', 'udp') AND NOT (f.dst_port IN (53, 123) AND f.proto = 'udp')
GROUP BY f.src_ip, f.dst_ip, m.class
