-- title:    A clinical service answered somebody outside the hospital
-- level:    critical
-- kind:     attack
-- stage:    exposure
-- attack:   T1133, T1190, T0883
-- needs:    flow
-- fires:    outside-in
-- quiet:    quiet-outside
-- benign:   a VPN pool that is not listed as the site's own (use --local)
-- response: Close the way in at the firewall. Treat what the service holds as read until its log shows otherwise.
-- Z10. DICOM, HL7, MQTT, and what administers devices, is never meant for the whole Internet. A connection that was completed and carried
-- data says the way is open.
SELECT min(ts) AS ts, max(until) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(flow_id) >> 32 AS file,
       min(flow_id) & 4294967295 AS frame, count(*) AS count,
       format('{} connections from outside to {} on port {} were answered, {} bytes came in and {} went out', count(*),
              coalesce(min(service), 'a service'), dst_port, sum(src_bytes)::BIGINT, sum(dst_bytes)::BIGINT) AS what,
       min(flow_id, 500) AS flows
FROM flow
WHERE NOT src_local AND dst_local AND proto = 'tcp' AND NOT guessed AND conn_state IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR') AND src_bytes > 0
  AND (service IN ('dicom', 'hl7', 'mqtt', 'telnet') OR dst_port IN (104, 2575, 2761, 2762, 4242, 11112, 1883, 8883, 23, 445, 3389, 5900))
GROUP BY src_ip, dst_ip, dst_port
