-- title:    Images or patient lists were sent to an address outside the site
-- level:    critical
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1048, T0882
-- needs:    flow
-- fires:    dicom-outside, ward-night
-- quiet:    dicom-basic, quiet-ward, http-pipelined
-- benign:   tele-radiology or a research partner by contract, which should come through a protected network
-- response: Ask who has a contract with this address. Block it until somebody says so. Count the patients for the privacy office: their pseudonyms are in the case.
-- E04. Data sets with images, matches or reports by DICOM, and files that begin as DICOM does or are declared as such by HTTP, from an address of the site
-- to one that is not. High if the same two did so in the first half of a capture of at least 30 minutes: then it is a habit.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
out_rows AS (
  SELECT 'DICOM' AS how, d.ts, d.flow_id, d.file, d.frame, d.dataset_bytes AS bytes, coalesce(d.patient_id, d.patient_name) AS patient,
         CASE WHEN d.dir = 'client' THEN f.src_ip ELSE f.dst_ip END AS inside, CASE WHEN d.dir = 'client' THEN f.dst_ip ELSE f.src_ip END AS outside
  FROM dicom_dataset d JOIN flow f USING (flow_id)
  WHERE d.kind IN ('object', 'match', 'attributes') AND ((d.dir = 'client' AND f.src_local AND NOT f.dst_local) OR (d.dir = 'server' AND f.dst_local AND NOT f.src_local))
  UNION ALL
  SELECT 'HTTP', h.ts, h.flow_id, h.file, h.frame, h.request_body_len, NULL, f.src_ip, f.dst_ip
  FROM http h JOIN flow f USING (flow_id)
  WHERE f.src_local AND NOT f.dst_local AND NOT h.reversed AND (coalesce(h.request_content_type, '') ILIKE '%application/dicom%' OR list_contains(h.orig_mime_types, 'application/dicom'))
  UNION ALL
  SELECT 'HTTP', h.ts, h.flow_id, h.file, h.frame, h.response_body_len, NULL, f.dst_ip, f.src_ip
  FROM http h JOIN flow f USING (flow_id)
  WHERE f.dst_local AND NOT f.src_local AND NOT h.reversed AND (coalesce(h.response_content_type, '') ILIKE '%application/dicom%' OR list_contains(h.resp_mime_types, 'application/dicom')))
SELECT min(o.ts) AS ts, max(o.ts) AS until, o.inside AS actor, o.outside AS target, min(o.flow_id) AS flow_id, min(o.file << 32 | o.frame) >> 32 AS file,
       min(o.file << 32 | o.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} objects{} to an address outside by {}, {}', count(*),
              CASE WHEN count(DISTINCT o.patient) > 0 THEN format(' of {} patients', count(DISTINCT o.patient)) ELSE '' END, o.how, format_bytes(sum(o.bytes)::BIGINT)) AS what,
       CASE WHEN bool_or(s.b - s.a >= INTERVAL 30 MINUTES AND o.ts < s.a + (s.b - s.a) / 2) THEN 'high' END AS level,
       list(DISTINCT o.flow_id ORDER BY o.flow_id)[1:500] AS flows
FROM out_rows o, span s
GROUP BY o.inside, o.outside, o.how
