-- title:    A DICOM server broke off again and again after requests that no sound client sends
-- level:    critical
-- kind:     attack
-- stage:    lateral
-- attack:   T1190, T0866
-- needs:    dicom_association
-- fires:    dicom-server-crash
-- quiet:    dicom-malformed, dicom-negotiation, dicom-association-flood
-- benign:   a test of the server's security that was ordered
-- response: See whether the server still runs as it should, and what it started. Update its DICOM library. Keep the packets.
-- V10. Three connections within five minutes that the server reset after a path where a number or title belongs, or a
-- number that is none, or a damaged PDU (CVE-2022-2119, -2120, -2121).
WITH crafted AS (
  SELECT a.flow_id FROM dicom_association a WHERE a.path_characters OR a.oversize_pdus > 0
  UNION SELECT m.flow_id FROM dicom_message m WHERE m.command LIKE '%-RQ' AND (m.path_characters OR m.invalid_uid)
  UNION SELECT d.flow_id FROM dicom_dataset d WHERE d.command LIKE '%-RQ' AND d.path_characters
  UNION SELECT x.flow_id FROM anomaly x WHERE x.kind IN ('dicom_bad_fragment', 'dicom_bad_associate', 'dicom_bad_command', 'dicom_unknown_pdu') AND x.flow_id IS NOT NULL),
reset AS (
  SELECT f.*, count(*) OVER (PARTITION BY f.src_ip, f.dst_ip, f.dst_port ORDER BY f.until::TIMESTAMP RANGE BETWEEN INTERVAL 5 MINUTES PRECEDING AND CURRENT ROW) AS n
  FROM flow f JOIN crafted c USING (flow_id) WHERE f.conn_state = 'RSTR')
SELECT min(ts) AS ts, max(until) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(flow_id) >> 32 AS file, min(flow_id) & 4294967295 AS frame,
       count(*) AS count, format('sent {} requests that are malformed to port {}; the server reset the connection each time', count(*), dst_port) AS what,
       min(flow_id, 500) AS flows
FROM reset GROUP BY src_ip, dst_ip, dst_port HAVING max(n) >= coalesce(getvariable('dicom_resets'), 3)
