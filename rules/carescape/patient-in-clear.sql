-- title:    Patient monitors call out their patients' names to the whole network
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    carescape_bed
-- fires:    carescape-ward, carescape-intruder
-- quiet:    intellivue-monitor
-- benign:   a monitoring network of its own, as the maker asks for
-- response: Make sure that nothing but monitors and their central stations is on this network. Consider leaving names out at the bedside.
-- P07 for the Unity network: RWhat goes to every host of the subnet. One finding a monitor.
SELECT min(b.ts) AS ts, max(b.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(b.flow_id) AS flow_id, min(b.file << 32 | b.frame) >> 32 AS file,
       min(b.file << 32 | b.frame) & 4294967295 AS frame, count(*) AS count,
       format('the monitor of {} {} called out the names of {} patients to {}', coalesce(min(b.unit), '(no unit)'), coalesce(min(b.room), '(no room)'), count(DISTINCT b.patient_name), f.dst_ip) AS what,
       list(DISTINCT b.flow_id ORDER BY b.flow_id)[1:500] AS flows
FROM carescape_bed b JOIN flow f USING (flow_id)
WHERE b.patient_name IS NOT NULL
GROUP BY f.src_ip, f.dst_ip
