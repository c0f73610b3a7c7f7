-- title:    Patient monitors send names and vital signs in clear
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    intellivue_patient
-- fires:    intellivue-monitor, intellivue-second-client
-- quiet:    carescape-ward
-- benign:   a monitoring network of its own that policy allows to be clear
-- response: Keep the data export inside the monitoring network; give other systems its data through the central station.
-- P07 for IntelliVue data export, which knows no encryption. One finding a monitor and client. Critical where one end is outside.
SELECT min(p.ts) AS ts, max(p.ts) AS until, m.monitor AS actor, m.client AS target, min(p.flow_id) AS flow_id, min(p.file << 32 | p.frame) >> 32 AS file,
       min(p.file << 32 | p.frame) & 4294967295 AS frame, count(*) AS count,
       format('the monitor {} told {} the identity of {} patients in clear', m.monitor, m.client, count(DISTINCT coalesce(p.patient_id, p.patient_name))) AS what,
       CASE WHEN NOT bool_and(m.local) THEN 'critical' END AS level, list(DISTINCT p.flow_id ORDER BY p.flow_id)[1:500] AS flows
FROM intellivue_patient p
JOIN (SELECT x.flow_id, x.seq, CASE WHEN x.dir = 'server' THEN f.dst_ip ELSE f.src_ip END AS monitor, CASE WHEN x.dir = 'server' THEN f.src_ip ELSE f.dst_ip END AS client,
             f.src_local AND f.dst_local AS local
      FROM intellivue x JOIN flow f USING (flow_id)) m ON m.flow_id = p.flow_id AND m.seq = p.parent_seq
WHERE p.patient_id IS NOT NULL OR p.patient_name IS NOT NULL
GROUP BY m.monitor, m.client
