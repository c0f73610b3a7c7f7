-- title:    HL7 messages travel in clear with the patient's identity
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    hl7_message
-- fires:    hl7-mllp-adt-oru
-- quiet:    dicom-basic
-- benign:   a network of its own that policy allows to be clear
-- response: Plan HL7 over TLS or a protected network for this interface.
-- P01. One finding an interface. Critical where one end is outside.
SELECT min(m.ts) AS ts, max(m.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} messages with the identity of {} patients crossed in clear between {} and {}, port {}', count(*),
              count(DISTINCT coalesce(m.patient_id, m.patient_name)), f.src_ip, f.dst_ip, f.dst_port) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' END AS level,
       list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM hl7_message m JOIN flow f USING (flow_id) WHERE m.patient_id IS NOT NULL OR m.patient_name IS NOT NULL
GROUP BY f.src_ip, f.dst_ip, f.dst_port
