-- title:    Images and patients cross in clear by DICOMweb
-- level:    high
-- kind:     posture
-- stage:    exposure
-- attack:   T1040
-- needs:    dicomweb
-- fires:    dicomweb-services, dicomweb-bulk
-- quiet:    http-pipelined, fhir-work, dicom-basic
-- benign:   a test archive with invented patients; a proxy that speaks TLS to the outside and clear to an archive on the same rack
-- response: Plan HTTPS for this archive, and authorisation if it answers without. Ask first which viewers and devices speak to it.
-- P04. One finding a server: objects, images and patients that crossed, how many requests were answered without authorisation, and how many named a
-- patient in their address, where logs of servers and proxies keep it. Critical where one end is outside.
WITH x AS (
  SELECT d.*, f.src_ip, f.dst_ip, f.dst_port, f.src_local AND f.dst_local AS inside, d.status_code BETWEEN 200 AND 299 AS answered,
         d.operation IN ('retrieve_rendered', 'retrieve_frames', 'retrieve_thumbnail', 'retrieve_bulkdata', 'archive') AS pictures
  FROM dicomweb d JOIN flow f USING (flow_id) WHERE coalesce(d.service, '') <> 'file'),
patients AS (
  SELECT f.dst_ip, f.dst_port, count(DISTINCT coalesce(s.patient_id, s.patient_name)) AS n
  FROM dicomweb_dataset s JOIN flow f USING (flow_id) WHERE s.kind <> 'query' GROUP BY f.dst_ip, f.dst_port)
SELECT min(x.ts) AS ts, max(x.ts) AS until, CASE WHEN count(DISTINCT x.src_ip) = 1 THEN min(x.src_ip) ELSE format('{} addresses', count(DISTINCT x.src_ip)) END AS actor,
       x.dst_ip AS target, min(x.flow_id) AS flow_id, min(x.file << 32 | x.frame) >> 32 AS file, min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} requests to {}, port {}: {} objects and {} answers with pictures, of {} patients, crossed in clear; {} were answered without authorisation, {} named a patient in their address',
              count(*), x.dst_ip, x.dst_port, sum(x.objects_sent + x.objects_received), count(*) FILTER (x.pictures AND x.answered), max(coalesce(p.n, 0)),
              count(*) FILTER (x.answered AND x."authorization" = 'none'), count(*) FILTER (x.patient_in_uri)) AS what,
       CASE WHEN NOT bool_and(x.inside) THEN 'critical' END AS level,
       list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:500] AS flows
FROM x LEFT JOIN patients p ON p.dst_ip = x.dst_ip AND p.dst_port = x.dst_port
GROUP BY x.dst_ip, x.dst_port
HAVING sum(x.objects_sent + x.objects_received) > 0 OR max(coalesce(p.n, 0)) > 0 OR bool_or(x.pictures AND x.answered)
