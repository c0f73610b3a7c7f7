-- title:    Somebody looked for HL7 interfaces
-- level:    medium
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1046, T0846
-- needs:    flow
-- fires:    hl7-port-sweep
-- quiet:    hl7-mllp-adt-oru, dicom-echo-sweep
-- benign:   a test of an interface engine's standby
-- response: Look in the interface engine's log for peers that were refused.
-- R10. Port 2575, or a port that carries HL7 in this capture, on five hosts within 10 minutes: interfaces are set up from one point to one other.
WITH ports AS (
  SELECT DISTINCT dst_port FROM flow WHERE service = 'hl7' UNION SELECT 2575),
tries AS (
  SELECT src_ip, dst_ip, dst_port, ts, until, ts::TIMESTAMP AS t, flow_id, service FROM flow
  WHERE proto = 'tcp' AND NOT guessed AND dst_port IN (FROM ports)),
near AS (
  SELECT src_ip, t, count(DISTINCT dst_ip) OVER (PARTITION BY src_ip ORDER BY t RANGE BETWEEN INTERVAL 10 MINUTES PRECEDING AND CURRENT ROW) AS n FROM tries),
span AS (
  SELECT src_ip, min(t) - INTERVAL 10 MINUTES AS a, max(t) AS b FROM near WHERE n >= coalesce(getvariable('hl7_sweep_min'), 5) GROUP BY ALL)
SELECT min(e.ts) AS ts, max(e.until) AS until, s.src_ip AS actor, format('{} addresses', count(DISTINCT e.dst_ip)) AS target, min(e.flow_id) AS flow_id,
       min(e.flow_id) >> 32 AS file, min(e.flow_id) & 4294967295 AS frame, count(DISTINCT e.dst_ip) AS count,
       format('tried HL7 ports on {} addresses', count(DISTINCT e.dst_ip)) AS what, min(e.flow_id, 500) AS flows
FROM span s JOIN tries e ON e.src_ip = s.src_ip AND e.t BETWEEN s.a AND s.b
GROUP BY s.src_ip
HAVING count(*) FILTER (WHERE e.service = 'hl7') < count(DISTINCT e.dst_ip)
