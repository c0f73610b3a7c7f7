-- title:    A body-worn device was given a command over a Bluetooth connection that is not encrypted
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T0855, T1565.001
-- needs:    ble_att
-- fires:    ble-wearables
-- quiet:    ble-air
-- benign:   a device that asks for no pairing, used as its maker intends
-- response: Check the device's records against the patient's chart, and ask its maker whether commands can be sent without pairing.
-- Protocols 9.6. A write to a control point before encryption. Asking for records (report, count, abort) changes nothing and does not count; deleting
-- them, and whatever is asked of an insulin pump (which is then critical), does.
SELECT min(a.ts) AS ts, max(a.ts) AS until,
       coalesce((SELECT min(o.central) FROM ble_connection o WHERE o.flow_id = a.flow_id AND o.event = 'open' AND o.peripheral = a.device), 'a central that was not named') AS actor,
       coalesce(a.device, 'a device that was not named') AS target, min(a.flow_id) AS flow_id,
       min(a.file << 32 | a.frame) >> 32 AS file, min(a.file << 32 | a.frame) & 4294967295 AS frame, count(*) AS count,
       format('wrote to the {} in clear: {}', string_agg(DISTINCT a.name, ', ' ORDER BY a.name), string_agg(DISTINCT a.control, ', ' ORDER BY a.control)) AS what,
       CASE WHEN bool_or(a.uuid IN ('2B24', '2B25')) THEN 'critical' END AS level,
       list(DISTINCT a.flow_id ORDER BY a.flow_id)[1:500] AS flows
FROM ble_att a
WHERE a.control IS NOT NULL AND NOT a.encrypted AND a.control NOT IN ('report_records', 'abort', 'report_number')
GROUP BY a.flow_id, a.device
