-- title:    Infusion pumps were read out by an address that had not done so before
-- level:    medium
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T0801, T0861, T0852
-- needs:    flow
-- fires:    bcc-ward, alaris-asena
-- quiet:    quiet-pump-services, bcc-cyclic, terumo-te
-- benign:   a new server for patient data; a server that was moved to another address
-- response: Ask clinical engineering whose host it is. Who reads a pump learns its drug, rate and patient, and what it takes to speak to it.
-- PEER-01 for the pumps' own protocols (BCC, Alaris, Terufusion), which have no login: in the second half of a capture of at least 30 minutes, an address that spoke none of them with this
-- pump in the first half, while another one did.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
pumps AS (
  SELECT f.*, CASE WHEN f.service = 'bcc' AND NOT EXISTS (SELECT 1 FROM bcc x WHERE x.flow_id = f.flow_id AND x.dir = 'server' AND x.kind = 'response') THEN f.src_ip ELSE f.dst_ip END AS pump
  FROM flow f WHERE f.service IN ('bcc', 'alaris', 'terumo') AND f.src_bytes > 0 AND f.dst_bytes > 0),
talk AS (
  SELECT p.*, CASE WHEN p.pump = p.src_ip THEN p.dst_ip ELSE p.src_ip END AS reader, p.ts < s.a + (s.b - s.a) / 2 AS early FROM pumps p, span s WHERE s.b - s.a >= INTERVAL 30 MINUTES)
SELECT min(t.ts) AS ts, max(t.until) AS until, t.reader AS actor, t.pump AS target, min(t.flow_id) AS flow_id, min(t.flow_id) >> 32 AS file,
       min(t.flow_id) & 4294967295 AS frame, count(*) AS count,
       format('read a pump by {} in {}', CASE t.service WHEN 'bcc' THEN 'BCC' WHEN 'alaris' THEN 'the protocol of Alaris pumps' ELSE 'the protocol of Terufusion pumps' END,
              CASE WHEN count(*) = 1 THEN 'a connection' ELSE format('{} connections', count(*)) END) AS what,
       min(t.flow_id, 500) AS flows
FROM talk t
WHERE NOT t.early AND EXISTS (SELECT 1 FROM talk e WHERE e.early AND e.pump = t.pump)
  AND NOT EXISTS (SELECT 1 FROM talk e WHERE e.early AND e.pump = t.pump AND e.reader = t.reader)
GROUP BY t.reader, t.pump, t.service
