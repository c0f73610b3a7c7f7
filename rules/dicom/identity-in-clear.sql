-- title:    Images travel in clear with the patient's identity
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    dicom_dataset
-- fires:    dicom-basic
-- quiet:    dicom-ae-guessing
-- benign:   a network of its own that policy allows to be clear; phantoms and quality checks
-- response: Plan DICOM over TLS (port 2762) or a protected network for this path.
-- P02. One finding a path. Critical where one end is outside.
SELECT min(d.ts) AS ts, max(d.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(d.flow_id) AS flow_id, min(d.file << 32 | d.frame) >> 32 AS file,
       min(d.file << 32 | d.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} data sets with the identity of {} patients crossed in clear between {} and {}', count(*),
              count(DISTINCT coalesce(d.patient_id, d.patient_name)), f.src_ip, f.dst_ip) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' END AS level,
       list(DISTINCT d.flow_id ORDER BY d.flow_id)[1:500] AS flows
FROM dicom_dataset d JOIN flow f USING (flow_id)
WHERE d.kind IN ('object', 'match') AND (d.patient_id IS NOT NULL OR d.patient_name NOT IN ('*', '')) AND coalesce(d.identity_removed, '') <> 'YES'
GROUP BY f.src_ip, f.dst_ip
