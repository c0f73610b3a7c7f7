-- title:    A scanning tool asked for the names of an image archive
-- level:    high
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1046, T1110, T0846
-- needs:    dicom_association
-- fires:    dicom-nmap-ping
-- quiet:    dicom-basic, dicom-ae-guessing
-- benign:   none: a real program of the same name and version goes on to verify
-- response: Ask who runs scans. Look for guessed titles by the same address.
-- R11. The fixed values in nmap's DICOM scripts: titles ANY-SCP and ECHOSCU, the implementation of DCMTK 3.6.2, Verification in implicit little
-- endian alone, and no message before the end.
SELECT min(a.ts) AS ts, max(a.until) AS until, f.src_ip AS actor, f.dst_ip AS target, min(a.flow_id) AS flow_id,
       min(a.file << 32 | a.frame) >> 32 AS file, min(a.file << 32 | a.frame) & 4294967295 AS frame, count(*) AS count,
       format('asked {} times for an association with the built-in values of nmap''s DICOM scripts and sent nothing else', count(*)) AS what,
       list(DISTINCT a.flow_id ORDER BY a.flow_id)[1:500] AS flows
FROM dicom_association a JOIN flow f USING (flow_id)
WHERE a.calling_ae = 'ECHOSCU' AND a.calling_implementation_uid = '1.2.276.0.7230010.3.0.3.6.2' AND a.calling_version = 'OFFIS_DCMTK_362'
  AND a.verification_only AND a.contexts_proposed = 1 AND a.messages = 0
GROUP BY f.src_ip, f.dst_ip
