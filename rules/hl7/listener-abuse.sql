-- title:    A receiver of HL7 messages was given what it could not use
-- level:    high
-- kind:     attack
-- stage:    denial
-- attack:   T1499.002, T0814
-- needs:    flow
-- fires:    hl7-refused
-- quiet:    hl7-mllp-adt-oru, hl7-large-pdf, hl7-batch
-- benign:   an interface that was changed on one side only; a feed of documents
-- response: Ask the integration team whether the sender is theirs, and whether messages of others waited. Let the listener take known addresses only.
-- D12. One address within five minutes: 20 messages that the receiver refused; or within 60 s 50 connections without a message that was accepted
-- (senders that open one for each message are left out so); or a message of more than 10 MB, where documents are some MB. Refusals are medium.
WITH listener AS (SELECT DISTINCT dst_ip, dst_port FROM flow WHERE service = 'hl7'),
answered AS (
  SELECT m.flow_id, bool_or(a.ack_code IN ('AA', 'CA')) AS ok
  FROM hl7_message m JOIN hl7_message a ON a.flow_id = m.flow_id AND a.ack_of = m.seq GROUP BY ALL),
event AS (
  SELECT 'refused' AS kind, f.src_ip, f.dst_ip, f.dst_port, a.ts, a.flow_id, a.file, a.frame, NULL::BIGINT AS bytes
  FROM hl7_message a JOIN flow f USING (flow_id) WHERE a.dir = 'server' AND a.ack_code IN ('AE', 'AR', 'CE', 'CR')
  UNION ALL
  SELECT 'empty', f.src_ip, f.dst_ip, f.dst_port, f.ts, f.flow_id, f.file, f.frame, NULL
  FROM flow f JOIN listener USING (dst_ip, dst_port) LEFT JOIN answered r USING (flow_id)
  WHERE f.proto = 'tcp' AND f.src_ip IS NOT NULL AND NOT f.guessed AND f.dst_packets > 0 AND NOT coalesce(r.ok, false)
    AND NOT EXISTS (SELECT 1 FROM hl7_message m WHERE m.flow_id = f.flow_id AND r.flow_id IS NULL) -- sent, and no answer is wanted or was captured
  UNION ALL
  SELECT 'large', f.src_ip, f.dst_ip, f.dst_port, m.ts, m.flow_id, m.file, m.frame, m.bytes
  FROM hl7_message m JOIN flow f USING (flow_id) WHERE m.dir = 'client' AND m.bytes > coalesce(getvariable('hl7_large_bytes'), 10000000)),
near AS (
  SELECT *, ts::TIMESTAMP AS t, count(*) OVER minute AS n1, count(*) OVER five AS n5
  FROM event
  WINDOW minute AS (PARTITION BY kind, src_ip, dst_ip, dst_port ORDER BY ts::TIMESTAMP RANGE BETWEEN INTERVAL 60 SECONDS PRECEDING AND CURRENT ROW),
         five AS (PARTITION BY kind, src_ip, dst_ip, dst_port ORDER BY ts::TIMESTAMP RANGE BETWEEN INTERVAL 5 MINUTES PRECEDING AND CURRENT ROW)),
span AS (
  SELECT kind, src_ip, dst_ip, dst_port, min(t) - CASE kind WHEN 'refused' THEN INTERVAL 5 MINUTES WHEN 'empty' THEN INTERVAL 60 SECONDS ELSE INTERVAL 0 SECONDS END AS a, max(t) AS b
  FROM near WHERE kind = 'large' OR (kind = 'refused' AND n5 >= coalesce(getvariable('hl7_refused_min'), 20)) OR (kind = 'empty' AND n1 >= coalesce(getvariable('hl7_empty_min'), 50))
  GROUP BY kind, src_ip, dst_ip, dst_port)
SELECT min(e.ts) AS ts, max(e.ts) AS until, s.src_ip AS actor, s.dst_ip AS target, min(e.flow_id) AS flow_id, min(e.file << 32 | e.frame) >> 32 AS file,
       min(e.file << 32 | e.frame) & 4294967295 AS frame, count(*) AS count,
       CASE s.kind WHEN 'refused' THEN format('sent {} messages that the receiver on port {} refused', count(*), s.dst_port)
                   WHEN 'empty' THEN format('opened {} connections to the HL7 receiver on port {} and sent no message that it accepted', count(*), s.dst_port)
                   ELSE format('sent {} messages of up to {}', count(*), format_bytes(max(e.bytes))) END AS what,
       CASE WHEN s.kind = 'refused' THEN 'medium' END AS level,
       list(DISTINCT e.flow_id ORDER BY e.flow_id)[1:500] AS flows
FROM near e JOIN span s ON e.kind = s.kind AND e.src_ip = s.src_ip AND e.dst_ip = s.dst_ip AND e.dst_port = s.dst_port AND e.t BETWEEN s.a AND s.b
GROUP BY s.kind, s.src_ip, s.dst_ip, s.dst_port
