-- title:    A computer that was no central station before asks a patient monitor for its data
-- level:    high
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1040, T0801, T0861
-- needs:    carescape
-- fires:    carescape-intruder
-- quiet:    carescape-ward
-- benign:   a second central station or a research recorder that clinical engineering started
-- response: Ask clinical engineering whose computer it is. Until then keep it from the monitors' network; the monitor itself stays as it is.
-- GE-01. Whoever asks is served, without any login. New is an address that asked when another one had been asking the same monitor for at least ten minutes.
WITH m AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.wanted, f.src_ip AS client, f.dst_ip AS monitor
  FROM carescape x JOIN flow f USING (flow_id) WHERE x.kind = 'request' AND x.dir = 'client'),
first_seen AS (SELECT monitor, client, min(ts) AS a, max(ts) AS b, list(DISTINCT flow_id ORDER BY flow_id)[1:50] AS flows FROM m GROUP BY ALL),
known AS (SELECT monitor, min(a) AS a FROM first_seen GROUP BY monitor),
late AS (
  SELECT s.monitor, s.client, flatten(list(o.flows ORDER BY o.a, o.client)) AS others FROM first_seen s JOIN known k USING (monitor)
  JOIN first_seen o ON o.monitor = s.monitor AND o.client <> s.client AND o.a < s.a AND o.b >= s.a - INTERVAL 10 MINUTES
  WHERE s.a >= k.a + INTERVAL 10 MINUTES GROUP BY s.monitor, s.client)
SELECT min(m.ts) AS ts, max(m.ts) AS until, m.client AS actor, m.monitor AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('asked the monitor {} {} times for {}, an address that had not asked before', m.monitor, count(*), string_agg(DISTINCT m.wanted, ' and ' ORDER BY m.wanted)) AS what,
       list_concat(list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:400], max(late.others)[1:100]) AS flows
FROM m JOIN late USING (monitor, client)
GROUP BY m.client, m.monitor
