-- title:    One port was tried on many devices
-- level:    medium
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1046, T1595.001, T0846
-- needs:    flow
-- fires:    scan-addresses
-- quiet:    scan-ports
-- benign:   a vulnerability scanner of the house; management servers that look for their clients
-- response: Ask who runs scans. List the devices that answered: they are known to the scanner now.
-- R03. 25 hosts in 5 minutes that do not answer or refuse, 10 for a scanner from outside. High for ports of clinical systems and of
-- administration, which is what intruders go on with.
WITH tries AS (
  SELECT src_ip, src_local, dst_ip, dst_port, ts, until, ts::TIMESTAMP AS t, flow_id
  FROM flow WHERE proto = 'tcp' AND src_ip IS NOT NULL AND NOT guessed AND conn_state IN ('S0', 'REJ', 'RSTOS0', 'RSTRH', 'SH')),
busy AS (
  SELECT src_ip, dst_port FROM tries GROUP BY ALL HAVING count(DISTINCT dst_ip) >= 10),
near AS (
  SELECT src_ip, dst_port, t, src_local,
         count(DISTINCT dst_ip) OVER (PARTITION BY src_ip, dst_port ORDER BY t RANGE BETWEEN INTERVAL 5 MINUTES PRECEDING AND CURRENT ROW) AS n
  FROM tries SEMI JOIN busy USING (src_ip, dst_port)),
hot AS (
  SELECT src_ip, dst_port, t, t - lag(t) OVER (PARTITION BY src_ip, dst_port ORDER BY t) <= INTERVAL 10 MINUTES AS same
  FROM (SELECT DISTINCT src_ip, dst_port, t FROM near
        WHERE n >= CASE WHEN src_local THEN coalesce(getvariable('address_scan_hosts'), 25) ELSE 10 END)),
run AS (
  SELECT src_ip, dst_port, t, sum(CASE WHEN same THEN 0 ELSE 1 END) OVER (PARTITION BY src_ip, dst_port ORDER BY t) AS r FROM hot),
span AS (
  SELECT src_ip, dst_port, r, min(t) - INTERVAL 5 MINUTES AS a, max(t) AS b FROM run GROUP BY ALL)
SELECT min(e.ts) AS ts, max(e.until) AS until, s.src_ip AS actor, format('{} addresses', count(DISTINCT e.dst_ip)) AS target, min(e.flow_id) AS flow_id,
       min(e.flow_id) >> 32 AS file, min(e.flow_id) & 4294967295 AS frame, count(DISTINCT e.dst_ip) AS count,
       format('tried port {} on {} addresses that did not answer or refused', s.dst_port, count(DISTINCT e.dst_ip)) AS what,
       CASE WHEN s.dst_port IN (104, 2575, 2761, 2762, 4242, 11112, 1883, 445, 3389, 22, 23) THEN 'high' END AS level,
       min(e.flow_id, 500) AS flows
FROM tries e JOIN span s ON s.src_ip = e.src_ip AND s.dst_port = e.dst_port AND e.t BETWEEN s.a AND s.b
GROUP BY s.src_ip, s.dst_port, s.r
