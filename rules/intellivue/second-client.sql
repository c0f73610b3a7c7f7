-- title:    A computer that was no client of a patient monitor before takes its data
-- level:    high
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1040, T0801, T0861
-- needs:    intellivue
-- fires:    intellivue-second-client
-- quiet:    intellivue-monitor
-- benign:   a second central station or a research recorder that clinical engineering started
-- response: Ask clinical engineering whose computer it is. Until then keep it from the monitors' network; the monitor itself stays as it is.
-- IV-01. A monitor gives its data, the patient's name and all alarms to whoever associates. New is a client that associated, or polled, when another
-- client had done so for at least ten minutes, and was not there before. Critical where it took the patient's demographics.
WITH m AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.kind, x.polled, CASE WHEN x.dir = 'client' THEN f.src_ip ELSE f.dst_ip END AS client,
         CASE WHEN x.dir = 'client' THEN f.dst_ip ELSE f.src_ip END AS monitor
  FROM intellivue x JOIN flow f USING (flow_id)
  WHERE x.sender = 'client' AND x.kind IN ('association_request', 'invoke')),
first_seen AS (SELECT monitor, client, min(ts) AS a, max(ts) AS b, list(DISTINCT flow_id ORDER BY flow_id)[1:50] AS flows FROM m GROUP BY ALL),
known AS (SELECT monitor, min(a) AS a FROM first_seen GROUP BY monitor),
late AS (
  SELECT s.monitor, s.client, flatten(list(o.flows ORDER BY o.a, o.client)) AS others FROM first_seen s JOIN known k USING (monitor)
  JOIN first_seen o ON o.monitor = s.monitor AND o.client <> s.client AND o.a < s.a AND o.b >= s.a - INTERVAL 10 MINUTES
  WHERE s.a >= k.a + INTERVAL 10 MINUTES GROUP BY s.monitor, s.client)
SELECT min(m.ts) AS ts, max(m.ts) AS until, m.client AS actor, m.monitor AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('a new client of the monitor {} sent {} requests{}', m.monitor, count(*),
              CASE WHEN count(*) FILTER (m.polled = 'patient') > 0 THEN ', for the patient''s name and number among them' ELSE '' END) AS what,
       CASE WHEN count(*) FILTER (m.polled = 'patient') > 0 THEN 'critical' END AS level,
       list_concat(list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:400], max(late.others)[1:100]) AS flows
FROM m JOIN late USING (monitor, client)
GROUP BY m.client, m.monitor
