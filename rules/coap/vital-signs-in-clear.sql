-- title:    Vital signs travel in clear by CoAP
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    coap
-- fires:    coap-vitals
-- quiet:    mqtt-vitals, dns-mixed
-- benign:   sensors of rooms, not of patients; a network of its own that policy allows to be clear
-- response: Plan CoAP over DTLS (port 5684) or OSCORE for this gateway.
-- P07. Messages in which a patient's values were read, or that name a patient. One finding a gateway. High where a patient is named,
-- critical where one end is outside.
WITH said AS (
  SELECT o.flow_id, o.file, o.frame, min(o.patient_id) AS observed, count(*) FILTER (o.patient_id IS NOT NULL OR o.name NOT IN ('temperature', 'humidity')) AS n
  FROM observation o SEMI JOIN coap c ON c.flow_id = o.flow_id GROUP BY ALL),
told AS (
  SELECT c.flow_id, c.ts, c.file, c.frame, s.observed, coalesce(s.n, 0) AS n, c.patient_id
  FROM coap c LEFT JOIN said s ON s.flow_id = c.flow_id AND s.file = c.file AND s.frame = c.frame)
SELECT min(t.ts) AS ts, max(t.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(t.flow_id) AS flow_id, min(t.file << 32 | t.frame) >> 32 AS file, min(t.file << 32 | t.frame) & 4294967295 AS frame,
       count(*) AS count,
       format('{} values of patients crossed in clear between CoAP clients and {}{}', sum(t.n)::BIGINT, f.dst_ip,
              CASE count(DISTINCT coalesce(t.observed, t.patient_id)) WHEN 0 THEN '' WHEN 1 THEN '; 1 patient is named'
                   ELSE format('; {} patients are named', count(DISTINCT coalesce(t.observed, t.patient_id))) END) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' WHEN count(coalesce(t.observed, t.patient_id)) > 0 THEN 'high' END AS level,
       list(DISTINCT t.flow_id ORDER BY t.flow_id)[1:500] AS flows
FROM told t JOIN flow f USING (flow_id)
WHERE t.n > 0 OR t.patient_id IS NOT NULL
GROUP BY f.dst_ip
