-- title:    Many addresses were pinged
-- level:    low
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1018, T0846
-- needs:    icmp
-- fires:    scan-ping
-- quiet:    icmp-mixed, icmp-flood
-- benign:   network monitoring; an inventory of devices
-- response: Ask whose address it is; a monitoring system should be listed. List the devices that answered.
-- R02. Echo requests to 25 addresses in 60 s, since monitoring pings some; or timestamp, mask or information requests (13, 17, 15), which have hardly any
-- lawful use, to five.
WITH p AS (
  SELECT f.src_ip, f.dst_ip, i.ts, i.ts::TIMESTAMP AS t, i.flow_id, i.file, i.frame, i.version = 4 AND i.type IN (13, 15, 17) AS odd, f.dst_packets > 0 AS answered
  FROM icmp i JOIN flow f USING (flow_id)
  WHERE NOT i.from_server AND ((i.version = 4 AND i.type IN (8, 13, 15, 17)) OR (i.version = 6 AND i.type = 128))),
busy AS (SELECT src_ip, odd FROM p GROUP BY ALL HAVING count(DISTINCT dst_ip) >= 5),
near AS (
  SELECT src_ip, odd, t, count(DISTINCT dst_ip) OVER w AS n
  FROM p SEMI JOIN busy USING (src_ip, odd) WINDOW w AS (PARTITION BY src_ip, odd ORDER BY t RANGE BETWEEN INTERVAL 60 SECONDS PRECEDING AND CURRENT ROW)),
run AS (
  SELECT src_ip, odd, t, sum(CASE WHEN t - before <= INTERVAL 5 MINUTES THEN 0 ELSE 1 END) OVER (PARTITION BY src_ip, odd ORDER BY t) AS r
  FROM (SELECT *, lag(t) OVER (PARTITION BY src_ip, odd ORDER BY t) AS before
        FROM (SELECT DISTINCT src_ip, odd, t FROM near WHERE n >= CASE WHEN odd THEN 5 ELSE coalesce(getvariable('ping_sweep_hosts'), 25) END))),
span AS (SELECT src_ip, odd, r, min(t) - INTERVAL 60 SECONDS AS a, max(t) AS b FROM run GROUP BY ALL)
SELECT min(p.ts) AS ts, max(p.ts) AS until, s.src_ip AS actor, format('{} addresses', count(DISTINCT p.dst_ip)) AS target, min(p.flow_id) AS flow_id,
       min(p.file << 32 | p.frame) >> 32 AS file, min(p.file << 32 | p.frame) & 4294967295 AS frame, count(DISTINCT p.dst_ip) AS count,
       format('pinged {} addresses within {} s{}, {} answered', count(DISTINCT p.dst_ip), greatest(1, ceil(epoch(max(p.t) - min(p.t)))::BIGINT),
              CASE WHEN s.odd THEN ' with requests that only tools send' ELSE '' END, count(DISTINCT CASE WHEN p.answered THEN p.dst_ip END)) AS what,
       list(DISTINCT p.flow_id ORDER BY p.flow_id)[1:500] AS flows
FROM p JOIN span s ON p.src_ip = s.src_ip AND p.odd = s.odd AND p.t BETWEEN s.a AND s.b
GROUP BY s.src_ip, s.odd, s.r
