-- title:    Traffic on the ports of clinical systems could not be read
-- level:    informational
-- kind:     quality
-- stage:    exposure
-- attack:   -
-- needs:    flow
-- fires:    outside-in
-- quiet:    dicom-basic, quiet-ward, hl7-mllp-adt-oru
-- benign:   TLS; a protocol of the maker's own
-- response: Rules on this protocol saw nothing of these connections. Ask what speaks on the port.
-- Q03. More than 10 % of the payload on a port of DICOM, HL7 or MQTT is of no protocol that was recognised, or encrypted.
WITH p AS (
  SELECT dst_port, src_bytes + dst_bytes AS bytes, ts, until, flow_id, coalesce(service, '') AS service,
         CASE WHEN dst_port IN (104, 2761, 2762, 4242, 11112, 11113) THEN 'DICOM' WHEN dst_port IN (2575, 2576, 6661) THEN 'HL7' ELSE 'MQTT' END AS expected
  FROM flow WHERE proto = 'tcp' AND dst_port IN (104, 2761, 2762, 4242, 11112, 11113, 2575, 2576, 6661, 1883, 8883) AND src_bytes + dst_bytes > 0)
SELECT min(ts) FILTER (WHERE service IN ('', 'tls')) AS ts, max(until) FILTER (WHERE service IN ('', 'tls')) AS until, NULL AS actor, NULL AS target,
       min(flow_id) FILTER (WHERE service IN ('', 'tls')) AS flow_id, min(flow_id) FILTER (WHERE service IN ('', 'tls')) >> 32 AS file,
       min(flow_id) FILTER (WHERE service IN ('', 'tls')) & 4294967295 AS frame, count(*) FILTER (WHERE service IN ('', 'tls')) AS count,
       format('{} connections on port {}, where {} is expected, {} of {}, {}', count(*) FILTER (WHERE service IN ('', 'tls')), dst_port, expected,
              format_bytes(coalesce(sum(bytes) FILTER (WHERE service IN ('', 'tls')), 0)::BIGINT), format_bytes(sum(bytes)::BIGINT),
              CASE WHEN bool_and(service <> '' ) THEN 'are encrypted' WHEN bool_or(service = 'tls') THEN 'are encrypted or of a protocol that was not recognised'
                   ELSE 'are of a protocol that was not recognised' END) AS what,
       list(flow_id ORDER BY flow_id) FILTER (WHERE service IN ('', 'tls'))[1:500] AS flows
FROM p GROUP BY dst_port, expected
HAVING coalesce(sum(bytes) FILTER (WHERE service IN ('', 'tls')), 0) > coalesce(getvariable('unparsed_share'), 0.1) * sum(bytes)
