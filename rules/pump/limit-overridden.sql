-- title:    A dose limit of an infusion pump was overridden, or its drug changed while it ran
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T0836
-- needs:    bcc_value
-- fires:    bcc-ward
-- quiet:    bcc-cyclic
-- benign:   a decision at the bedside, which is what soft limits leave room for
-- response: Ask the ward whether somebody decided it at the pump at that time. If nobody did, let clinical engineering look at the pump at the bedside.
-- PUMP-03. The dose guard's alerts (DGDALERTSLL, DGDALERTSLH, DGDALERTHLH) went to 1, overridden; or two readings in a row, both of a pump that is pumping, name
-- different drugs.
WITH seen AS (
  SELECT v.*, CASE b.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS pump, v.key LIKE 'DGDALERT%' AS alert
  FROM bcc_value v JOIN flow f USING (flow_id) JOIN bcc b ON b.flow_id = v.flow_id AND b.seq = v.parent_seq
  WHERE NOT v."first" AND (v.key IN ('DGDALERTSLL', 'DGDALERTSLH', 'DGDALERTHLH') AND v.value = '1' OR v.key = 'INSOL' AND v."before" IS NOT NULL AND v.running))
SELECT min(ts) AS ts, max(ts) AS until, NULL AS actor, pump AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       CASE WHEN alert THEN format('the pump at {} of bed {} was given a dose beyond its {} limit {}', address, coalesce(bed_id, '?'),
                                   CASE WHEN bool_or(key = 'DGDALERTHLH') THEN 'hard' ELSE 'soft' END, CASE WHEN count(*) = 1 THEN 'once' ELSE format('{} times', count(*)) END)
            ELSE format('the drug of the pump at {} of bed {} changed from {} to {} while it ran', address, coalesce(bed_id, '?'), min("before"), min(value)) END AS what,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM seen GROUP BY pump, address, bed_id, alert
