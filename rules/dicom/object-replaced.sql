-- title:    A stored image was replaced by another one under its name
-- level:    critical
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.001, T0832
-- needs:    dicom_dataset
-- fires:    dicom-object-replaced
-- quiet:    dicom-basic, dicom-transfer-syntaxes, dicom-charsets
-- benign:   a router that corrects demographics (pixels and clinical content then stay the same, which is no finding); compression on the way
-- response: Ask radiology to hold the study. Compare both versions before anyone reads it.
-- S08. The UID of an object is never used again for other content. Pixels and clinical content are compared apart from names and identifiers,
-- within one transfer syntax.
WITH stored AS (
  SELECT f.src_ip, f.dst_ip, d.sop_instance, d.pixel_digest, d.content_digest, d.transfer_syntax, d.modality, d.ts, d.flow_id, d.file, d.frame
  FROM dicom_dataset d JOIN flow f USING (flow_id)
  WHERE d.kind = 'object' AND d.complete AND d.sop_instance IS NOT NULL AND (d.pixel_digest IS NOT NULL OR d.content_digest IS NOT NULL)),
pair AS (
  SELECT a.sop_instance, a.ts AS first_ts, b.ts, b.flow_id, b.file, b.frame, a.src_ip AS first_src, b.src_ip, b.dst_ip, a.flow_id AS first_flow, b.modality,
         a.pixel_digest IS DISTINCT FROM b.pixel_digest AS pixels
  FROM stored a JOIN stored b ON a.sop_instance = b.sop_instance AND a.transfer_syntax = b.transfer_syntax AND (a.ts, a.flow_id) < (b.ts, b.flow_id)
  WHERE a.pixel_digest IS DISTINCT FROM b.pixel_digest OR a.content_digest IS DISTINCT FROM b.content_digest)
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(DISTINCT sop_instance) AS count,
       format('stored {} objects{} again with other {} than at {}{}', count(DISTINCT sop_instance),
              CASE WHEN max(modality) IS NULL THEN '' ELSE ' (' || max(modality) || ')' END,
              CASE WHEN bool_or(pixels) THEN 'pixels' ELSE 'clinical content' END, strftime(min(first_ts), '%H:%M:%S'),
              CASE WHEN bool_or(first_src <> src_ip) THEN ', when they came from ' || min(first_src) ELSE '' END) AS what,
       list_sort(list_distinct(list(flow_id ORDER BY flow_id) || list(first_flow ORDER BY first_flow)))[1:500] AS flows
FROM pair GROUP BY src_ip, dst_ip
