-- title:    Laboratory instruments send results with the patient's identity in clear
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    flow
-- fires:    astm-analyser, astm-unframed, poct1a-session
-- quiet:    dicom-basic, hl7-mllp-adt-oru
-- benign:   a network of its own that policy allows to be clear
-- response: Keep instruments on a network of their own: few of them can encrypt.
-- P01 for ASTM and POCT1-A. One finding a service. Critical where one end is outside.
WITH m AS (
  SELECT ts, flow_id, file, frame, patient_id, 'ASTM' AS what FROM astm_message WHERE patient_id IS NOT NULL OR patient_name IS NOT NULL
  UNION ALL SELECT ts, flow_id, file, frame, patient_id, 'ASTM' FROM astm_order WHERE patient_id IS NOT NULL AND record = 'O'
  UNION ALL SELECT ts, flow_id, file, frame, patient_id, 'POCT1-A' FROM poct1a_result WHERE patient_id IS NOT NULL OR patient_name IS NOT NULL)
SELECT min(m.ts) AS ts, max(m.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('the identity of {} patients crossed in clear between {} and {}, port {}: {}', greatest(1, count(DISTINCT m.patient_id)), f.src_ip, f.dst_ip, f.dst_port, m.what) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' END AS level,
       list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM m JOIN flow f USING (flow_id) GROUP BY f.src_ip, f.dst_ip, f.dst_port, m.what
