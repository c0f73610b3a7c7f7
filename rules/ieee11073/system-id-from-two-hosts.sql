-- title:    Two hosts report as the same personal health device
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T0856
-- needs:    ieee11073_association
-- fires:    ieee11073-intruder
-- quiet:    ieee11073-ward
-- benign:   a device that was moved to another gateway or network card within the capture; a maker who gives one id to many devices
-- response: Find out which of the two is the device, by its serial number. Check what the other one reported before anyone acts on it.
-- A system id is the EUI-64 that a device has from its maker, and all that a manager knows it by: IEEE 11073-20601 has no password. The later
-- host, with another hardware address, is the one that took it.
WITH a AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.system_id, x.result, CASE x.agent WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS ip,
         CASE x.agent WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS manager, CASE x.agent WHEN 'client' THEN f.src_mac ELSE f.dst_mac END AS mac
  FROM ieee11073_association x JOIN flow f USING (flow_id) WHERE x.system_id IS NOT NULL AND x.role = 'agent'),
owner AS (SELECT system_id, arg_min(ip, (ts, flow_id)) AS ip, arg_min(mac, (ts, flow_id)) AS mac, min(flow_id) AS flow_id FROM a GROUP BY system_id)
SELECT min(a.ts) AS ts, max(a.ts) AS until, a.ip AS actor, a.manager AS target, min(a.flow_id) AS flow_id, min(a.file << 32 | a.frame) >> 32 AS file,
       min(a.file << 32 | a.frame) & 4294967295 AS frame, count(*) AS count,
       format('associated {} times as the device {}, which until then was {}{}', count(*), a.system_id, o.ip,
              CASE WHEN bool_or(a.result LIKE 'accepted%') THEN ', and was accepted' ELSE '' END) AS what,
       list_sort(list_distinct(list(a.flow_id ORDER BY a.flow_id) || [min(o.flow_id)]))[1:500] AS flows
FROM a JOIN owner o USING (system_id)
WHERE a.ip <> o.ip AND a.mac IS DISTINCT FROM o.mac
GROUP BY a.ip, a.manager, a.system_id, o.ip
