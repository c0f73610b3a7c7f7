-- title:    Many studies were fetched from an image archive
-- level:    high
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1213, T1119, T0882
-- needs:    dicom_message
-- fires:    dicom-bulk-pull
-- quiet:    dicom-basic, dicom-mass-query
-- benign:   migration of an archive; a batch for research or an algorithm; a teaching file
-- response: Block the title at the archive. Keep its log. Count the patients for the privacy office: their pseudonyms are in the case.
-- E03. 50 studies, 5,000 objects or 5 GB fetched by one host in an hour: a radiologist reads 5 to 20. Or three studies and more by a host that
-- did not speak to this archive in the first half of a capture of at least 30 minutes. Critical where objects go to a host that was no
-- archive's destination before.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
pulled AS (
  SELECT f.src_ip, f.dst_ip, m.ts, m.ts::TIMESTAMP AS t, m.flow_id, m.file, m.frame, m.command, m.move_destination, m.dataset_bytes,
         coalesce(d.study_count, 1) AS studies,
         (SELECT max(r.completed) FROM dicom_message r WHERE r.flow_id = m.flow_id AND r.message_id = m.message_id AND r.association_seq = m.association_seq
            AND r.command IN ('C-MOVE-RSP', 'C-GET-RSP')) AS objects,
         coalesce(d.study_uid, d.sop_instance, '') AS study
  FROM dicom_message m JOIN flow f USING (flow_id) LEFT JOIN dicom_dataset d ON d.flow_id = m.flow_id AND d.parent_seq = m.seq
  WHERE m.command IN ('C-MOVE-RQ', 'C-GET-RQ')),
hours AS (
  SELECT src_ip, dst_ip, t, sum(studies) OVER w AS studies, sum(coalesce(objects, 0)) OVER w AS objects
  FROM pulled WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW)),
known AS (
  SELECT DISTINCT f.src_ip, f.dst_ip FROM dicom_association x JOIN flow f USING (flow_id), span s WHERE x.ts < s.a + (s.b - s.a) / 2),
hot AS (
  SELECT h.src_ip, h.dst_ip, min(h.t) - INTERVAL 1 HOUR AS a, max(h.t) AS b,
         bool_or((h.src_ip, h.dst_ip) NOT IN (SELECT (src_ip, dst_ip) FROM known) AND s.b - s.a >= INTERVAL 30 MINUTES) AS stranger
  FROM hours h, span s
  WHERE h.studies >= coalesce(getvariable('pull_studies'), 50) OR h.objects >= coalesce(getvariable('pull_objects'), 5000)
     OR (h.studies >= 3 AND s.b - s.a >= INTERVAL 30 MINUTES AND (h.src_ip, h.dst_ip) NOT IN (SELECT (src_ip, dst_ip) FROM known))
  GROUP BY h.src_ip, h.dst_ip),
volume AS ( -- what the archive then stored, on the same association (C-GET) or on ones of its own (C-MOVE)
  SELECT h.src_ip, h.dst_ip, sum(m.dataset_bytes)::BIGINT AS bytes, count(*) AS objects, count(DISTINCT d.patient_id) AS patients, count(DISTINCT d.study_uid) AS studies,
         list(DISTINCT f.flow_id ORDER BY f.flow_id)[1:250] AS flows
  FROM hot h JOIN flow f ON (f.src_ip = h.src_ip AND f.dst_ip = h.dst_ip) OR (f.src_ip = h.dst_ip)
  JOIN dicom_message m ON m.flow_id = f.flow_id JOIN dicom_dataset d ON d.flow_id = m.flow_id AND d.parent_seq = m.seq
  WHERE m.command = 'C-STORE-RQ' AND m.ts::TIMESTAMP BETWEEN h.a AND h.b + INTERVAL 10 MINUTES
    AND ((f.src_ip = h.dst_ip AND m.move_originator_ae IS NOT NULL AND m.dir = 'client') OR (f.src_ip = h.src_ip AND m.dir = 'server'))
  GROUP BY h.src_ip, h.dst_ip)
SELECT min(p.ts) AS ts, max(p.ts) AS until, h.src_ip AS actor, h.dst_ip AS target, min(p.flow_id) AS flow_id,
       min(p.file << 32 | p.frame) >> 32 AS file, min(p.file << 32 | p.frame) & 4294967295 AS frame, count(*) AS count,
       format('asked {} times for {} studies to be sent{}{}{}', count(*), greatest(count(DISTINCT p.study), max(coalesce(v.studies, 0))),
              CASE WHEN max(p.move_destination) IS NOT NULL THEN ' to ' || max(p.move_destination) ELSE '' END,
              CASE WHEN max(v.objects) > 0 THEN format('; {} objects of {} patients went out, {}', max(v.objects), max(v.patients), format_bytes(max(v.bytes))) ELSE '' END,
              CASE WHEN bool_or(h.stranger) THEN ', never having spoken to this archive before' ELSE '' END) AS what,
       CASE WHEN bool_or(h.stranger) THEN 'critical' END AS level,
       list_concat(list(DISTINCT p.flow_id ORDER BY p.flow_id)[1:250], coalesce(max(v.flows), [])) AS flows
FROM hot h JOIN pulled p ON p.src_ip = h.src_ip AND p.dst_ip = h.dst_ip AND p.t BETWEEN h.a AND h.b
LEFT JOIN volume v ON v.src_ip = h.src_ip AND v.dst_ip = h.dst_ip
GROUP BY h.src_ip, h.dst_ip
