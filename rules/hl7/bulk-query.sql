-- title:    One client asked an HL7 system for patients by the hundred
-- level:    high
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1213, T1119
-- needs:    hl7_message
-- fires:    hl7-bulk-query
-- quiet:    hl7-pcd, hl7-mllp-adt-oru
-- benign:   an export for a study or a new system that is being filled; it should be listed
-- response: Ask the integration team whose client it is. If it is nobody's, stop it at the interface and find out what was answered.
-- E08. 100 queries (QBP, QRY, QCN, QSB) in 10 minutes from one address to another: a ward asks for one patient at a time.
WITH q AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, f.src_ip, f.dst_ip, x.sending_app,
         count(*) OVER (PARTITION BY f.src_ip, f.dst_ip ORDER BY x.ts RANGE BETWEEN INTERVAL 10 MINUTES PRECEDING AND CURRENT ROW) AS recent
  FROM hl7_message x JOIN flow f USING (flow_id) WHERE x.dir = 'client' AND x.type IN ('QBP', 'QRY', 'QCN', 'QSB'))
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('asked {} times, as {}, up to {} times in 10 minutes', count(*), coalesce(min(sending_app), 'an unnamed client'), max(recent)) AS what,
       min(flow_id, 500) AS flows
FROM q GROUP BY src_ip, dst_ip HAVING max(recent) >= coalesce(getvariable('hl7_query_min'), 100)
