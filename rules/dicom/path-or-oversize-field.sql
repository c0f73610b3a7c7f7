-- title:    A DICOM name or number held a path, or what no reader expects
-- level:    critical
-- kind:     attack
-- stage:    lateral
-- attack:   T1190, T1210, T0866
-- needs:    dicom_association
-- fires:    dicom-malformed
-- quiet:    dicom-basic, dicom-charsets, dicom-negotiation
-- benign:   none for a path; for the rest a device with faulty software, which does so with each object
-- response: See whether the receiver wrote a file outside its folder, and update it. Keep the packets.
-- S15. Receivers have named files by the object's number or the caller's title (CVE-2022-2119, CVE-2022-2120): / \ .. : lead out of the folder. Medium for
-- numbers that are none (other characters, more than 64) and for packets longer than the receiver said it takes.
WITH bad AS (
  SELECT a.ts, a.flow_id, a.file, a.frame, 'titles that are a path' AS why, true AS path FROM dicom_association a WHERE a.path_characters
  UNION ALL SELECT m.ts, m.flow_id, m.file, m.frame, 'object numbers that are a path', true FROM dicom_message m WHERE m.path_characters AND m.command LIKE '%-RQ'
  UNION ALL SELECT d.ts, d.flow_id, d.file, d.frame, 'elements that are a path', true FROM dicom_dataset d WHERE d.path_characters AND d.command LIKE '%-RQ'
  UNION ALL SELECT m.ts, m.flow_id, m.file, m.frame, 'object numbers that are none', false FROM dicom_message m
  WHERE m.invalid_uid AND NOT m.path_characters AND m.command LIKE '%-RQ'
  UNION ALL SELECT a.ts, a.flow_id, a.file, a.frame, 'packets longer than the receiver takes', false FROM dicom_association a WHERE a.oversize_pdus > 0)
SELECT min(b.ts) AS ts, max(b.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(b.flow_id) AS flow_id,
       arg_min(b.file << 32 | b.frame, (NOT b.path, b.file << 32 | b.frame) ORDER BY b.file << 32 | b.frame) >> 32 AS file,
       arg_min(b.file << 32 | b.frame, (NOT b.path, b.file << 32 | b.frame) ORDER BY b.file << 32 | b.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {}', string_agg(DISTINCT b.why, ', ' ORDER BY b.why)) AS what,
       CASE WHEN NOT bool_or(b.path) THEN 'medium' END AS level,
       list(DISTINCT b.flow_id ORDER BY b.flow_id)[1:500] AS flows
FROM bad b JOIN flow f USING (flow_id)
GROUP BY f.src_ip, f.dst_ip
