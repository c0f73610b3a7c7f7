-- title:    Messages between clinical systems carry a password in clear
-- level:    high
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T1552
-- needs:    flow
-- fires:    hl7v3-sharing
-- quiet:    hl7-mllp-adt-oru, astm-analyser, x12-claims
-- benign:   a network of its own lowers the risk
-- response: Change the password after the service speaks TLS. Until then take it for known to whoever can listen.
-- P09 for WS-Security (PasswordText), HL7 v2 UAC, ASTM H-4 and X12 ISA-04. The password is in the packets of the evidence; the case does not hold it.
WITH seen AS (
  SELECT 'WS-Security' AS place, ts, flow_id, file, frame FROM hl7v3_message WHERE credential = 'text'
  UNION ALL SELECT 'HL7 UAC', ts, flow_id, file, frame FROM hl7_message WHERE credential
  UNION ALL SELECT 'ASTM H-4', ts, flow_id, file, frame FROM astm_message WHERE password
  UNION ALL SELECT 'X12 ISA-04', ts, flow_id, file, frame FROM x12_interchange WHERE password)
SELECT min(s.ts) AS ts, max(s.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(s.flow_id) AS flow_id, min(s.file << 32 | s.frame) >> 32 AS file,
       min(s.file << 32 | s.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} messages with a password in clear ({}) between {} and {}, port {}', count(*), s.place, f.src_ip, f.dst_ip, f.dst_port) AS what,
       list(DISTINCT s.flow_id ORDER BY s.flow_id)[1:500] AS flows
FROM seen s JOIN flow f USING (flow_id) GROUP BY s.place, f.src_ip, f.dst_ip, f.dst_port
