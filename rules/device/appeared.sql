-- title:    A device appeared on the network
-- level:    informational
-- kind:     posture
-- stage:    arrival
-- attack:   T1200, T0864
-- needs:    dhcp
-- fires:    ward-night
-- quiet:    dhcp-lease, quiet-ward
-- benign:   a device that was switched on, lent or replaced
-- response: Add it to the inventory, or find its switch port and ask who brought it.
-- Z13. A hardware address that asks for an address (DHCP) and was not there in the first half of a capture of at least 30 minutes.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
seen AS (
  SELECT mac, min(ts) AS ts FROM (
    SELECT src_mac AS mac, ts FROM flow WHERE src_ip IS NOT NULL AND src_ip <> '0.0.0.0' AND src_packets > 0
    UNION ALL SELECT src_mac, ts FROM arp WHERE NOT probe
    UNION ALL SELECT mac, ts FROM dhcp WHERE NOT from_server) WHERE mac IS NOT NULL GROUP BY mac),
asked AS (
  SELECT d.mac, min(d.ts) AS ts, min(d.file << 32 | d.frame) AS place, min(d.flow_id) AS flow_id, max(d.host_name) AS name
  FROM dhcp d WHERE NOT d.from_server GROUP BY d.mac),
given AS (
  SELECT mac, min(assigned_addr) AS ip, min(ts) AS ts FROM dhcp WHERE msg_type = 'ACK' AND assigned_addr IS NOT NULL GROUP BY mac)
SELECT q.ts, greatest(q.ts, least(g.ts, q.ts + INTERVAL 60 SECONDS)) AS until, coalesce(g.ip, q.mac) AS actor, NULL AS target, q.flow_id,
       q.place >> 32 AS file, q.place & 4294967295 AS frame, 1 AS count,
       format('appeared on the network{}{}', CASE WHEN q.name IS NULL THEN '' ELSE format(' under the name {}', q.name) END,
              CASE WHEN g.ip IS NULL THEN '' ELSE format(' and was given the address {}', g.ip) END) AS what
FROM asked q JOIN seen x ON x.mac = q.mac LEFT JOIN given g ON g.mac = q.mac, span s
WHERE x.ts >= s.a + (s.b - s.a) / 2 AND s.b - s.a >= INTERVAL 30 MINUTES
