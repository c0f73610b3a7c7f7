-- title:    An image archive was kept busy with associations that carry nothing
-- level:    high
-- kind:     attack
-- stage:    denial
-- attack:   T1499.002, T0814
-- needs:    dicom_association
-- fires:    dicom-association-flood
-- quiet:    dicom-basic, dicom-ae-guessing, dicom-echo-sweep
-- benign:   a monitoring system that asks far too often
-- response: Limit the associations of one address at the archive. Ask radiology whether images came through meanwhile.
-- D11. 50 associations of one host in 60 s that carried no data set (devices that open one for each image are left out so), ten refusals because the archive
-- was full in 60 s, or 20 associations of one host that stayed open a minute without a message: most archives take 20 to 100 at a time.
WITH x AS (
  SELECT f.src_ip, f.dst_ip, a.ts, a.ts::TIMESTAMP AS t, a.flow_id, a.file, a.frame,
         CASE WHEN a.result = 'rejected' AND a.reject_reason IN ('temporary_congestion', 'local_limit_exceeded') THEN 'full'
              WHEN a.result = 'rejected' THEN 'refused'
              WHEN coalesce(a.messages, 0) = 0 AND a.result = 'accepted' AND f.until - a.ts >= INTERVAL 60 SECONDS THEN 'idle' ELSE 'empty' END AS kind
  FROM dicom_association a JOIN flow f USING (flow_id)
  WHERE coalesce(a.client_dataset_bytes, 0) = 0 AND coalesce(a.server_dataset_bytes, 0) = 0),
near AS (
  SELECT src_ip, dst_ip, t, count(*) OVER minute AS n, count(*) FILTER (WHERE kind = 'full') OVER minute AS fulls, count(*) FILTER (WHERE kind = 'idle') OVER ten AS idles
  FROM x WHERE kind <> 'refused'
  WINDOW minute AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 60 SECONDS PRECEDING AND CURRENT ROW),
         ten AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 10 MINUTES PRECEDING AND CURRENT ROW)),
span AS (
  SELECT src_ip, dst_ip, min(t) - CASE WHEN max(idles) >= 20 THEN INTERVAL 10 MINUTES ELSE INTERVAL 60 SECONDS END AS a, max(t) AS b
  FROM near WHERE n >= coalesce(getvariable('association_min'), 50) OR fulls >= 10 OR idles >= 20 GROUP BY ALL)
SELECT min(x.ts) AS ts, max(x.ts) AS until, s.src_ip AS actor, s.dst_ip AS target, min(x.flow_id) AS flow_id, min(x.file << 32 | x.frame) >> 32 AS file,
       min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('opened {} associations that carried nothing within {} s{}', count(*), greatest(1, ceil(epoch(max(x.t) - min(x.t)))::BIGINT),
              CASE WHEN count(*) FILTER (WHERE x.kind = 'full') > 0 THEN format(', {} were refused because the archive was full', count(*) FILTER (WHERE x.kind = 'full')) ELSE '' END) AS what,
       list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:500] AS flows
FROM x JOIN span s ON x.src_ip = s.src_ip AND x.dst_ip = s.dst_ip AND x.t BETWEEN s.a AND s.b AND x.kind <> 'refused'
GROUP BY s.src_ip, s.dst_ip
