-- title:    Many ports of one device were tried
-- level:    medium
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1046, T1595.002, T0846
-- needs:    flow
-- fires:    scan-ports
-- quiet:    -
-- benign:   a vulnerability scanner of the house; FTP in passive mode; endpoint mapping of Windows
-- response: If the device hangs on a patient, have the ward look at it: scans have restarted fragile devices. Ask who runs scans.
-- R04. A closed port refuses, a filtered one stays silent; a client that knows its server tries neither.
WITH tries AS (
  SELECT src_ip, dst_ip, time_bucket(INTERVAL '5 minutes', ts::TIMESTAMP) AS w, ts, until, flow_id, file, frame, dst_port,
         conn_state IN ('S0', 'REJ', 'RSTOS0', 'RSTRH', 'SH') AS failed
  FROM flow WHERE proto IN ('tcp', 'udp') AND src_ip IS NOT NULL AND NOT guessed),
scans AS (
  SELECT src_ip, dst_ip, w, min(ts) AS ts, max(until) AS until, min(flow_id) AS flow_id, count(*) AS n,
         count(DISTINCT dst_port) AS ports, count(*) FILTER (WHERE failed) AS failures,
         count(DISTINCT dst_port) FILTER (WHERE dst_port IN
           (21, 22, 23, 53, 88, 104, 135, 139, 389, 445, 1433, 1883, 2575, 3389, 5900, 5985, 11112)) AS sensitive,
         list(flow_id ORDER BY flow_id)[1:500] AS flows
  FROM tries GROUP BY src_ip, dst_ip, w)
SELECT ts, until, src_ip AS actor, dst_ip AS target, flow_id, flow_id >> 32 AS file, flow_id & 4294967295 AS frame, ports AS count,
       format('tried {} ports of {}, {} of {} attempts in vain', ports, dst_ip, failures, n) AS what, flows
FROM scans
WHERE (ports >= coalesce(getvariable('port_scan_ports'), 15) AND failures >= 0.6 * n) OR (sensitive >= 5 AND ports >= 8)
