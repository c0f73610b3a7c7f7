-- title:    Studies or images were deleted from an archive by HTTP
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1485, T0872
-- needs:    dicomweb
-- fires:    dicomweb-bulk, dicomweb-services
-- quiet:    dicom-unexpected-writes, http-scanner
-- benign:   an administrator who removes a double or a test study; a retention job
-- response: Ask the archive's administrator at once whether this was meant. Stop its clean-up jobs, so that what is gone can be brought back. Keep its log.
-- S13, the part of HTTP: DELETE on a patient, study, series or instance that was answered with success. Medium where the address also stored objects
-- there: then it works on the archive's content, and may tidy up after itself.
WITH gone AS (
  SELECT f.src_ip, f.dst_ip, d.*, coalesce(d.sop_instance, d.series_uid, d.study_uid, d.resource_id) AS what_id
  FROM dicomweb d JOIN flow f USING (flow_id) WHERE d.operation = 'delete' AND d.status_code BETWEEN 200 AND 299),
stored AS (
  SELECT DISTINCT f.src_ip, f.dst_ip FROM dicomweb d JOIN flow f USING (flow_id) WHERE d.objects_sent > 0 AND d.status_code BETWEEN 200 AND 299)
SELECT min(g.ts) AS ts, max(g.ts) AS until, g.src_ip AS actor, g.dst_ip AS target, min(g.flow_id) AS flow_id,
       min(g.file << 32 | g.frame) >> 32 AS file, min(g.file << 32 | g.frame) & 4294967295 AS frame, count(*) AS count,
       format('deleted {} of level {}{}', count(DISTINCT g.what_id), string_agg(DISTINCT g.level, ', ' ORDER BY g.level),
              CASE WHEN bool_and(g."authorization" = 'none') THEN ', without authorisation' ELSE '' END) AS what,
       CASE WHEN bool_or(s.src_ip IS NOT NULL) THEN 'medium' END AS level,
       list(DISTINCT g.flow_id ORDER BY g.flow_id)[1:500] AS flows
FROM gone g LEFT JOIN stored s ON s.src_ip = g.src_ip AND s.dst_ip = g.dst_ip
GROUP BY g.src_ip, g.dst_ip
