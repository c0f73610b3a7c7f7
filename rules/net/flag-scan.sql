-- title:    Packets that no system sends by itself probed a device
-- level:    high
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1046, T0846
-- needs:    flow
-- fires:    scan-flags
-- quiet:    scan-ports
-- benign:   the capture started in the middle of connections; a tap that sees one direction
-- response: If the device hangs on a patient, have the ward look at it. This is the work of a scanning tool: ask who runs scans.
-- R05. No system opens a connection with no flag, FIN alone, FIN+PSH+URG or SYN+FIN. Five ports or five hosts; a lone FIN in the first
-- minute of a capture is the end of a connection that was there before.
WITH odd AS (
  SELECT src_ip, dst_ip, dst_port, ts, until, flow_id,
         CASE first_flags WHEN 0 THEN 'no flag' WHEN 1 THEN 'FIN alone' WHEN 41 THEN 'FIN, PSH and URG' WHEN 3 THEN 'SYN and FIN' END AS kind
  FROM flow
  WHERE proto = 'tcp' AND first_flags IN (0, 1, 3, 41) AND src_packets <= 3
    AND (first_flags <> 1 OR ts > (SELECT min(first_ts) + INTERVAL 60 SECONDS FROM capture_file)))
SELECT min(ts) AS ts, max(until) AS until, src_ip AS actor,
       CASE WHEN count(DISTINCT dst_ip) = 1 THEN min(dst_ip) ELSE format('{} addresses', count(DISTINCT dst_ip)) END AS target,
       min(flow_id) AS flow_id, min(flow_id) >> 32 AS file, min(flow_id) & 4294967295 AS frame, count(*) AS count,
       format('sent {} packets with {} to {} ports of {} addresses', count(*), kind, count(DISTINCT dst_port), count(DISTINCT dst_ip)) AS what,
       min(flow_id, 500) AS flows
FROM odd GROUP BY src_ip, kind
HAVING count(DISTINCT dst_port) >= 5 OR count(DISTINCT dst_ip) >= 5
