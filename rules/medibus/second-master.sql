-- title:    A second host took over the data line of a ventilator or anaesthesia machine
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T0855, T0814
-- needs:    medibus
-- fires:    medibus-ventilator
-- quiet:    nkv-ventilator
-- benign:   a gateway that was replaced; clinical engineering at work on the device
-- response: Ask clinical engineering who reads this device. Alarms and values that the gateway passes on may be missing since: a person has to look at the device itself.
-- Protocols 6.4, CVE-2019-10966 of its kind: a device behind a terminal server obeys whoever connects. A host other than the first sent commands; high where it
-- initialised or stopped the line, else medium.
WITH master AS (
  SELECT f.src_ip, f.dst_ip, f.dst_port, m.ts, m.flow_id, m.file, m.frame, m.command,
         first_value(f.src_ip) OVER (PARTITION BY f.dst_ip, f.dst_port ORDER BY m.ts, m.file, m.frame, m.seq) AS first_ip,
         first_value(m.flow_id) OVER (PARTITION BY f.dst_ip, f.dst_port ORDER BY m.ts, m.file, m.frame, m.seq) AS first_flow
  FROM medibus m JOIN flow f USING (flow_id)
  WHERE m.sender = 'master' AND m.dir = 'client')
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} commands ({}) to a device that {} reads', count(*), string_agg(DISTINCT command, ', ' ORDER BY command), min(first_ip)) AS what,
       CASE WHEN NOT bool_or(command IN ('initialise', 'stop', 'configure', 'time_changed')) THEN 'medium' END AS level,
       list_concat(list(DISTINCT flow_id ORDER BY flow_id)[1:499], [min(first_flow)]) AS flows
FROM master
WHERE src_ip <> first_ip
GROUP BY src_ip, dst_ip, dst_port
