-- title:    A patient monitor of the Contec family sends its patient's identity in clear
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    contec_patient
-- fires:    contec-outside, quiet-contec
-- quiet:    contec-address
-- benign:   the protocol has neither encryption nor login: this is how it is meant to work
-- response: Keep these monitors and their central station in a network of their own, and see ICSMA-25-030-01 for the firmware.
-- P01 of its kind. One finding a central station.
SELECT min(p.ts) AS ts, max(p.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} monitors', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(p.flow_id) AS flow_id, min(p.file << 32 | p.frame) >> 32 AS file,
       min(p.file << 32 | p.frame) & 4294967295 AS frame, count(*) AS count,
       format('the identity of {} crossed in clear from {} to {}',
              CASE WHEN count(DISTINCT p.patient_id) = 1 THEN '1 patient' ELSE format('{} patients', count(DISTINCT p.patient_id)) END,
              CASE WHEN count(DISTINCT f.src_ip) = 1 THEN '1 monitor' ELSE format('{} monitors', count(DISTINCT f.src_ip)) END, f.dst_ip) AS what,
       list(DISTINCT p.flow_id ORDER BY p.flow_id)[1:500] AS flows
FROM contec_patient p JOIN flow f USING (flow_id)
GROUP BY f.dst_ip
