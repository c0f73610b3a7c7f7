-- title:    Readings were sent again by another host as if they were new
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T0856
-- needs:    observation
-- fires:    ieee11073-intruder
-- quiet:    ieee11073-ward, mqtt-vitals, mqtt-harvest, hl7-mllp-adt-oru
-- benign:   a training unit or test bench that plays a recording; a store that is sent again by its archive
-- response: Look at the patient and at the device itself now: what is shown may be of another time. Find the host that sent the readings again.
-- S12. 24 readings in a row (codes and values, at least 8 different) from one sender that another sender, with another hardware address, had
-- sent in the same order by the same protocol at least two minutes before. Brokers and interface engines, which receive readings by the
-- same protocol as they send them, repeat by trade: neither side of a pair is one. A simulator
-- that goes round repeats itself: what its first sender sent twice is no evidence.
WITH o AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.seq, x.protocol, coalesce(x.device, '') AS device, hash(x.code, x.number) AS h,
         CASE x.dir WHEN 'server' THEN f.dst_ip ELSE f.src_ip END AS ip, CASE x.dir WHEN 'server' THEN f.src_ip ELSE f.dst_ip END AS peer,
         CASE x.dir WHEN 'server' THEN f.dst_mac ELSE f.src_mac END AS mac
  FROM observation x JOIN flow f USING (flow_id) WHERE x.code IS NOT NULL AND x.number IS NOT NULL),
run AS (
  SELECT *, min(ts) OVER w AS began, list(h ORDER BY ts, flow_id, seq) OVER w AS l FROM o
  WINDOW w AS (PARTITION BY protocol, ip, peer, device ORDER BY ts, flow_id, seq ROWS BETWEEN 23 PRECEDING AND CURRENT ROW)),
print AS (SELECT * EXCLUDE (l), hash(l) AS p, count(*) OVER (PARTITION BY protocol, ip, hash(l)) AS times FROM run WHERE len(l) = 24 AND list_unique(l) >= 8),
relay AS (SELECT DISTINCT protocol, peer FROM o),
again AS (
  SELECT b.*, a.ip AS first_ip, a.began AS first_began, a.flow_id AS first_flow FROM print a JOIN print b ON a.p = b.p AND a.protocol = b.protocol
  WHERE a.times = 1 AND a.ip <> b.ip AND a.mac IS DISTINCT FROM b.mac AND b.began >= a.began + INTERVAL 2 MINUTES AND b.began > a.ts
    AND NOT EXISTS (SELECT 1 FROM relay r WHERE r.protocol = b.protocol AND r.peer IN (a.ip, b.ip)))
SELECT min(began) AS ts, max(ts) AS until, ip AS actor, peer AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(DISTINCT (flow_id, seq)) + 23 AS count,
       format('sent {} readings in the order in which {} had sent them {} minutes before', count(DISTINCT (flow_id, seq)) + 23, first_ip,
              round(epoch(min(began - first_began)) / 60)::BIGINT) AS what,
       list_sort(list_distinct(list(flow_id ORDER BY flow_id) || list(first_flow ORDER BY first_flow)))[1:500] AS flows
FROM again GROUP BY ip, peer, first_ip
