-- title:    Documents, registry messages or claims with the patient's identity travel in clear
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040
-- needs:    flow
-- fires:    hl7v3-sharing, x12-claims
-- quiet:    hl7-mllp-adt-oru, dicom-basic
-- benign:   a network of its own that policy allows to be clear
-- response: Let these services speak TLS: IHE asks for it (ATNA), and payers do.
-- P01 for HL7 version 3, CDA, document sharing and X12. One finding a service. Critical where one end is outside.
WITH m AS (
  SELECT ts, flow_id, file, frame, patient_id, patient_name, 'HL7 version 3' AS what FROM hl7v3_patient
  UNION ALL SELECT ts, flow_id, file, frame, patient_id, patient_name, 'clinical documents' FROM cda_document
  UNION ALL SELECT ts, flow_id, file, frame, patient_id, patient_name, 'X12' FROM x12_patient)
SELECT min(m.ts) AS ts, max(m.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('the identity of {} patients crossed in clear between {} and {}, port {}: {}', count(DISTINCT coalesce(m.patient_id, m.patient_name)), f.src_ip, f.dst_ip, f.dst_port,
              string_agg(DISTINCT m.what, ', ' ORDER BY m.what)) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' END AS level,
       list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM m JOIN flow f USING (flow_id) WHERE m.patient_id IS NOT NULL OR m.patient_name IS NOT NULL
GROUP BY f.src_ip, f.dst_ip, f.dst_port
