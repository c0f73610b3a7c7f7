-- title:    A scanner was given two patients for one order, or somebody else ended its examination
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T0836
-- needs:    dicom_message
-- fires:    dicom-worklist-contradiction
-- quiet:    dicom-worklist, dicom-worklist-keys, dicom-services, dicom-normalized
-- benign:   an order that was corrected between two questions; a broker that reports for scanners under an address of its own
-- response: Compare name and birth date at the scanner with the patient before the next examination. Ask radiology which worklist is the right one.
-- S09. Answers of a modality worklist that name different patients for one accession number within ten minutes, from different addresses; and a
-- performed procedure step that is changed by another address than the one that began it.
WITH answer AS (
  SELECT m.ts, m.flow_id, m.file, m.frame, f.src_ip AS scanner, f.dst_ip AS server, d.accession_number, d.patient_id
  FROM dicom_message m JOIN flow f USING (flow_id) JOIN dicom_dataset d ON d.flow_id = m.flow_id AND d.parent_seq = m.seq
  WHERE m.command = 'C-FIND-RSP' AND m.sop_class = '1.2.840.10008.5.1.4.31' AND d.accession_number IS NOT NULL AND d.patient_id IS NOT NULL),
step AS (
  SELECT m.ts, m.flow_id, m.file, m.frame, f.src_ip, f.dst_ip, m.command, m.sop_instance
  FROM dicom_message m JOIN flow f USING (flow_id)
  WHERE m.dir = 'client' AND m.sop_class = '1.2.840.10008.3.1.2.3.3' AND m.command IN ('N-CREATE-RQ', 'N-SET-RQ') AND m.sop_instance IS NOT NULL),
wrong AS (
  SELECT b.ts, b.flow_id, b.file, b.frame, a.flow_id AS other, b.server AS ip, b.scanner AS victim, b.accession_number AS thing,
         format('answered with another patient than {} did for the same order', a.server) AS did
  FROM answer a JOIN answer b ON a.accession_number = b.accession_number AND a.patient_id <> b.patient_id AND a.server <> b.server
    AND a.ts < b.ts AND b.ts::TIMESTAMP - a.ts::TIMESTAMP <= INTERVAL 10 MINUTES
  UNION ALL
  SELECT b.ts, b.flow_id, b.file, b.frame, a.flow_id, b.src_ip, b.dst_ip, b.sop_instance, format('changed an examination that {} had begun', a.src_ip)
  FROM step a JOIN step b ON a.sop_instance = b.sop_instance AND a.command = 'N-CREATE-RQ' AND b.command = 'N-SET-RQ' AND a.src_ip <> b.src_ip AND a.dst_ip = b.dst_ip
    AND a.ts < b.ts)
SELECT min(ts) AS ts, max(ts) AS until, ip AS actor, victim AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(DISTINCT thing) AS count,
       format('{}, {} times', string_agg(DISTINCT did, '; ' ORDER BY did), count(DISTINCT thing)) AS what,
       list_sort(list_distinct(list(flow_id ORDER BY flow_id) || list(other ORDER BY other)))[1:500] AS flows
FROM wrong GROUP BY ip, victim
