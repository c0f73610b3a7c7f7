-- title:    A syringe pump gives control to whoever knows its serial number
-- level:    high
-- kind:     posture
-- stage:    exposure
-- attack:   T0855, T0822
-- needs:    alaris
-- fires:    alaris-asena
-- quiet:    bcc-ward
-- benign:   closed-loop control in a study, on a network of its own
-- response: Ask clinical engineering who needs remote control. Let only that host reach the terminal server in front of the pump, or have remote control switched
--           off at the pump.
-- PUMP-02. REMOTE_CTRL^ENABLED with the check sum of the serial number, which the pump tells anybody (CVE-2018-14786 says the same of these pumps behind terminal
-- servers), or answered with a permission.
WITH control AS (
  SELECT x.*, CASE x.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS sender, CASE x.dir WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS receiver
  FROM alaris x JOIN flow f USING (flow_id)
  WHERE x.word = 'REMOTE_CTRL' AND x.args[1] = 'ENABLED' AND (x.token_is_serial OR x.from_pump AND list_contains(x.args, 'PERMIT'))),
pair AS (
  SELECT *, CASE WHEN from_pump THEN receiver ELSE sender END AS host, CASE WHEN from_pump THEN sender ELSE receiver END AS pump FROM control)
SELECT min(ts) AS ts, max(ts) AS until, host AS actor, pump AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) FILTER (WHERE NOT from_pump) AS count,
       format('took control of the syringe pump{} with nothing but {}, {}', coalesce(' ' || max(serial), ''),
              CASE WHEN bool_or(token_is_serial) THEN 'the check sum of its serial number' ELSE 'a token of 16 bits' END,
              CASE WHEN bool_or(from_pump) THEN 'and the pump allowed it' ELSE 'and no answer of the pump was seen' END) AS what,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM pair GROUP BY host, pump
