-- title:    An MQTT broker was flooded with messages
-- level:    high
-- kind:     attack
-- stage:    denial
-- attack:   T1499.002, T0814
-- needs:    mqtt
-- fires:    mqtt-publish-flood
-- quiet:    mqtt-vitals, mqtt-connect-flood, mqtt-v5
-- benign:   an update of firmware sent by MQTT; a gateway that sends what it had kept while it was cut off
-- response: Let the broker limit what one client may send. Ask clinical engineering whether values of sensors were lost meanwhile.
-- D07. 2,000 PUBLISH of one host in 10 s, or 200 where that is 20 times its own median: sensors send a value a second, waveforms some dozens.
WITH tick AS ( -- many messages come in a packet: counted by its time they are few
  SELECT f.src_ip, f.dst_ip, m.ts::TIMESTAMP AS t, count(*) AS n
  FROM mqtt m JOIN flow f USING (flow_id) WHERE m.ptype = 'PUBLISH' AND m.dir = 'client' GROUP BY ALL),
usual AS ( -- of 10 s in which it sent at all; only what was seen for two minutes has a habit
  SELECT src_ip, dst_ip, median(n) AS n
  FROM (SELECT src_ip, dst_ip, time_bucket(INTERVAL 10 SECONDS, t) AS b, sum(n) AS n FROM tick GROUP BY ALL) GROUP BY ALL HAVING count(*) >= 12),
near AS (
  SELECT src_ip, dst_ip, t, sum(n) OVER w AS n
  FROM tick WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 10 SECONDS PRECEDING AND CURRENT ROW)),
hot AS (
  SELECT n.src_ip, n.dst_ip, n.t FROM near n LEFT JOIN usual u USING (src_ip, dst_ip)
  WHERE n.n >= coalesce(getvariable('mqtt_publish_min'), 2000) OR (n.n >= 200 AND n.n > 20 * u.n)),
run AS (
  SELECT src_ip, dst_ip, t, sum(CASE WHEN t - before <= INTERVAL 1 MINUTE THEN 0 ELSE 1 END) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS r
  FROM (SELECT *, lag(t) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS before FROM hot)),
span AS (SELECT src_ip, dst_ip, r, min(t) - INTERVAL 10 SECONDS AS a, max(t) AS b FROM run GROUP BY ALL)
SELECT min(m.ts) AS ts, max(m.ts) AS until, s.src_ip AS actor, s.dst_ip AS target, min(m.flow_id) AS flow_id,
       min(m.file << 32 | m.frame) >> 32 AS file, min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} messages to the MQTT broker within {} s on {} topics{}', count(*), greatest(1, ceil(epoch(max(m.ts)::TIMESTAMP - min(m.ts)::TIMESTAMP))::BIGINT),
              count(DISTINCT m.topic), CASE WHEN count(*) < 2000 THEN ', more than 20 times its habit' ELSE '' END) AS what,
       list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM mqtt m JOIN flow f USING (flow_id) JOIN span s ON f.src_ip = s.src_ip AND f.dst_ip = s.dst_ip AND m.ts::TIMESTAMP BETWEEN s.a AND s.b
WHERE m.ptype = 'PUBLISH' AND m.dir = 'client'
GROUP BY s.src_ip, s.dst_ip, s.r
