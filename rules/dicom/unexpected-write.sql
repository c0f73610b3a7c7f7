-- title:    Images were rejected, or a film or order deleted, by an address that has no part in them
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T0855, T0872
-- needs:    dicom_message
-- fires:    dicom-unexpected-writes
-- quiet:    dicom-services, dicom-normalized, dicom-documents
-- benign:   a workstation for quality control that is new, or whose other images are not in the capture; an administrator
-- response: Ask the archive which images are hidden or gone, and put them back. Ask who works at the address.
-- S13. An archive hides images on a key object selection whose title rejects them (DCM 113001, 113037, 113038, 113039), if it takes part in
-- IHE's Image Object Change Management; who sends one is usually who sends images. Deletions of what the same address created are routine.
WITH stored AS ( -- who stores images, reports or documents
  SELECT DISTINCT CASE d.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS ip FROM dicom_dataset d JOIN flow f USING (flow_id)
  WHERE d.kind = 'object' AND coalesce(d.modality, '') <> 'KO'),
created AS (
  SELECT DISTINCT CASE m.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS ip, m.sop_instance FROM dicom_message m JOIN flow f USING (flow_id)
  WHERE m.command IN ('N-CREATE-RQ', 'N-CREATE-RSP') AND m.sop_instance IS NOT NULL),
write AS (
  SELECT d.ts, d.flow_id, d.file, d.frame, CASE d.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS ip, CASE d.dir WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS server,
         format('rejected images ({})', coalesce(d.concept_meaning, d.concept_code)) AS did
  FROM dicom_dataset d JOIN flow f USING (flow_id)
  WHERE d.kind = 'object' AND d.sop_class = '1.2.840.10008.5.1.4.1.1.88.59' AND d.concept_code IN ('113001', '113037', '113038', '113039')
    AND CASE d.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END NOT IN (SELECT ip FROM stored)
  UNION ALL
  SELECT m.ts, m.flow_id, m.file, m.frame, f.src_ip, f.dst_ip, format('deleted a {}', coalesce(m.sop_class_name, 'SOP instance'))
  FROM dicom_message m JOIN flow f USING (flow_id)
  WHERE m.command = 'N-DELETE-RQ' AND m.dir = 'client' AND NOT EXISTS (SELECT 1 FROM created c WHERE c.ip IN (f.src_ip, f.dst_ip) AND c.sop_instance = m.sop_instance))
SELECT min(ts) AS ts, max(ts) AS until, ip AS actor, server AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count, string_agg(DISTINCT did, '; ' ORDER BY did) AS what,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM write GROUP BY ip, server
