-- title:    An image object carried a program
-- level:    high
-- kind:     attack
-- stage:    lateral
-- attack:   T1036, T1027
-- needs:    dicom_dataset
-- fires:    dicom-polyglot
-- quiet:    dicom-basic, dicom-transfer-syntaxes
-- benign:   none known; a TIFF in the preamble is lawful and not reported
-- response: Ask the archive's administrator to hold the object, and have it examined before anybody opens or exports it.
-- S14. The first 128 bytes of a DICOM file are free, so that one file can be both an image and a program (CVE-2019-11687).
SELECT min(d.ts) AS ts, max(d.ts) AS until, CASE d.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS actor,
       CASE d.dir WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS target, min(d.flow_id) AS flow_id, min(d.file << 32 | d.frame) >> 32 AS file,
       min(d.file << 32 | d.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} objects with a program inside', count(*)) AS what,
       list(DISTINCT d.flow_id ORDER BY d.flow_id)[1:500] AS flows
FROM dicom_dataset d JOIN flow f USING (flow_id) WHERE d.executable
GROUP BY actor, target
