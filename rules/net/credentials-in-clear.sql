-- title:    Passwords travel in clear
-- level:    high
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T1552, T0859
-- needs:    flow
-- fires:    telnet-login, ftp-session, http-basic-auth, mqtt-vitals
-- quiet:    dicom-basic, tls-versions
-- benign:   none that would make the password secret; a network of its own lowers the risk
-- response: Change the password after the service speaks TLS or SSH. Until then take it for known to whoever can listen.
-- P09. One finding a server and service. The password is in the packets of the evidence; the case does not hold it. Anonymous FTP is no
-- password, and what was refused is none either: guesses are other rules'.
WITH seen AS (
  SELECT 'Telnet' AS service, x.ts, x.flow_id, x.file, x.frame, x."user" FROM telnet x WHERE x.password_len > 0 AND x.outcome IN ('success', 'unknown')
  UNION ALL
  SELECT 'FTP', x.ts, x.flow_id, x.file, x.frame, x."user" FROM ftp x WHERE x.command = 'PASS' AND x.password_len > 0 AND NOT x.anonymous AND coalesce(x.login, '') <> 'failed'
  UNION ALL
  SELECT 'HTTP', x.ts, x.flow_id, x.file, x.frame, x.username FROM http x WHERE x.has_password AND coalesce(x.status_code, 0) NOT IN (401, 403)
  UNION ALL
  SELECT 'MQTT', x.ts, x.flow_id, x.file, x.frame, x."user" FROM mqtt x WHERE x.ptype = 'CONNECT' AND x.password
    AND NOT EXISTS (SELECT 1 FROM mqtt a WHERE a.flow_id = x.flow_id AND a.ptype = 'CONNACK' AND a.return_code > 0)
  UNION ALL
  SELECT 'DICOM', x.ts, x.flow_id, x.file, x.frame, x.user_name FROM dicom_association x
  WHERE x.user_identity IN ('username_passcode', 'saml', 'jwt') AND x.user_secret_bytes > 0 AND x.result = 'accepted')
SELECT min(s.ts) AS ts, max(s.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(s.flow_id) AS flow_id, min(s.file << 32 | s.frame) >> 32 AS file, min(s.file << 32 | s.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} logins by {} with the password in clear, of {} users, to {}, port {}', count(*), s.service, greatest(1, count(DISTINCT nullif(s."user", ''))), f.dst_ip, f.dst_port) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' END AS level,
       list(DISTINCT s.flow_id ORDER BY s.flow_id)[1:500] AS flows
FROM seen s JOIN flow f USING (flow_id)
GROUP BY s.service, f.dst_ip, f.dst_port
