-- title:    A patient's values travel by Bluetooth without encryption
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842
-- needs:    ble_measurement
-- fires:    ble-air, ble-wearables
-- quiet:    mqtt-vitals
-- benign:   sensors for sport, which have no encryption by design
-- response: Ask clinical engineering whether the device can be told to encrypt; treat its values as something a bystander may have heard, and may have sent.
-- P07. Values of health services that crossed before, or without, encryption of the connection. One finding a device. High where the
-- name or birth date of a user crossed so too.
WITH clear AS (
  SELECT m.flow_id, m.name, m.ts, m.file, m.frame,
         coalesce(a.device, (SELECT min(o.peripheral) FROM ble_connection o WHERE o.event = 'open'
                               AND o.access_address = (SELECT min(c.access_address) FROM ble_connection c WHERE c.flow_id = m.flow_id)),
                  'a device that was not named') AS device,
         CASE WHEN a.device IS NULL THEN (SELECT min(o.flow_id) FROM ble_connection o WHERE o.event = 'open'
                               AND o.access_address = (SELECT min(c.access_address) FROM ble_connection c WHERE c.flow_id = m.flow_id)) END AS opened
  FROM ble_measurement m JOIN ble_att a ON a.flow_id = m.flow_id AND a.seq = m.parent_seq
  WHERE NOT a.encrypted),
users AS (
  SELECT DISTINCT device FROM ble_att WHERE NOT encrypted AND (user_text IS NOT NULL OR user_birth IS NOT NULL))
SELECT min(n.ts) AS ts, max(n.ts) AS until, n.device AS actor, n.device AS target, min(n.flow_id) AS flow_id,
       min(n.file << 32 | n.frame) >> 32 AS file, min(n.file << 32 | n.frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} values ({}) by Bluetooth in clear{}', count(*), string_agg(DISTINCT n.name, ', ' ORDER BY n.name),
              CASE WHEN n.device IN (FROM users) THEN ', and a user''s name or birth date' ELSE '' END) AS what,
       CASE WHEN n.device IN (FROM users) THEN 'high' END AS level,
       list_concat(list(DISTINCT n.flow_id ORDER BY n.flow_id)[1:450], coalesce(list(DISTINCT n.opened ORDER BY n.opened) FILTER (n.opened IS NOT NULL), [])[1:50]) AS flows
FROM clear n
GROUP BY n.device
