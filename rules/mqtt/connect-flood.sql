-- title:    An MQTT broker was flooded with connections
-- level:    high
-- kind:     attack
-- stage:    denial
-- attack:   T1499.002, T0814
-- needs:    mqtt
-- fires:    mqtt-connect-flood
-- quiet:    mqtt-vitals, mqtt-malformed, mqtt-v5
-- benign:   sensors that come back after the broker was restarted: each connects a few times
-- response: Limit connections a client at the broker. Ask clinical engineering whether values of sensors were lost meanwhile.
-- D06. 50 CONNECT of one host in 10 s, or 200 of all hosts where that is more than 3 each: a sensor connects once and stays.
WITH c AS (
  SELECT f.src_ip, f.dst_ip, m.ts, m.ts::TIMESTAMP AS t, m.flow_id, m.file, m.frame, m.client_id
  FROM mqtt m JOIN flow f USING (flow_id) WHERE m.ptype = 'CONNECT'),
alone AS (
  SELECT src_ip, dst_ip, t, count(*) OVER w AS n
  FROM c WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 10 SECONDS PRECEDING AND CURRENT ROW)),
busy AS (SELECT dst_ip FROM c GROUP BY dst_ip HAVING count(*) >= coalesce(getvariable('mqtt_connects_all'), 200)),
all_hosts AS (
  SELECT dst_ip, t, count(*) OVER w AS n, count(DISTINCT src_ip) OVER w AS sources
  FROM c SEMI JOIN busy USING (dst_ip) WINDOW w AS (PARTITION BY dst_ip ORDER BY t RANGE BETWEEN INTERVAL 10 SECONDS PRECEDING AND CURRENT ROW)),
hot AS (
  SELECT DISTINCT src_ip, dst_ip, t FROM alone WHERE n >= coalesce(getvariable('mqtt_connects_host'), 50)
  UNION ALL SELECT DISTINCT NULL, h.dst_ip, h.t FROM all_hosts h WHERE h.n >= coalesce(getvariable('mqtt_connects_all'), 200) AND h.n > 3 * h.sources
    AND h.dst_ip NOT IN (SELECT a.dst_ip FROM alone a WHERE a.n >= coalesce(getvariable('mqtt_connects_host'), 50))),
run AS (
  SELECT src_ip, dst_ip, t, sum(CASE WHEN t - before <= INTERVAL 1 MINUTE THEN 0 ELSE 1 END) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS r
  FROM (SELECT *, lag(t) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS before FROM hot)),
span AS (SELECT src_ip, dst_ip, r, min(t) - INTERVAL 10 SECONDS AS a, max(t) AS b FROM run GROUP BY ALL)
SELECT min(c.ts) AS ts, max(c.ts) AS until, s.src_ip AS actor, s.dst_ip AS target,
       min(c.flow_id) AS flow_id, min(c.file << 32 | c.frame) >> 32 AS file, min(c.file << 32 | c.frame) & 4294967295 AS frame, count(*) AS count,
       format('{}connected {} times to the MQTT broker within {} s, under {} names',
              CASE WHEN s.src_ip IS NULL THEN format('{} addresses ', count(DISTINCT c.src_ip)) ELSE '' END, count(*),
              greatest(1, ceil(epoch(max(c.t) - min(c.t)))::BIGINT), count(DISTINCT c.client_id)) AS what,
       list(DISTINCT c.flow_id ORDER BY c.flow_id)[1:500] AS flows
FROM c JOIN span s ON c.dst_ip = s.dst_ip AND (s.src_ip IS NULL OR c.src_ip = s.src_ip) AND c.t BETWEEN s.a AND s.b
GROUP BY s.src_ip, s.dst_ip, s.r
