-- title:    Somebody guessed the names under which an image archive answers
-- level:    high
-- kind:     attack
-- stage:    credentials
-- attack:   T1110.001, T0859
-- needs:    dicom_association
-- fires:    dicom-ae-guessing
-- quiet:    dicom-negotiation, dicom-basic
-- benign:   a modality after its title was changed (one title, tried again and again)
-- response: If a title was accepted, list what was asked for and fetched afterwards. Let the archive take known titles from known addresses only.
-- C07. Ten rejections of an unknown title in 10 minutes, five different ones: the AE title is the only key that most archives have, and a wrong
-- configuration repeats a single one. Critical when one was accepted afterwards.
WITH tried AS (
  SELECT f.src_ip, f.dst_ip, f.dst_port, a.ts, a.ts::TIMESTAMP AS t, a.flow_id, a.file, a.frame, a.calling_ae, a.called_ae, a.result,
         a.result = 'rejected' AND a.reject_reason IN ('called_ae_not_recognized', 'calling_ae_not_recognized') AS refused
  FROM dicom_association a JOIN flow f USING (flow_id)),
near AS (
  SELECT src_ip, dst_ip, dst_port, t, count(*) OVER w AS n, greatest(count(DISTINCT called_ae) OVER w, count(DISTINCT calling_ae) OVER w) AS titles
  FROM tried WHERE refused
  WINDOW w AS (PARTITION BY src_ip, dst_ip, dst_port ORDER BY t RANGE BETWEEN INTERVAL 10 MINUTES PRECEDING AND CURRENT ROW)),
span AS (
  SELECT src_ip, dst_ip, dst_port, min(t) - INTERVAL 10 MINUTES AS a, max(t) AS b
  FROM near WHERE n >= coalesce(getvariable('ae_refused_min'), 10) AND titles >= 5 GROUP BY ALL),
then_in AS (
  SELECT s.src_ip, s.dst_ip, s.dst_port, min(t.ts) AS ts, arg_min(t.flow_id, t.ts ORDER BY t.ts, t.called_ae, t.flow_id) AS flow_id, arg_min(t.called_ae, t.ts ORDER BY t.ts, t.called_ae) AS title
  FROM span s JOIN tried t ON t.src_ip = s.src_ip AND t.dst_ip = s.dst_ip AND t.dst_port = s.dst_port
  WHERE t.result = 'accepted' AND t.t BETWEEN s.a AND s.b + INTERVAL 60 MINUTES
    AND t.t > (SELECT min(x.t) FROM tried x WHERE x.refused AND x.src_ip = s.src_ip AND x.dst_ip = s.dst_ip AND x.t >= s.a) GROUP BY ALL)
SELECT min(t.ts) AS ts, greatest(max(t.ts), max(i.ts)) AS until, s.src_ip AS actor, s.dst_ip AS target, min(t.flow_id) AS flow_id,
       min(t.file << 32 | t.frame) >> 32 AS file, min(t.file << 32 | t.frame) & 4294967295 AS frame, count(*) AS count,
       format('tried {} titles in {} associations that were refused{}', greatest(count(DISTINCT t.called_ae), count(DISTINCT t.calling_ae)), count(*),
              CASE WHEN max(i.title) IS NULL THEN '' ELSE format(', then {} was accepted at {}', max(i.title), strftime(max(i.ts), '%H:%M:%S')) END) AS what,
       CASE WHEN max(i.title) IS NOT NULL THEN 'critical' END AS level,
       list_concat(list(DISTINCT t.flow_id ORDER BY t.flow_id)[1:499], coalesce([max(i.flow_id)], [])) AS flows
FROM span s JOIN tried t ON t.src_ip = s.src_ip AND t.dst_ip = s.dst_ip AND t.dst_port = s.dst_port AND t.t BETWEEN s.a AND s.b AND t.refused
LEFT JOIN then_in i ON i.src_ip = s.src_ip AND i.dst_ip = s.dst_ip AND i.dst_port = s.dst_port
GROUP BY s.src_ip, s.dst_ip, s.dst_port
