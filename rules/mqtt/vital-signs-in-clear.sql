-- title:    Vital signs travel in clear by MQTT
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    mqtt
-- fires:    mqtt-vitals, quiet-ward
-- quiet:    mqtt-connect-flood, mqtt-malformed
-- benign:   a network of its own that policy allows to be clear; sensors of rooms, not of patients
-- response: Plan MQTT over TLS (port 8883) for this broker.
-- P07. Topics or names in messages that are those of vital signs. One finding a broker. High where the patient is named too, critical where one end is outside.
WITH v AS (
  SELECT m.*, regexp_matches(lower(concat_ws(' ', m.topic, array_to_string(m.json_keys, ' '))),
           '(^|[^a-z])(heart_?rate|pulse|spo2|sp_o2|bpm|nibp|ibp|ecg|ekg|resp(iration|_?rate)?|rr|etco2|glucose|temperature|vitals?|blood_?pressure|infusion|fio2|tidal)([^a-z]|$)') AS vital
  FROM mqtt m WHERE m.ptype = 'PUBLISH' AND m.dir = 'client')
SELECT min(v.ts) AS ts, max(v.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(v.flow_id) AS flow_id, min(v.file << 32 | v.frame) >> 32 AS file, min(v.file << 32 | v.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} messages with vital signs{} crossed in clear to the MQTT broker {}', count(*),
              CASE WHEN count(DISTINCT coalesce(v.patient_id, v.topic_patient)) > 0 THEN format(' of {} named patients', count(DISTINCT coalesce(v.patient_id, v.topic_patient))) ELSE '' END, f.dst_ip) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' WHEN count(coalesce(v.patient_id, v.topic_patient)) > 0 THEN 'high' END AS level,
       list(DISTINCT v.flow_id ORDER BY v.flow_id)[1:500] AS flows
FROM v JOIN flow f USING (flow_id)
WHERE v.vital
GROUP BY f.dst_ip
