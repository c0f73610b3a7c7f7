-- title:    Somebody subscribed to everything an MQTT broker carries
-- level:    medium
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1119, T0861, T0802
-- needs:    mqtt_subscription
-- fires:    mqtt-harvest
-- quiet:    mqtt-vitals, quiet-mqtt-bridge
-- benign:   a bridge between brokers; a station for monitoring that was set up during the capture
-- response: Give each client the topics that it needs at the broker. Count the patients whose values went to this address.
-- R15. A filter that takes everything (#, +/#, $SYS/#), granted to an address that did not ask for it in the first half of a capture of at least
-- 30 minutes: sensors publish, stations subscribe to a tree of their own. High when 100 messages followed.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
s AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.filter, x.client_id, f.src_ip, f.dst_ip, x.ts < p.a + (p.b - p.a) / 2 AS early, p.b - p.a >= INTERVAL 30 MINUTES AS judged
  FROM mqtt_subscription x JOIN flow f USING (flow_id), span p
  WHERE x.broad AND coalesce(x.return_code, 0) < 128),
late AS (
  SELECT * FROM s WHERE judged AND NOT early AND (src_ip, dst_ip) NOT IN (SELECT (src_ip, dst_ip) FROM s WHERE early)),
got AS (
  SELECT f.src_ip, f.dst_ip, count(*) AS n, count(DISTINCT m.topic) AS topics, max(m.ts) AS until
  FROM mqtt m JOIN flow f USING (flow_id) JOIN (SELECT src_ip, dst_ip, min(ts) AS since FROM s SEMI JOIN late USING (src_ip, dst_ip) GROUP BY ALL) q ON q.src_ip = f.src_ip AND q.dst_ip = f.dst_ip
  WHERE m.ptype = 'PUBLISH' AND m.dir = 'server' AND m.ts >= q.since GROUP BY ALL)
SELECT min(s.ts) AS ts, greatest(max(s.ts), max(g.until)) AS until, s.src_ip AS actor, s.dst_ip AS target, min(s.flow_id) AS flow_id,
       min(s.file << 32 | s.frame) >> 32 AS file, min(s.file << 32 | s.frame) & 4294967295 AS frame, coalesce(max(g.n), 0) AS count,
       format('asked the MQTT broker for everything ({}) and was sent {} messages on {} topics, not having done so before', string_agg(DISTINCT s.filter, ', ' ORDER BY s.filter),
              coalesce(max(g.n), 0), coalesce(max(g.topics), 0)) AS what,
       CASE WHEN max(g.n) >= 100 THEN 'high' END AS level,
       list(DISTINCT s.flow_id ORDER BY s.flow_id)[1:500] AS flows
FROM late s LEFT JOIN got g ON g.src_ip = s.src_ip AND g.dst_ip = s.dst_ip
GROUP BY s.src_ip, s.dst_ip
