-- title:    Many studies were fetched from an image archive by DICOMweb
-- level:    high
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1213, T1119, T0882
-- needs:    dicomweb
-- fires:    dicomweb-bulk
-- quiet:    dicomweb-services
-- benign:   migration of an archive; a batch for research or an algorithm; a viewer that fetches ahead for a conference
-- response: Close the archive's web port to this address. Keep the log of the archive and of the proxy in front of it. Count the patients for the privacy office: their pseudonyms are in the case.
-- E03, the part of HTTP. 50 studies, 5,000 objects or 5 GB received by one host in an hour, objects, pictures and zip archives alike: a radiologist
-- reads 5 to 20 studies. Critical where the host is outside, or had not spoken to this archive in the first half of a capture of at least 30 minutes.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
got AS (
  SELECT f.src_ip, f.dst_ip, f.src_local AND f.dst_local AS inside, d.*, d.ts::TIMESTAMP AS t,
         coalesce(d.study_uid, CASE d.level WHEN 'study' THEN d.resource_id END, -- Orthanc's own interface may ask for single images
           (SELECT min(s.study_uid) FROM dicomweb_dataset s WHERE s.flow_id = d.flow_id AND s.trans_depth = d.trans_depth AND s.dir = 'server')) AS study
  FROM dicomweb d JOIN flow f USING (flow_id)
  WHERE d.status_code BETWEEN 200 AND 299 AND (d.objects_received > 0 OR d.operation IN ('retrieve_rendered', 'retrieve_frames', 'retrieve_bulkdata', 'archive'))),
hours AS (
  SELECT src_ip, dst_ip, t, count(DISTINCT study) OVER w AS studies, sum(greatest(objects_received, 1)) OVER w AS objects, sum(response_bytes) OVER w AS bytes
  FROM got WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW)),
hot AS (
  SELECT src_ip, dst_ip, min(t) - INTERVAL 1 HOUR AS a, max(t) AS b FROM hours
  WHERE studies >= coalesce(getvariable('pull_studies'), 50) OR objects >= coalesce(getvariable('pull_objects'), 5000) OR bytes >= coalesce(getvariable('pull_bytes'), 5000000000)
  GROUP BY src_ip, dst_ip),
known AS (SELECT DISTINCT f.src_ip, f.dst_ip FROM dicomweb d JOIN flow f USING (flow_id), span s WHERE d.ts < s.a + (s.b - s.a) / 2),
people AS (
  SELECT f.src_ip, f.dst_ip, count(DISTINCT coalesce(s.patient_id, s.patient_name)) AS n
  FROM dicomweb_dataset s JOIN flow f USING (flow_id) WHERE s.dir = 'server' GROUP BY f.src_ip, f.dst_ip),
searched AS (
  SELECT f.src_ip, f.dst_ip, max(d.results) AS n, list(DISTINCT d.flow_id ORDER BY d.flow_id)[1:100] AS flows FROM dicomweb d JOIN flow f USING (flow_id) WHERE d.operation IN ('search', 'find', 'list') GROUP BY f.src_ip, f.dst_ip)
SELECT min(g.ts) AS ts, max(g.ts) AS until, g.src_ip AS actor, g.dst_ip AS target, min(g.flow_id) AS flow_id,
       min(g.file << 32 | g.frame) >> 32 AS file, min(g.file << 32 | g.frame) & 4294967295 AS frame, count(*) AS count,
       format('fetched {} studies of {} patients in {} requests, {}{}{}', count(DISTINCT g.study), max(coalesce(p.n, 0)), count(*), format_bytes(sum(g.response_bytes)::BIGINT),
              CASE WHEN max(q.n) >= 10 THEN format(', after a search that gave {} matches', max(q.n)) ELSE '' END,
              CASE WHEN bool_and(g."authorization" = 'none') THEN ', without authorisation' ELSE '' END) AS what,
       CASE WHEN NOT bool_and(g.inside) OR bool_or(s.b - s.a >= INTERVAL 30 MINUTES AND k.src_ip IS NULL) THEN 'critical' END AS level,
       list_concat(list(DISTINCT g.flow_id ORDER BY g.flow_id)[1:400], coalesce(max(q.flows), [])) AS flows
FROM hot h JOIN got g ON g.src_ip = h.src_ip AND g.dst_ip = h.dst_ip AND g.t BETWEEN h.a AND h.b
LEFT JOIN known k ON k.src_ip = g.src_ip AND k.dst_ip = g.dst_ip LEFT JOIN people p ON p.src_ip = g.src_ip AND p.dst_ip = g.dst_ip
LEFT JOIN searched q ON q.src_ip = g.src_ip AND q.dst_ip = g.dst_ip, span s
GROUP BY g.src_ip, g.dst_ip
