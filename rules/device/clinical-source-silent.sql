-- title:    A clinical device that sent regularly fell silent
-- level:    medium
-- kind:     attack
-- stage:    denial
-- attack:   T0815, T0829, T0804
-- needs:    device
-- fires:    source-silent
-- quiet:    quiet-source
-- benign:   the patient was moved or discharged; the device was switched off or lost its network
-- response: Ask the ward whether the patient is watched by other means. Then look whether what precedes this in the timeline explains it.
-- D15. A monitor, pump, ventilator, machine for anaesthesia or laboratory device that sent to one address at even intervals (20 of them, spread around
-- the median at most 30 %) sends nothing for ten of them and at least five minutes, until the end or until it comes back, while at least one
-- other host is seen in the first and in the second half of that time. It is medium: a discharge looks the same; what hangs on a patient, or was
-- attacked before, is raised by the engine.
WITH last_ts AS (SELECT max(until)::TIMESTAMP AS last FROM flow),
clinical AS (
  SELECT DISTINCT x.ip, d.class FROM device d JOIN device_address x USING (device_id)
  WHERE x.ip IS NOT NULL AND d.class IN ('monitor', 'pump', 'ventilator', 'anaesthesia', 'lab')),
sent AS ( -- what it sends: connections, and the messages within those that last
  SELECT f.src_ip, f.dst_ip, f.ts::TIMESTAMP AS t, f.flow_id FROM flow f SEMI JOIN clinical c ON c.ip = f.src_ip
  WHERE f.src_bytes > 0 AND NOT f.guessed AND f.dst_port NOT IN (53, 67, 123, 5353, 5355) AND coalesce(f.service, '') <> 'mqtt'
  UNION ALL SELECT f.src_ip, f.dst_ip, m.ts::TIMESTAMP, m.flow_id FROM mqtt m JOIN flow f USING (flow_id) SEMI JOIN clinical c ON c.ip = f.src_ip
  WHERE m.ptype = 'PUBLISH' AND m.dir = 'client'
  UNION ALL SELECT f.src_ip, f.dst_ip, m.ts::TIMESTAMP, m.flow_id FROM hl7_message m JOIN flow f USING (flow_id) SEMI JOIN clinical c ON c.ip = f.src_ip WHERE m.dir = 'client'),
gap AS (
  SELECT src_ip, dst_ip, t, flow_id, coalesce(lead(t) OVER w, l.last) AS next, lead(t) OVER w IS NOT NULL AS back
  FROM (SELECT src_ip, dst_ip, time_bucket(INTERVAL 1 SECOND, t) AS t, max(flow_id) AS flow_id FROM sent GROUP BY ALL), last_ts l
  WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t)),
habit AS (
  SELECT src_ip, dst_ip, median(epoch(next - t)) AS period, count(*) AS n FROM gap WHERE back GROUP BY ALL
  HAVING count(*) >= coalesce(getvariable('silent_intervals'), 20) AND median(epoch(next - t)) > 0 AND mad(epoch(next - t)) <= 0.3 * median(epoch(next - t))),
silent AS (
  SELECT g.*, h.period, h.n FROM gap g JOIN habit h USING (src_ip, dst_ip)
  WHERE epoch(g.next - g.t) >= greatest(10 * h.period, coalesce(getvariable('silent_seconds'), 300))),
others AS ( -- the capture itself saw something then
  SELECT s.src_ip, s.dst_ip, s.t,
         count(*) FILTER (WHERE f.ts::TIMESTAMP < s.t + (s.next - s.t) / 2) AS early, count(*) FILTER (WHERE f.ts::TIMESTAMP >= s.t + (s.next - s.t) / 2) AS late
  FROM silent s JOIN flow f ON f.ts::TIMESTAMP > s.t AND f.ts::TIMESTAMP < s.next AND f.src_ip <> s.src_ip AND f.src_ip <> s.dst_ip AND f.src_bytes > 0
  GROUP BY ALL)
SELECT s.t AS ts, s.next AS until, NULL AS actor, s.src_ip AS target, s.flow_id, s.flow_id >> 32 AS file, s.flow_id & 4294967295 AS frame, s.n AS count,
       format('the {} had sent to {} every {} s and then sent nothing for {} minutes{}', c.class, s.dst_ip, round(s.period, 0)::BIGINT,
              floor(epoch(s.next - s.t) / 60)::BIGINT, CASE WHEN s.back THEN '' ELSE ', until the capture ended' END) AS what
FROM silent s JOIN others o USING (src_ip, dst_ip, t) JOIN (SELECT ip, min(class) AS class FROM clinical GROUP BY ip) c ON c.ip = s.src_ip
WHERE o.early > 0 AND o.late > 0
  AND NOT EXISTS (SELECT 1 FROM sent x WHERE x.src_ip = s.src_ip AND x.t >= s.t + INTERVAL 1 SECOND AND x.t < s.next)
