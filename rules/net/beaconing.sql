-- title:    A device calls the same address outside like clockwork
-- level:    medium
-- kind:     attack
-- stage:    command
-- attack:   T1071.001, T1573, T1029
-- needs:    flow
-- fires:    beacon
-- quiet:    upload-outside
-- benign:   time servers, update checks, telemetry to the maker's cloud, licence servers
-- response: Ask who runs the target address. Find the program that calls it. If the device is in use on a patient, ask the ward first.
-- B01. Regularity of times, sizes and presence, each from 0 to 1, as RITA publishes it: Bowley skewness and median deviation of the intervals and
-- of the bytes, evenness over 24 bins, share of the time. Random calls over a day score 0.73, so 0.85 is asked for, and 0.8 for the times
-- alone. Presence only counts in captures of 6 hours or more. High from 0.95 on where at most one host in fifty calls that address.
WITH span AS (SELECT epoch(min(ts))::BIGINT AS t0, epoch(max(ts))::BIGINT AS t1, count(DISTINCT src_ip) FILTER (WHERE src_local) AS hosts FROM flow),
pair AS (
  SELECT src_ip, dst_ip, dst_port, epoch(ts)::BIGINT AS t, src_bytes, flow_id, ts, until
  FROM flow WHERE src_local AND NOT dst_local AND proto IN ('tcp', 'udp') AND src_ip IS NOT NULL),
ok AS (
  SELECT src_ip, dst_ip, dst_port, count(*) AS n, min(t) AS a, max(t) AS b FROM pair GROUP BY ALL HAVING count(DISTINCT t) >= 20 AND count(*) < 86400),
gaps AS (
  SELECT src_ip, dst_ip, dst_port, t - lag(t) OVER (PARTITION BY src_ip, dst_ip, dst_port ORDER BY t) AS d
  FROM (SELECT DISTINCT src_ip, dst_ip, dst_port, t FROM pair SEMI JOIN ok USING (src_ip, dst_ip, dst_port))),
times AS (
  SELECT src_ip, dst_ip, dst_port, quantile_cont(d, 0.25) AS q1, median(d) AS q2, quantile_cont(d, 0.75) AS q3, mad(d) AS m
  FROM gaps WHERE d > 0 GROUP BY ALL),
sizes AS (
  SELECT src_ip, dst_ip, dst_port, quantile_cont(src_bytes, 0.25) AS q1, median(src_bytes) AS q2, quantile_cont(src_bytes, 0.75) AS q3, mad(src_bytes) AS m
  FROM pair SEMI JOIN ok USING (src_ip, dst_ip, dst_port) GROUP BY ALL),
bins AS (
  SELECT g.src_ip, g.dst_ip, g.dst_port, g.b, coalesce(h.c, 0) AS c
  FROM (SELECT ok.src_ip, ok.dst_ip, ok.dst_port, r.b FROM ok CROSS JOIN (SELECT unnest(range(24)) AS b) r) g
  LEFT JOIN (SELECT src_ip, dst_ip, dst_port, least(23, (t - t0) * 24 // greatest(1, t1 - t0)) AS b, count(*) AS c FROM pair CROSS JOIN span GROUP BY ALL) h
  USING (src_ip, dst_ip, dst_port, b)),
evenness AS (
  SELECT src_ip, dst_ip, dst_port, round(greatest(0, 1 - stddev_pop(c) / nullif(avg(c), 0)), 3) AS hist, count(*) FILTER (WHERE c > 0) AS bars
  FROM bins GROUP BY ALL),
score AS (
  SELECT o.src_ip, o.dst_ip, o.dst_port, o.n, t.q2 AS period, e.hist,
         round(((1 - CASE WHEN t.q3 - t.q1 >= 10 AND t.q2 NOT IN (t.q1, t.q3) THEN abs((t.q1 + t.q3 - 2 * t.q2) / (t.q3 - t.q1)) ELSE 0 END)
                + CASE WHEN t.q2 >= 1 THEN greatest(0, (t.q2 - t.m) / t.q2) ELSE 1 END) / 2, 3) AS ts_score,
         round(((1 - CASE WHEN s.q3 - s.q1 >= 10 AND s.q2 NOT IN (s.q1, s.q3) THEN abs((s.q1 + s.q3 - 2 * s.q2) / (s.q3 - s.q1)) ELSE 0 END)
                + CASE WHEN s.q2 >= 1 THEN greatest(0, (s.q2 - s.m) / s.q2) ELSE 0 END) / 2, 3) AS ds_score,
         CASE WHEN p.t1 - p.t0 >= 19800 AND e.bars >= 6 THEN round((o.b - o.a) / greatest(1, p.t1 - p.t0), 3) END AS presence
  FROM ok o JOIN times t USING (src_ip, dst_ip, dst_port) JOIN sizes s USING (src_ip, dst_ip, dst_port) JOIN evenness e USING (src_ip, dst_ip, dst_port)
  CROSS JOIN span p),
total AS (
  SELECT *, round((ts_score + ds_score + hist + coalesce(presence, 0)) / CASE WHEN presence IS NULL THEN 3 ELSE 4 END, 3) AS score FROM score)
SELECT min(p.ts) AS ts, max(p.until) AS until, t.src_ip AS actor, t.dst_ip AS target, min(p.flow_id) AS flow_id, min(p.flow_id) >> 32 AS file,
       min(p.flow_id) & 4294967295 AS frame, t.n AS count,
       format('called {} on port {} {} times, every {} s, always alike (regularity {:.2f} of 1)', t.dst_ip, t.dst_port, t.n, round(t.period)::BIGINT, t.score) AS what,
       CASE WHEN t.score >= 0.95 AND (SELECT 50 * count(DISTINCT f.src_ip) FROM flow f WHERE f.dst_ip = t.dst_ip) <= (SELECT hosts FROM span) THEN 'high' END AS level,
       min(p.flow_id, 500) AS flows
FROM total t JOIN pair p USING (src_ip, dst_ip, dst_port)
WHERE t.score >= coalesce(getvariable('beacon_score'), 0.85) AND t.ts_score >= 0.8
GROUP BY t.src_ip, t.dst_ip, t.dst_port, t.n, t.period, t.score
