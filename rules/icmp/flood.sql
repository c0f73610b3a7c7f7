-- title:    A device was flooded with pings
-- level:    high
-- kind:     attack
-- stage:    denial
-- attack:   T1498.001, T0814
-- needs:    icmp
-- fires:    icmp-flood
-- quiet:    icmp-mixed
-- benign:   a load test
-- response: If the device hangs on a patient, send somebody to the bedside. Limit the rate at the switch, and find the source.
-- D03. 1,000 echo requests to one address in 10 s; or echo requests to a broadcast address that ten hosts answer (Smurf).
WITH echo AS (
  SELECT f.src_ip, f.dst_ip, i.ts, coalesce(i.until, i.ts) AS until, i.count, i.flow_id, i.file, i.frame, time_bucket(INTERVAL 5 SECONDS, i.ts::TIMESTAMP) AS w
  FROM icmp i JOIN flow f USING (flow_id)
  WHERE NOT i.from_server AND ((i.version = 4 AND i.type = 8) OR (i.version = 6 AND i.type = 128))),
bins AS (
  SELECT src_ip, dst_ip, w, sum(count)::BIGINT AS n FROM echo GROUP BY ALL),
two AS (
  SELECT *, n + coalesce(lead(n) OVER (PARTITION BY src_ip, dst_ip ORDER BY w), 0) AS n10 FROM bins),
hot AS (
  SELECT src_ip, dst_ip, min(w) AS a, max(w) + INTERVAL 10 SECONDS AS b FROM two WHERE n10 >= coalesce(getvariable('ping_flood_min'), 1000) GROUP BY ALL)
SELECT min(e.ts) AS ts, max(e.until) AS until, h.src_ip AS actor, h.dst_ip AS target, min(e.flow_id) AS flow_id,
       min(e.file << 32 | e.frame) >> 32 AS file, min(e.file << 32 | e.frame) & 4294967295 AS frame, sum(e.count)::BIGINT AS count,
       format('sent {} echo requests in {} s', sum(e.count)::BIGINT, greatest(1, round(epoch(max(e.until)) - epoch(min(e.ts)))::BIGINT)) AS what,
       list(DISTINCT e.flow_id ORDER BY e.flow_id)[1:500] AS flows
FROM hot h JOIN echo e ON e.src_ip = h.src_ip AND e.dst_ip = h.dst_ip AND e.ts::TIMESTAMP BETWEEN h.a AND h.b
GROUP BY h.src_ip, h.dst_ip
UNION ALL
SELECT min(q.ts), max(r.ts), q.src_ip, min(q.dst_ip), min(q.flow_id), min(q.flow_id) >> 32, min(q.flow_id) & 4294967295, count(*),
       format('{} hosts answered pings sent to the broadcast address {} in the name of {}', count(DISTINCT r.src_ip), min(q.dst_ip), q.src_ip),
       list(DISTINCT r.flow_id ORDER BY r.flow_id)[1:500]
FROM flow q JOIN flow r ON r.proto = 'icmp' AND r.dst_ip = q.src_ip AND r.src_ip <> q.dst_ip AND r.ts BETWEEN q.ts AND q.until + INTERVAL 2 SECONDS
WHERE q.proto = 'icmp' AND q.src_port = 8 AND (q.dst_ip LIKE '%.255' OR q.dst_ip = '255.255.255.255') AND r.src_port = 0
GROUP BY q.src_ip HAVING count(DISTINCT r.src_ip) >= 10
