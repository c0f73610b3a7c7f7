-- title:    Results or orders came from a sender never seen before
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T0848, T0856
-- needs:    hl7_message
-- fires:    ward-night
-- quiet:    hl7-mllp-adt-oru
-- benign:   a new interface or analyser that went live
-- response: Ask the integration team whether the sender is theirs. Compare what it sent with the laboratory's record before anyone acts on it.
-- S03. HL7 has no password: a sender is its address and its name. New is a sender of results, orders or doses that was not there in the first half of
-- a capture of at least 30 minutes. Critical where it uses the name of a sender known from another address.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
m AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.type, x.sending_app, x.sending_facility, f.src_ip, f.dst_ip, x.ts < s.a + (s.b - s.a) / 2 AS early
  FROM hl7_message x JOIN flow f USING (flow_id), span s
  WHERE x.dir = 'client' AND s.b - s.a >= INTERVAL 30 MINUTES AND x.type <> 'ACK'),
known AS (
  SELECT src_ip, coalesce(sending_app, '') AS app, coalesce(sending_facility, '') AS facility FROM m WHERE early GROUP BY ALL)
SELECT min(m.ts) AS ts, max(m.ts) AS until, m.src_ip AS actor, m.dst_ip AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} {} messages as {}{}', count(*), min(m.type), coalesce(m.sending_app, 'an unnamed sender'),
              CASE WHEN min(o.src_ip) IS NOT NULL THEN ', a name that until then only ' || min(o.src_ip) || ' had used' ELSE ', a sender not seen before' END) AS what,
       CASE WHEN min(o.src_ip) IS NOT NULL THEN 'critical' END AS level,
       list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM m LEFT JOIN known k ON k.src_ip = m.src_ip AND k.app = coalesce(m.sending_app, '') AND k.facility = coalesce(m.sending_facility, '')
LEFT JOIN known o ON o.app = coalesce(m.sending_app, '') AND o.facility = coalesce(m.sending_facility, '') AND o.src_ip <> m.src_ip
WHERE NOT m.early AND k.src_ip IS NULL AND m.type IN ('ORU', 'ORM', 'OML', 'RDE', 'RAS', 'OMP', 'ORD')
GROUP BY m.src_ip, m.dst_ip, m.sending_app, m.sending_facility
