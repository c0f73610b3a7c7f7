-- title:    Alarms of several beds were switched off or paused within minutes
-- level:    high
-- kind:     attack
-- stage:    denial
-- attack:   T0838, T0878
-- needs:    alarm
-- fires:    hl7-alarms-off
-- quiet:    hl7-pcd
-- benign:   maintenance or a training of the unit; a round in which alarms are paused bed by bed
-- response: Call the unit now and let somebody look at each bed's monitor. Ask who paused the alarms; if nobody did, look for who can reach the monitors.
-- S10. Three beds (devices, else patients) in five minutes whose alarms were switched off or paused, or whose limits somebody changed over the network. One bed
-- is care. A sound that is paused or an alarm that is acknowledged is care as well, on however many beds.
WITH a AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, CASE x.dir WHEN 'server' THEN f.dst_ip ELSE f.src_ip END AS ip,
         CASE x.dir WHEN 'server' THEN f.src_ip ELSE f.dst_ip END AS peer,
         coalesce(x.device, x.patient_id, CASE WHEN x.remote = (x.dir = 'client') THEN f.dst_ip ELSE f.src_ip END) AS bed, x.remote
  FROM alarm x JOIN flow f USING (flow_id)
  WHERE x.phase = 'off' OR (x.phase = 'silenced' AND x."after" LIKE '%alarm-paused%') OR (x.phase = 'limits' AND x.remote)),
many AS (
  SELECT b.ip, b.ts, min(a.ts) AS began, count(DISTINCT a.bed) AS beds FROM (SELECT DISTINCT ip, ts FROM a) b
  JOIN a ON a.ip = b.ip AND a.ts BETWEEN b.ts - INTERVAL 5 MINUTES AND b.ts
  GROUP BY b.ip, b.ts HAVING beds >= 3),
hit AS (
  SELECT DISTINCT a.* FROM a JOIN many m ON m.ip = a.ip AND a.ts BETWEEN m.began AND m.ts)
SELECT min(ts) AS ts, max(ts) AS until, ip AS actor, peer AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('{} that alarms of {} beds are off, paused or have other limits, three or more of them within five minutes', CASE WHEN bool_or(remote) THEN 'asked' ELSE 'reported' END,
              count(DISTINCT bed)) AS what,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM hit GROUP BY ip, peer HAVING count(DISTINCT bed) >= 3
