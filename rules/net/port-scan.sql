-- title:    Many ports of one device were tried
-- level:    medium
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1046, T1595.002, T0846
-- needs:    flow
-- fires:    scan-ports
-- quiet:    telnet-guessing, ftp-session
-- benign:   a vulnerability scanner of the house; FTP in passive mode; endpoint mapping of Windows
-- response: If the device hangs on a patient, have the ward look at it: scans have restarted fragile devices. Ask who runs scans.
-- R04. A closed port refuses, a filtered one stays silent; a client that knows its server tries neither. 15 ports in 5 minutes with 60 %
-- in vain, or 8 ports of which 5 are services that intruders look for.
WITH tries AS (
  SELECT src_ip, dst_ip, ts, until, ts::TIMESTAMP AS t, flow_id, dst_port, conn_state IN ('S0', 'REJ', 'RSTOS0', 'RSTRH', 'SH') AS failed,
         dst_port IN (21, 22, 23, 53, 88, 104, 135, 139, 389, 445, 1433, 1883, 2575, 3389, 5900, 5985, 11112) AS sensitive
  FROM flow WHERE proto IN ('tcp', 'udp') AND src_ip IS NOT NULL AND NOT guessed),
pair AS ( -- few pairs have many flows, and of those few use many ports: only these are looked at closely
  SELECT src_ip, dst_ip FROM tries GROUP BY ALL HAVING count(*) >= 8 AND count(*) FILTER (WHERE failed) >= 5),
busy AS (
  SELECT src_ip, dst_ip FROM tries SEMI JOIN pair USING (src_ip, dst_ip) GROUP BY ALL HAVING count(DISTINCT dst_port) >= 8),
near AS (
  SELECT src_ip, dst_ip, t, count(DISTINCT dst_port) OVER w AS ports, count(*) OVER w AS n, count(*) FILTER (WHERE failed) OVER w AS failures,
         count(DISTINCT CASE WHEN sensitive THEN dst_port END) OVER w AS sensitive
  FROM tries SEMI JOIN busy USING (src_ip, dst_ip)
  WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 5 MINUTES PRECEDING AND CURRENT ROW)),
hot AS (
  SELECT src_ip, dst_ip, t, t - lag(t) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) <= INTERVAL 10 MINUTES AS same
  FROM (SELECT DISTINCT src_ip, dst_ip, t FROM near
        WHERE (ports >= coalesce(getvariable('port_scan_ports'), 15) AND 10 * failures >= 6 * n) OR (sensitive >= 5 AND ports >= 8))),
run AS (
  SELECT src_ip, dst_ip, t, sum(CASE WHEN same THEN 0 ELSE 1 END) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS r FROM hot),
span AS (
  SELECT src_ip, dst_ip, r, min(t) - INTERVAL 5 MINUTES AS a, max(t) AS b FROM run GROUP BY ALL)
SELECT min(e.ts) AS ts, max(e.until) AS until, s.src_ip AS actor, s.dst_ip AS target, min(e.flow_id) AS flow_id, min(e.flow_id) >> 32 AS file,
       min(e.flow_id) & 4294967295 AS frame, count(DISTINCT e.dst_port) AS count,
       format('tried {} ports of {}, {} of {} attempts in vain', count(DISTINCT e.dst_port), s.dst_ip, count(*) FILTER (WHERE e.failed), count(*)) AS what,
       min(e.flow_id, 2000) AS flows
FROM tries e JOIN span s ON s.src_ip = e.src_ip AND s.dst_ip = e.dst_ip AND e.t BETWEEN s.a AND s.b
GROUP BY s.src_ip, s.dst_ip, s.r
