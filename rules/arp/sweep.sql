-- title:    A device asked for every address of its network
-- level:    low
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1018, T1016, T0846
-- needs:    arp
-- fires:    arp-sweep
-- quiet:    dhcp-lease, arp-poison
-- benign:   an asset scanner; a gateway that starts anew
-- response: Find the switch port of the hardware address and what it is. Look for scans by the same device.
-- R01. 20 different addresses in 30 s: a workstation that wakes up asks for its printers and gateways, a sweep for all 254.
-- Addresses that were asked for but never answered decide: a server that speaks to its many clients finds them.
WITH asked AS (
  SELECT a.src_mac, a.src_ip, a.dst_ip, a.ts, a.ts::TIMESTAMP AS t, a.file, a.frame, a.flow_id, r.flow_id AS answer, r.flow_id IS NOT NULL AS known
  FROM arp a LEFT JOIN (SELECT src_ip, min(flow_id) AS flow_id FROM arp WHERE op = 2 GROUP BY src_ip) r ON r.src_ip = a.dst_ip
  WHERE a.op = 1 AND NOT a.gratuitous AND NOT a.probe AND a.src_ip <> a.dst_ip),
near AS (
  SELECT src_mac, t, count(DISTINCT dst_ip) OVER (PARTITION BY src_mac ORDER BY t RANGE BETWEEN INTERVAL 30 SECONDS PRECEDING AND CURRENT ROW) AS n
  FROM asked),
hot AS (
  SELECT src_mac, t, t - lag(t) OVER (PARTITION BY src_mac ORDER BY t) <= INTERVAL 10 MINUTES AS same
  FROM (SELECT DISTINCT src_mac, t FROM near WHERE n >= coalesce(getvariable('arp_sweep_min'), 20))),
run AS (
  SELECT src_mac, t, sum(CASE WHEN same THEN 0 ELSE 1 END) OVER (PARTITION BY src_mac ORDER BY t) AS r FROM hot),
span AS (
  SELECT src_mac, r, min(t) - INTERVAL 30 SECONDS AS a, max(t) AS b FROM run GROUP BY ALL)
SELECT min(e.ts) AS ts, max(e.ts) AS until, min(e.src_ip) AS actor,
       format('{} addresses', count(DISTINCT e.dst_ip)) AS target, min(e.flow_id) AS flow_id,
       min(e.file << 32 | e.frame) >> 32 AS file, min(e.file << 32 | e.frame) & 4294967295 AS frame, count(DISTINCT e.dst_ip) AS count,
       format('asked for {} addresses of its network in {} s, {} of which exist', count(DISTINCT e.dst_ip),
              greatest(1, round(epoch(max(e.t)) - epoch(min(e.t)))::BIGINT), count(DISTINCT e.dst_ip) FILTER (WHERE e.known)) AS what,
       list_concat(list(DISTINCT e.flow_id ORDER BY e.flow_id)[1:250], coalesce(list(DISTINCT e.answer ORDER BY e.answer) FILTER (e.answer IS NOT NULL), [])[1:250]) AS flows
FROM asked e JOIN span s ON s.src_mac = e.src_mac AND e.t BETWEEN s.a AND s.b
GROUP BY s.src_mac, s.r
HAVING count(DISTINCT e.dst_ip) FILTER (WHERE NOT e.known) >= 10
