-- title:    A device is administered over a connection that is not encrypted
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0886
-- needs:    flow
-- fires:    telnet-login, outside-in
-- quiet:    ftp-session, dicom-basic, mqtt-vitals
-- benign:   a device that knows nothing else, on a network of its own
-- response: Ask clinical engineering whether the service can be switched to SSH or TLS, or reached from the service computer only.
-- Z02. Conversations in both directions with a Telnet, rlogin, rsh, rexec, X11 or VNC server, one finding a server and service. Who listens on the way sees each
-- key, and can type. Telnet where nobody got in is left out: guesses are another rule's. High where one end is outside.
WITH s AS (
  SELECT f.*, CASE WHEN service = 'telnet' OR dst_port IN (23, 2323) THEN 'Telnet' WHEN dst_port = 512 THEN 'rexec' WHEN dst_port = 513 THEN 'rlogin'
                   WHEN dst_port = 514 THEN 'rsh' WHEN dst_port BETWEEN 5900 AND 5905 THEN 'VNC' ELSE 'X11' END AS how
  FROM flow f
  WHERE NOT EXISTS (SELECT 1 FROM telnet_session t WHERE t.flow_id = f.flow_id AND t.successes = 0 AND t.commands = 0 AND t.attempts > 0)
    AND proto = 'tcp' AND src_bytes > 0 AND dst_bytes > 0 AND NOT guessed AND (service IS NULL OR service = 'telnet')
    AND (service = 'telnet' OR dst_port IN (23, 2323, 512, 513, 514) OR dst_port BETWEEN 5900 AND 5905 OR dst_port BETWEEN 6000 AND 6005))
SELECT min(ts) AS ts, max(until) AS until, CASE WHEN count(DISTINCT src_ip) = 1 THEN min(src_ip) ELSE format('{} addresses', count(DISTINCT src_ip)) END AS actor,
       dst_ip AS target, min(flow_id) AS flow_id, min(flow_id) >> 32 AS file, min(flow_id) & 4294967295 AS frame, count(*) AS count,
       format('{} was administered {} by {} in clear, port {}', dst_ip, CASE WHEN count(*) = 1 THEN 'once' ELSE format('{} times', count(*)) END, how, dst_port) AS what,
       CASE WHEN NOT bool_and(src_local AND dst_local) THEN 'high' END AS level,
       min(flow_id, 500) AS flows
FROM s GROUP BY dst_ip, dst_port, how
