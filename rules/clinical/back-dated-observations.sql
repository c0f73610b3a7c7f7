-- title:    A device that reports at once sent readings of another time
-- level:    medium
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T1070.006, T0832
-- needs:    observation
-- fires:    hl7-altered-vitals
-- quiet:    hl7-pcd, hl7-mllp-adt-oru, hl7-conflicting-obx
-- benign:   a device that was without network for a while and sends what it kept; a clock that was set
-- response: Compare the device's clock and its own trend with the record. If neither explains it, ask who sent the readings.
-- S04. Only devices whose readings are on time by habit are judged: 9 of 10 of at least 20 times within 30 seconds of their median distance from the capture's
-- clock, so that a wrong clock or a missing time zone is none. Odd is what lies 5 minutes before that, or 2 minutes after it, in less than a fifth of them.
WITH o AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.observed_at, CASE x.dir WHEN 'server' THEN f.dst_ip ELSE f.src_ip END AS ip,
         CASE x.dir WHEN 'server' THEN f.src_ip ELSE f.dst_ip END AS peer, coalesce(x.device, '') AS device,
         epoch(x.observed_at - x.ts) AS skew
  FROM observation x JOIN flow f USING (flow_id) WHERE x.observed_at IS NOT NULL),
message AS (SELECT DISTINCT ip, peer, device, ts, flow_id, file, frame, skew FROM o),
habit AS (
  SELECT m.ip, m.device, min(k.median) AS median, count(*) AS n, quantile_cont(abs(m.skew - k.median), 0.9) AS spread,
         count(*) FILTER (m.skew < k.median - 300 OR m.skew > k.median + 120) AS odd
  FROM message m JOIN (SELECT ip, device, median(skew) AS median FROM message GROUP BY ip, device) k ON k.ip = m.ip AND k.device = m.device
  GROUP BY m.ip, m.device
  HAVING n >= 20 AND spread <= 30 AND odd > 0 AND odd < 0.2 * n)
SELECT min(m.ts) AS ts, max(m.ts) AS until, m.ip AS actor, m.peer AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent readings with {} times that are up to {} minutes {}, between {} of device {} that are on time', count(*),
              round(max(abs(m.skew - h.median)) / 60)::BIGINT, CASE WHEN min(m.skew - h.median) < -300 THEN 'old' ELSE 'ahead' END, min(h.n) - count(*),
              CASE WHEN m.device = '' THEN 'without a name' ELSE m.device END) AS what,
       list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM message m JOIN habit h ON h.ip = m.ip AND h.device = m.device
WHERE m.skew < h.median - 300 OR m.skew > h.median + 120
GROUP BY m.ip, m.peer, m.device
