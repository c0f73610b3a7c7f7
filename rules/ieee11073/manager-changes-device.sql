-- title:    A manager that was not there before set a health device's clock or cleared its readings
-- level:    medium
-- kind:     attack
-- stage:    command
-- attack:   T1565.001, T0855, T0809
-- needs:    ieee11073
-- fires:    ieee11073-intruder
-- quiet:    ieee11073-ward
-- benign:   a new hub or telephone that the device was paired with
-- response: Ask whose manager it is. Compare what the device still holds with what its usual manager has received; check its clock.
-- PHD-01. IEEE 11073-20601 does not authenticate a manager. New is one that had not spoken with the device in the first half of a capture of at
-- least 30 minutes. High where stored readings were cleared: they exist nowhere else if nobody had fetched them.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
peer AS (
  SELECT DISTINCT f.src_ip AS a, f.dst_ip AS b FROM flow f, span s WHERE f.service = 'ieee11073' AND f.ts < s.a + (s.b - s.a) / 2),
ordered AS (
  SELECT x.*, CASE x.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS manager, CASE x.dir WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS agent
  FROM ieee11073 x JOIN flow f USING (flow_id), span s
  WHERE s.b - s.a >= INTERVAL 30 MINUTES AND x.ts >= s.a + (s.b - s.a) / 2 AND x.service IN ('action', 'confirmed_action')
    AND x.name IN ('MDC_ACT_SET_TIME', 'MDC_ACT_SEG_CLR'))
SELECT min(o.ts) AS ts, max(o.ts) AS until, o.manager AS actor, o.agent AS target, min(o.flow_id) AS flow_id, min(o.file << 32 | o.frame) >> 32 AS file,
       min(o.file << 32 | o.frame) & 4294967295 AS frame, count(*) AS count,
       format('{}, a manager that had not spoken with the device before', array_to_string(list_filter([
              CASE WHEN bool_or(o.name = 'MDC_ACT_SET_TIME') THEN format('set the clock {} times', count(*) FILTER (o.name = 'MDC_ACT_SET_TIME')) END,
              CASE WHEN bool_or(o.name = 'MDC_ACT_SEG_CLR') THEN format('cleared stored readings {} times', count(*) FILTER (o.name = 'MDC_ACT_SEG_CLR')) END],
              lambda x: x IS NOT NULL), ' and ')) AS what,
       CASE WHEN bool_or(o.name = 'MDC_ACT_SEG_CLR') THEN 'high' END AS level,
       list(DISTINCT o.flow_id ORDER BY o.flow_id)[1:500] AS flows
FROM ordered o
WHERE NOT EXISTS (SELECT 1 FROM peer p WHERE (p.a = o.manager AND p.b = o.agent) OR (p.a = o.agent AND p.b = o.manager))
GROUP BY o.manager, o.agent
