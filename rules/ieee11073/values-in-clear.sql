-- title:    Personal health devices report a patient's values in clear
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    ieee11073_value
-- fires:    ieee11073-ward, ieee11073-intruder
-- quiet:    mqtt-vitals
-- benign:   a network of its own that policy allows to be clear
-- response: Let the devices report over a protected link, or keep them and their manager in a network of their own.
-- P07. IEEE 11073-20601 has neither encryption nor authentication. One finding a device and manager. High where one end is outside.
SELECT min(v.ts) AS ts, max(v.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(v.flow_id) AS flow_id, min(v.file << 32 | v.frame) >> 32 AS file,
       min(v.file << 32 | v.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} values ({}){} crossed in clear between {} and {}', count(*), coalesce(string_agg(DISTINCT v.name, ', ' ORDER BY v.name), 'of unknown meaning'),
              CASE WHEN count(DISTINCT v.person) > 1 THEN format(' of {} persons', count(DISTINCT v.person)) ELSE '' END, f.src_ip, f.dst_ip) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'high' END AS level,
       list(DISTINCT v.flow_id ORDER BY v.flow_id)[1:500] AS flows
FROM ieee11073_value v JOIN flow f USING (flow_id)
GROUP BY f.src_ip, f.dst_ip
