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
WITH way AS ( -- who sends to whom
  SELECT d.protocol, d.dir, d.flow_id, CASE d.dir WHEN 'server' THEN f.dst_ip ELSE f.src_ip END AS ip, CASE d.dir WHEN 'server' THEN f.src_ip ELSE f.dst_ip END AS peer,
         CASE d.dir WHEN 'server' THEN f.dst_mac ELSE f.src_mac END AS mac
  FROM (SELECT DISTINCT protocol, dir, flow_id FROM observation WHERE code IS NOT NULL AND number IS NOT NULL) d JOIN flow f USING (flow_id)),
source AS (SELECT w.*, hash(w.protocol, w.ip) AS sender FROM way w WHERE NOT EXISTS (SELECT 1 FROM way r WHERE r.protocol = w.protocol AND r.peer = w.ip)),
o AS (
  SELECT x.ts, x.flow_id, x.seq, s.sender, hash(x.protocol, x.code, x.number) AS h, hash(s.sender, s.peer, coalesce(x.device, '')) AS way
  FROM observation x JOIN source s ON s.flow_id = x.flow_id AND s.dir = x.dir AND s.protocol = x.protocol
  WHERE x.code IS NOT NULL AND x.number IS NOT NULL),
four AS ( -- a print of 24 readings is made of six of four: a list for each reading takes ten times as long
  SELECT *, row_number() OVER w AS n, lag(ts, 23) OVER w AS began, hash(h, lag(h) OVER w, lag(h, 2) OVER w, lag(h, 3) OVER w) AS p
  FROM o WINDOW w AS (PARTITION BY way ORDER BY ts, flow_id, seq)),
run AS (
  SELECT * REPLACE (hash(p, lag(p, 4) OVER w, lag(p, 8) OVER w, lag(p, 12) OVER w, lag(p, 16) OVER w, lag(p, 20) OVER w) AS p)
  FROM four WINDOW w AS (PARTITION BY way ORDER BY n)),
print AS (SELECT p, sender, count(*) AS times, min(began) AS a, max(began) AS b FROM run WHERE began IS NOT NULL GROUP BY p, sender),
twice AS (
  SELECT p FROM print GROUP BY p HAVING count(*) > 1 AND min(times) = 1 AND max(b) >= min(a) + INTERVAL 2 MINUTES),
varied AS (
  SELECT t.p FROM (
    SELECT p, one.way AS way, unnest(range(one.n - 23, one.n + 1)) AS n
    FROM (SELECT p, min({way: way, n: n}) AS one FROM run SEMI JOIN twice USING (p) WHERE began IS NOT NULL GROUP BY p)) t JOIN run r USING (way, n)
  GROUP BY t.p HAVING count(DISTINCT r.h) >= 8),
sent AS (
  SELECT r.p, r.ts, r.began, r.flow_id, r.seq, x.file, x.frame, s.ip, s.peer, s.mac, t.times = 1 AS once
  FROM run r SEMI JOIN varied v ON v.p = r.p JOIN print t ON t.p = r.p AND t.sender = r.sender JOIN observation x ON x.flow_id = r.flow_id AND x.seq = r.seq
  JOIN source s ON s.flow_id = x.flow_id AND s.dir = x.dir AND s.protocol = x.protocol
  WHERE r.began IS NOT NULL),
again AS ( -- the first sender sent it once, so each reading stands here once for each of those
  SELECT b.ip, b.peer, a.ip AS first_ip, b.flow_id, a.flow_id AS first_flow, count(*) AS n, min(b.began) AS began, max(b.ts) AS ts,
         min(b.file << 32 | b.frame) AS place, min(b.began - a.began) AS after
  FROM sent a JOIN sent b ON a.p = b.p
  WHERE a.once AND a.ip <> b.ip AND a.mac IS DISTINCT FROM b.mac AND b.began >= a.began + INTERVAL 2 MINUTES AND b.began > a.ts GROUP BY ALL)
SELECT min(began) AS ts, max(ts) AS until, ip AS actor, peer AS target, min(flow_id) AS flow_id, min(place) >> 32 AS file,
       min(place) & 4294967295 AS frame, sum(n)::BIGINT + 23 AS count,
       format('sent {} readings in the order in which {} had sent them {} minutes before', sum(n)::BIGINT + 23, first_ip,
              round(epoch(min(after)) / 60)::BIGINT) AS what,
       list_sort(list_distinct(list(flow_id ORDER BY flow_id) || list(first_flow ORDER BY first_flow)))[1:500] AS flows
FROM again GROUP BY ip, peer, first_ip
