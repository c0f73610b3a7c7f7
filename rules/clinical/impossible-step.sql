-- title:    Two vital signs of a patient jumped at once further than a body can, and back
-- level:    medium
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T0832
-- needs:    observation
-- fires:    hl7-altered-vitals
-- quiet:    hl7-pcd, hl7-alarms-off, hl7-mllp-adt-oru
-- benign:   an artefact that touches two values, as when electrodes and clip are changed together; two patients under one identifier
-- response: Look at the patient and at the monitor itself. If it never showed the values, look for somebody between the monitor and the server (see ARP).
-- S05. Steps a minute that no body makes: heart rate 100, saturation 30 %, systolic pressure 80 mmHg, temperature 2 degrees, glucose 100 mg/dL (5.5 mmol/L);
-- back to where it was within two samples; on two signs in one message, since an electrode that comes off changes one.
WITH sign(sign, code, step) AS (VALUES
  ('heart rate', 'MDC_ECG_HEART_RATE', 100), ('heart rate', 'MDC_PULS_RATE', 100), ('heart rate', '8867-4', 100),
  ('saturation', 'MDC_PULS_OXIM_SAT_O2', 30), ('saturation', '59408-5', 30), ('saturation', '2708-6', 30),
  ('systolic pressure', 'MDC_PRESS_BLD_ART_ABP_SYS', 80), ('systolic pressure', 'MDC_PRESS_BLD_ART_SYS', 80), ('systolic pressure', '8480-6', 80),
  ('temperature', 'MDC_TEMP_BODY', 2), ('temperature', 'MDC_TEMP_CORE', 2), ('temperature', '8310-5', 2),
  ('glucose', 'MDC_CONC_GLU_GEN', 100), ('glucose', '2345-7', 100), ('glucose', '2339-0', 100)),
o AS (
  SELECT DISTINCT x.ts, x.flow_id, x.file, x.frame, x.dir = 'server' AS reverse, hash(coalesce(x.device, ''), coalesce(x.patient_id, '')) AS who, x.code,
         CASE WHEN s.sign = 'glucose' AND lower(x.unit) LIKE '%mmol%' THEN 18 * x.number ELSE x.number END AS v
  FROM observation x JOIN sign s ON x.code = s.code
  WHERE x.number IS NOT NULL),
line AS (
  SELECT o.*, CASE WHEN reverse THEN f.dst_ip ELSE f.src_ip END AS ip, CASE WHEN reverse THEN f.src_ip ELSE f.dst_ip END AS peer, hash(ip, o.who, o.code) AS line
  FROM o JOIN flow f USING (flow_id)),
step AS (
  SELECT *, lag(v) OVER w AS was, lag(ts) OVER w AS was_at, lead(v) OVER w AS next, lead(v, 2) OVER w AS later,
         lag(flow_id) OVER w AS was_flow, lead(flow_id) OVER w AS next_flow, lead(flow_id, 2) OVER w AS later_flow
  FROM line WINDOW w AS (PARTITION BY line ORDER BY ts, flow_id, v)),
jump AS (
  SELECT *, [flow_id, was_flow, next_flow, later_flow] AS near FROM step JOIN sign USING (code) WHERE abs(v - was) > step * greatest(1, epoch(ts - was_at) / 60)
    AND (abs(next - was) < step / 2 OR abs(later - was) < step / 2)),
both_at_once AS (
  SELECT ts, flow_id, file, frame, ip, peer, who, count(DISTINCT sign) AS signs, flatten(list(near ORDER BY sign, code)) AS near,
         string_agg(DISTINCT format('{} from {} to {}', sign, round(was, 1), round(v, 1)), ', ' ORDER BY format('{} from {} to {}', sign, round(was, 1), round(v, 1))) AS what
  FROM jump GROUP BY ts, flow_id, file, frame, ip, peer, who HAVING signs >= 2)
SELECT min(ts) AS ts, max(ts) AS until, ip AS actor, peer AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('{} times vital signs of one patient jumped together and came back: {}', count(*), arg_min(what, flow_id ORDER BY flow_id, ts, what)) AS what,
       list_sort(list_distinct(flatten(list(near ORDER BY flow_id, ts, what))))[1:500] AS flows
FROM both_at_once GROUP BY ip, peer
