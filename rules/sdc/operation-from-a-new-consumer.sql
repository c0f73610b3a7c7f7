-- title:    A device at the bedside was operated by an address that had no business with it before
-- level:    high
-- kind:     attack
-- stage:    command
-- attack:   T0855, T0836, T0848
-- needs:    sdc_operation
-- fires:    sdc-intruder
-- quiet:    sdc-clear
-- benign:   a second workplace that is put into service; a station that moved to another address
-- response: Let clinical engineering look at the device at the bedside now, and compare its settings and alarm limits with the prescription. Ask the ward before
--           isolating it; it is in use on a patient until the ward says otherwise.
-- SDC-01, S06. Set operations and Activate of ISO/IEEE 11073 SDC, from an address whose first message to the device came five minutes or more after another
-- consumer's. Critical where that was half an hour or more: then who works with the device is known. Medium if the device refused all of them.
WITH said AS (
  SELECT m.ts, m.flow_id, CASE m.provider WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS device, CASE m.provider WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS consumer
  FROM sdc m JOIN flow f USING (flow_id)),
since AS (SELECT device, consumer, min(ts) AS ts, arg_min(flow_id, ts ORDER BY ts, flow_id) AS flow_id FROM said GROUP BY device, consumer),
asked AS (
  SELECT o.*, f.dst_ip AS device, f.src_ip AS consumer, coalesce(d.name, t.name, o.handle) AS name, d.flow_id AS described, t.flow_id AS described_target
  FROM sdc_operation o JOIN flow f USING (flow_id)
  LEFT JOIN (SELECT f.dst_ip AS ip, d.handle, min(d.name) AS name, min(d.target) AS target, min(d.flow_id) AS flow_id FROM sdc_descriptor d JOIN flow f USING (flow_id) WHERE d.provider = 'server' GROUP BY ALL) d
    ON d.ip = f.dst_ip AND d.handle = o.handle
  LEFT JOIN (SELECT f.dst_ip AS ip, d.handle, min(d.name) AS name, min(d.flow_id) AS flow_id FROM sdc_descriptor d JOIN flow f USING (flow_id) WHERE d.provider = 'server' GROUP BY ALL) t
    ON t.ip = f.dst_ip AND t.handle = d.target
  WHERE o.phase = 'request'),
fresh AS (
  SELECT a.*, s.ts >= k.ts + INTERVAL 30 MINUTES AS late, k.flow_id AS known FROM asked a JOIN since s USING (device, consumer)
  JOIN (SELECT device, min(ts) AS ts, arg_min(flow_id, ts ORDER BY ts, flow_id) AS flow_id FROM since GROUP BY device) k USING (device)
  WHERE s.ts >= k.ts + to_minutes(coalesce(getvariable('sdc_known_minutes'), 5))),
answered AS (
  SELECT f.dst_ip AS device, f.src_ip AS consumer, count(*) AS answers, count(*) FILTER (o.state = 'Fail') AS failed
  FROM sdc_operation o JOIN flow f USING (flow_id) WHERE o.phase = 'response' GROUP BY ALL)
SELECT min(x.ts) AS ts, max(x.ts) AS until, x.consumer AS actor, x.device AS target, min(x.flow_id) AS flow_id, min(x.file << 32 | x.frame) >> 32 AS file,
       min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('called {} operations of a medical device that others had worked with until then: {}', count(*),
              array_to_string(list(x.operation || ' (' || coalesce(x.name, 'not named') || CASE WHEN x.value IS NOT NULL THEN ': ' || x.value ELSE '' END || ')' ORDER BY x.ts, x.flow_id, x.seq)[1:6], ', ')) AS what,
       CASE WHEN min(r.answers) > 0 AND min(r.failed) = min(r.answers) THEN 'medium' WHEN bool_or(x.late) THEN 'critical' END AS level,
       list_concat(list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:300], [min(x.known)], coalesce(list(DISTINCT x.described ORDER BY x.described) FILTER (x.described IS NOT NULL), [])[1:90],
         coalesce(list(DISTINCT x.described_target ORDER BY x.described_target) FILTER (x.described_target IS NOT NULL), [])[1:90]) AS flows
FROM fresh x LEFT JOIN answered r ON r.device = x.device AND r.consumer = x.consumer
GROUP BY x.consumer, x.device
