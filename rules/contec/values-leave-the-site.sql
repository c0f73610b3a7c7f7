-- title:    A patient monitor sent its patient's name and values out of the hospital
-- level:    critical
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1041, T1071, T0882
-- needs:    contec_patient, flow
-- fires:    contec-outside
-- quiet:    contec-address, contec-firmware
-- benign:   a central station to which the maker's address was given inside the hospital, behind a router: then nothing leaves
-- response: See whether the monitor is in use; replace it at the bedside before it is taken off the network. Block 202.114.4.0/24 at the edge.
--           Tell privacy: name, number, birth date and doctor crossed in clear.
-- V01, ICSMA-25-030-01, CVE-2025-0683. It says what left, not why: the address is a default of the firmware. It leaves when the central station's address is
-- not the hospital's, nobody on the monitor's own network answered for it, and it is not in the monitor's own network.
SELECT min(p.ts) AS ts, max(f.until) AS until, f.src_ip AS actor, f.dst_ip AS target, min(p.flow_id) AS flow_id,
       min(p.file << 32 | p.frame) >> 32 AS file, min(p.file << 32 | p.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent the identity of {} and {} frames of values in clear to {}, which is not the hospital''s',
              CASE WHEN count(DISTINCT p.patient_id) = 1 THEN '1 patient' ELSE format('{} patients', count(DISTINCT p.patient_id)) END,
              (SELECT count(*) FROM contec_vitals v WHERE v.flow_id IN (SELECT x.flow_id FROM flow x WHERE x.src_ip = f.src_ip AND x.dst_ip = f.dst_ip)), f.dst_ip) AS what,
       list(DISTINCT p.flow_id ORDER BY p.flow_id)[1:500] AS flows
FROM contec_patient p JOIN flow f USING (flow_id)
WHERE NOT f.dst_local
  AND NOT EXISTS (SELECT 1 FROM arp a WHERE a.op = 2 AND a.src_ip = f.dst_ip)
  AND regexp_extract(f.src_ip, '^\d+\.\d+\.\d+\.') <> regexp_extract(f.dst_ip, '^\d+\.\d+\.\d+\.')
GROUP BY f.src_ip, f.dst_ip
