-- title:    Two different messages carried the same number
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T0832, T0856
-- needs:    hl7_message
-- fires:    hl7-duplicate-control-id
-- quiet:    hl7-mllp-adt-oru, hl7-conflicting-obx
-- benign:   an interface engine that uses its counter again every day (24 h are looked at)
-- response: Compare both messages with the sender's own record before anyone acts on them. Ask the integration team to hold the later one.
-- S01. A sender's number (MSH-10) is unique. A message that is sent again has the same body; a forwarded one comes from another address with the
-- same body.
WITH numbered AS (
  SELECT *, hash(control_id, sending_app, sending_facility) AS h FROM hl7_message
  WHERE dir = 'client' AND type <> 'ACK' AND control_id IS NOT NULL AND body_hash IS NOT NULL AND NOT headless),
m AS ( -- few numbers stand over two contents: only those are looked at closely
  SELECT x.*, f.src_ip, f.dst_ip FROM numbered x JOIN flow f USING (flow_id)
  WHERE x.h IN (SELECT h FROM numbered GROUP BY h HAVING min(body_hash) <> max(body_hash))),
pair AS (
  SELECT a.sending_app, a.sending_facility, a.control_id, a.ts AS first_ts, a.src_ip AS first_src, a.flow_id AS first_flow, b.ts, b.src_ip, b.dst_ip, b.flow_id, b.file,
         b.frame, b.type
  FROM m a JOIN m b ON a.h = b.h AND a.control_id = b.control_id AND a.sending_app IS NOT DISTINCT FROM b.sending_app AND a.sending_facility IS NOT DISTINCT FROM b.sending_facility
    AND (a.ts, a.flow_id, a.seq) < (b.ts, b.flow_id, b.seq) AND a.body_hash <> b.body_hash AND b.ts - a.ts <= INTERVAL 24 HOURS)
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(DISTINCT control_id) AS count,
       format('sent {} {} messages as {} under numbers that were used before for other content{}', count(DISTINCT control_id), min(type),
              coalesce(sending_app, 'an unnamed sender'),
              CASE WHEN bool_or(first_src <> src_ip) THEN ', by ' || min(CASE WHEN first_src <> src_ip THEN first_src END) ELSE '' END) AS what,
       list_sort(list_distinct(list(flow_id ORDER BY flow_id) || list(first_flow ORDER BY first_flow)))[1:500] AS flows
FROM pair GROUP BY src_ip, dst_ip, sending_app, sending_facility
