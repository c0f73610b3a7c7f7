-- title:    Two results for the same moment contradict each other
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T0832, T0856
-- needs:    hl7_observation
-- fires:    hl7-conflicting-obx
-- quiet:    hl7-mllp-adt-oru
-- benign:   a device that sends rounded values again (half a percent is allowed); an analyser that repeats a measurement
-- response: Ask the laboratory which value is right before anyone acts on either. Tell the ward.
-- S02. Same patient, same observation, same time, another value, and not marked as a correction by the same sender. Critical for glucose,
-- potassium, blood group and doses, where a wrong value harms at once.
WITH named AS (
  SELECT *, hash(patient_id, code, sub_id, observed_at, units) AS h FROM hl7_observation
  WHERE patient_id IS NOT NULL AND code IS NOT NULL AND observed_at IS NOT NULL AND value IS NOT NULL),
o AS ( -- few values are told in two ways: only those are looked at closely
  SELECT x.*, f.src_ip, f.dst_ip FROM named x JOIN flow f USING (flow_id) JOIN hl7_message m ON m.flow_id = x.flow_id AND m.seq = x.parent_seq
  WHERE x.h IN (SELECT h FROM named GROUP BY h HAVING min(value) <> max(value))),
pair AS (
  SELECT b.ts, b.flow_id, b.file, b.frame, b.src_ip, b.dst_ip, a.src_ip AS first_src, a.flow_id AS first_flow, a.ts AS first_ts, b.code, b.text, a.value AS was, b.value AS now,
         b.units, b.patient_id
  FROM o a JOIN o b ON a.h = b.h AND a.patient_id = b.patient_id AND a.code = b.code AND a.sub_id IS NOT DISTINCT FROM b.sub_id AND a.observed_at = b.observed_at
    AND a.units IS NOT DISTINCT FROM b.units AND (a.ts, a.flow_id, a.seq) < (b.ts, b.flow_id, b.seq)
  WHERE a.value <> b.value AND NOT (coalesce(b.status, '') IN ('C', 'D', 'W') AND a.src_ip = b.src_ip)
    AND (a.value_number IS NULL OR b.value_number IS NULL OR abs(a.value_number - b.value_number) > 0.005 * greatest(abs(a.value_number), abs(b.value_number))))
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} values of {} patients that contradict those sent before for the same time{}: first {} was {} {}, then {} {}', count(*), count(DISTINCT patient_id),
              CASE WHEN bool_or(first_src <> src_ip) THEN ' by ' || min(CASE WHEN first_src <> src_ip THEN first_src END) ELSE '' END,
              arg_min(coalesce(text, code), flow_id ORDER BY flow_id, ts, code), arg_min(was, flow_id ORDER BY flow_id, ts, code),
              arg_min(coalesce(units, ''), flow_id ORDER BY flow_id, ts, code), arg_min(now, flow_id ORDER BY flow_id, ts, code),
              arg_min(coalesce(units, ''), flow_id ORDER BY flow_id, ts, code)) AS what,
       CASE WHEN bool_or(code IN ('2345-7', '2339-0', '15074-8', '2823-3', '6298-4', '882-1', '883-9', '10331-7') OR regexp_matches(lower(coalesce(text, '')), 'glucose|potassium|blood group|abo|dose'))
            THEN 'critical' END AS level,
       list_sort(list_distinct(list(flow_id ORDER BY flow_id) || list(first_flow ORDER BY first_flow)))[1:500] AS flows
FROM pair GROUP BY src_ip, dst_ip
