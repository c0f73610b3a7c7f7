-- title:    A monitor's serial port is open to the network
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842, T0883
-- needs:    dri
-- fires:    dri-theatre
-- quiet:    intellivue-monitor
-- benign:   a terminal server in a network of its own, with one recorder
-- response: Let the terminal server take connections from its recorder only. GE's advice on anaesthesia machines behind terminal servers (ICSMA-19-190-01) is the same.
-- P07 for S/5: the interface behind a terminal server has no login, and whoever connects gets values, alarms and the patient's name. One finding a port;
-- critical where one end is outside. CVE-2019-10966 was about such servers; this finding says that one is there, not that it is used.
SELECT min(r.ts) AS ts, max(r.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(r.flow_id) AS flow_id, min(r.file << 32 | r.frame) >> 32 AS file,
       min(r.file << 32 | r.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} records of an S/5 monitor crossed in clear on port {} of {}{}', count(*), f.dst_port, f.dst_ip,
              CASE WHEN (SELECT count(*) FROM dri_patient p WHERE p.flow_id IN (SELECT g.flow_id FROM flow g WHERE g.dst_ip = f.dst_ip AND g.dst_port = f.dst_port)) > 0 THEN ', with the patient''s name' ELSE '' END) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' END AS level, list(DISTINCT r.flow_id ORDER BY r.flow_id)[1:500] AS flows
FROM dri r JOIN flow f USING (flow_id)
GROUP BY f.src_ip, f.dst_ip, f.dst_port
