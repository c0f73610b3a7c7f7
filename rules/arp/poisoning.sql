-- title:    A device pretended to be another one on the local network
-- level:    high
-- kind:     attack
-- stage:    interception
-- attack:   T1557.002, T0830
-- needs:    arp
-- fires:    arp-poison
-- quiet:    arp-vrrp, arp-sweep, dhcp-lease
-- benign:   routers or clusters that share an address and fail over; a firewall that answers for others (proxy ARP)
-- response: Find the switch port of the new hardware address. Have results and images that crossed between the two devices in this
--           time compared with their source. Ask clinical engineering and the ward before isolating anything on this path.
-- M01. The holder of an address does not change while the old one is still active, and nobody repeats answers that were not asked for,
-- as tools do every 1 to 10 s to keep the false entry alive. Shared router addresses (VRRP, HSRP, CARP) are left out by their prefix.
WITH claim AS (
  SELECT src_ip AS ip, src_mac AS mac, min(ts) AS first_seen, max(coalesce(until, ts)) AS last_seen, min(flow_id) AS flow_id
  FROM arp WHERE src_ip <> '0.0.0.0' AND src_mac IS NOT NULL AND NOT probe GROUP BY ALL),
unasked AS (
  SELECT r.src_ip AS ip, r.src_mac AS mac, min(r.ts) AS ts, max(coalesce(r.until, r.ts)) AS until, sum(r.count)::BIGINT AS n,
         min(r.file << 32 | r.frame) AS at, list(DISTINCT r.flow_id ORDER BY r.flow_id)[1:500] AS flows
  FROM arp r
  WHERE r.op = 2 AND NOT EXISTS (
    SELECT 1 FROM arp q WHERE q.op = 1 AND q.dst_ip = r.src_ip AND q.src_ip = r.dst_ip
      AND q.ts BETWEEN r.ts - INTERVAL 2 SECONDS AND r.ts)
  GROUP BY ALL),
forged AS (
  SELECT b.ip, b.mac, u.ts, u.until, u.n, u.at, u.flows, min(a.mac) AS held_by, list(DISTINCT a.flow_id ORDER BY a.flow_id)[1:50] AS claims
  FROM claim a JOIN claim b ON a.ip = b.ip AND a.mac <> b.mac AND a.first_seen < b.first_seen
  JOIN unasked u ON u.ip = b.ip AND u.mac = b.mac
  WHERE b.first_seen <= a.last_seen + INTERVAL 10 MINUTES AND u.n >= coalesce(getvariable('arp_unasked_min'), 5)
    AND NOT regexp_matches(b.mac, '^(00:00:5e:00:0[12]|00:00:0c:(07:ac|9f:f))') AND NOT regexp_matches(a.mac, '^(00:00:5e:00:0[12]|00:00:0c:(07:ac|9f:f))')
  GROUP BY ALL),
own AS ( -- the address the forger uses for itself: one that nobody else claims
  SELECT c.mac, min(c.ip) AS ip, min(c.flow_id) AS flow_id FROM claim c WHERE NOT EXISTS (SELECT 1 FROM claim o WHERE o.ip = c.ip AND o.mac <> c.mac) GROUP BY c.mac),
asked AS ( -- who asks for the address: what answers that is lawful
  SELECT dst_ip AS ip, list(DISTINCT flow_id ORDER BY flow_id)[1:100] AS flows FROM arp WHERE op = 1 GROUP BY dst_ip)
SELECT f.ts, f.until, coalesce(o.ip, f.mac) AS actor, f.ip AS target, f.flows[1] AS flow_id, f.at >> 32 AS file, f.at & 4294967295 AS frame, f.n AS count,
       format('hardware address {} claimed to be {}, which belongs to {}, {} times without being asked', f.mac, f.ip, f.held_by, f.n) AS what,
       list_concat(f.flows[1:300], f.claims, coalesce(q.flows, []), coalesce([o.flow_id], [])) AS flows
FROM forged f LEFT JOIN own o ON o.mac = f.mac LEFT JOIN asked q ON q.ip = f.ip
