-- title:    A device of no known maker, or a hobby computer, talks to clinical servers
-- level:    low
-- kind:     posture
-- stage:    exposure
-- attack:   T1200, T0864
-- needs:    device
-- fires:    drop-box, ward-night
-- quiet:    quiet-ward
-- benign:   a gateway that somebody built in the house; a virtual machine or phone with a random hardware address
-- response: Find the wall socket by the switch's table of addresses, and who owns the device.
-- Z12. Devices on the same network only, since behind a router the hardware address is the router's. Medium where the maker is one of single-board computers,
-- which is what intruders leave behind a printer.
WITH board AS (SELECT 'raspberry|espressif|arduino|beaglebone|particle industries|pycom|hak5|orange pi|radxa|olimex' AS pattern),
odd AS (
  SELECT d.device_id, d.ip, d.mac, d.vendor, regexp_matches(lower(coalesce(d.vendor, '')), b.pattern) AS hobby
  FROM device d, board b
  WHERE d.mac IS NOT NULL AND d.ip IS NOT NULL AND (d.vendor IS NULL OR regexp_matches(lower(d.vendor), b.pattern))
    AND coalesce(d.class, '') NOT IN ('monitor', 'pump', 'ventilator', 'anaesthesia', 'imaging', 'pacs', 'network')),
sites AS (SELECT count(*) FILTER (WHERE vendor IS NOT NULL) AS known, count(*) AS n FROM device WHERE mac IS NOT NULL)
SELECT min(f.ts) AS ts, max(f.until) AS until, o.ip AS actor, CASE WHEN count(DISTINCT f.dst_ip) = 1 THEN min(f.dst_ip) ELSE format('{} addresses', count(DISTINCT f.dst_ip)) END AS target,
       min(f.flow_id) AS flow_id, min(f.flow_id) >> 32 AS file, min(f.flow_id) & 4294967295 AS frame, count(*) AS count,
       format('{} spoke to {} clinical servers by {}', CASE WHEN o.hobby THEN 'a computer by ' || o.vendor ELSE 'a device whose maker is not known (' || o.mac || ')' END,
              count(DISTINCT f.dst_ip), string_agg(DISTINCT upper(f.service), ', ' ORDER BY upper(f.service))) AS what,
       CASE WHEN o.hobby THEN 'medium' END AS level,
       min(f.flow_id, 500) AS flows
FROM odd o JOIN flow f ON f.src_ip = o.ip AND f.src_mac = o.mac, sites s
WHERE f.service IN ('dicom', 'hl7', 'mqtt') AND f.dst_packets > 0 AND 2 * s.known >= s.n -- where most makers are unknown, it is a laboratory
GROUP BY o.device_id, o.ip, o.mac, o.vendor, o.hobby
