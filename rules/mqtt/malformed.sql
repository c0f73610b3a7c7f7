-- title:    An MQTT broker was sent packets that break the standard in many ways
-- level:    medium
-- kind:     attack
-- stage:    denial
-- attack:   T1499.004, T0814
-- needs:    mqtt
-- fires:    mqtt-malformed
-- quiet:    mqtt-vitals, mqtt-v5, mqtt-connect-flood
-- benign:   a client with a fault, which makes the same one again and again; another program's port
-- response: Update the broker and see whether it went on working. Find the program that sent this.
-- D08. Five packets with three different violations by one host, or 50 of any, with no pause of 10 minutes: a fault of a client is one violation
-- repeated, a tool that looks for holes tries many.
WITH bad AS (
  SELECT f.src_ip, f.dst_ip, m.ts, m.ts::TIMESTAMP AS t, m.flow_id, m.file, m.frame, m.malformed
  FROM mqtt m JOIN flow f USING (flow_id) WHERE m.malformed IS NOT NULL AND m.malformed <> '' AND m.dir = 'client'),
run AS (
  SELECT *, sum(CASE WHEN t - before <= INTERVAL 10 MINUTES THEN 0 ELSE 1 END) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS r
  FROM (SELECT *, lag(t) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS before FROM bad)),
kinds AS (
  SELECT src_ip, dst_ip, r, count(DISTINCT kind) AS kinds, string_agg(DISTINCT replace(kind, '_', ' '), ', ' ORDER BY replace(kind, '_', ' ')) AS names
  FROM (SELECT src_ip, dst_ip, r, unnest(string_split(malformed, ',')) AS kind FROM run) GROUP BY ALL)
SELECT min(b.ts) AS ts, max(b.ts) AS until, b.src_ip AS actor, b.dst_ip AS target, min(b.flow_id) AS flow_id,
       min(b.file << 32 | b.frame) >> 32 AS file, min(b.file << 32 | b.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent the MQTT broker {} packets that break the standard in {} ways: {}', count(*), max(k.kinds), max(k.names)) AS what,
       list(DISTINCT b.flow_id ORDER BY b.flow_id)[1:500] AS flows
FROM run b JOIN kinds k USING (src_ip, dst_ip, r)
GROUP BY b.src_ip, b.dst_ip, b.r
HAVING (count(*) >= coalesce(getvariable('mqtt_malformed_min'), 5) AND max(k.kinds) >= 3) OR count(*) >= 50
