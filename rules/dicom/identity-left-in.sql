-- title:    Images said to be without identity name the patient
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   -
-- needs:    dicom_dataset
-- fires:    dicom-deidentified
-- quiet:    dicom-basic, dicom-charsets
-- benign:   an agreement that lets these elements stay
-- response: Stop the export, and have the profile of the de-identification put right. Tell the privacy office what went out.
-- protocols.md 2.7. Patient Identity Removed (0012,0062) is YES, and still there are birth date, address, telephone, another patient id, or names of the
-- family. Name and patient id alone may be the study's own code. Critical where the objects left the site.
SELECT min(d.ts) AS ts, max(d.ts) AS until, CASE d.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS actor, CASE d.dir WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS target,
       min(d.flow_id) AS flow_id, min(d.file << 32 | d.frame) >> 32 AS file, min(d.file << 32 | d.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} objects that claim to be without identity hold {}', count(*), list_aggregate(list_sort(list_distinct(flatten(list(
         list_filter(d.patient_fields, x -> x IN ('PatientBirthDate', 'PatientAddress', 'PatientTelephoneNumbers', 'OtherPatientIDs', 'OtherPatientNames', 'PatientBirthName',
           'PatientMotherBirthName', 'MedicalRecordLocator')) ORDER BY d.flow_id, d.seq)))), 'string_agg', ', ')) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' END AS level,
       list(DISTINCT d.flow_id ORDER BY d.flow_id)[1:500] AS flows
FROM dicom_dataset d JOIN flow f USING (flow_id)
WHERE d.kind = 'object' AND d.identity_removed = 'YES'
  AND list_has_any(d.patient_fields, ['PatientBirthDate', 'PatientAddress', 'PatientTelephoneNumbers', 'OtherPatientIDs', 'OtherPatientNames', 'PatientBirthName',
    'PatientMotherBirthName', 'MedicalRecordLocator'])
GROUP BY actor, target
