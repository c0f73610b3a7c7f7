-- title:    A login worked after passwords had been guessed
-- level:    critical
-- kind:     attack
-- stage:    credentials
-- weight:   20
-- attack:   T1110.001, T1078, T0859
-- needs:    flow
-- fires:    telnet-guessing, ftp-guessing, http-guessing, ward-night
-- quiet:    telnet-login, ftp-session, ftp-default-credential, http-basic-auth, mqtt-vitals
-- benign:   somebody who remembers the password after very many tries; an inspection of passwords that was agreed on
-- response: Take the device for broken into, and list what was done after the login. Ask clinical engineering and the ward before isolating it; it may be in use on a patient. Change the password on all devices that share it.
-- C12. One address, one service: ten refused logins in 15 minutes (20 by FTP) with three different pairs of user and length of password, then
-- within an hour one that worked, by Telnet, FTP, HTTP or MQTT. DICOM has a rule of its own (dicom/ae-title-guessing).
WITH tried AS (
  SELECT 'Telnet' AS service, f.src_ip, f.dst_ip, f.dst_port, x.ts, x.flow_id, x.file, x.frame, x."user", x.password_len, x.outcome = 'success' AS ok
  FROM telnet x JOIN flow f USING (flow_id) WHERE NOT x.nested AND x.outcome IN ('failed', 'success')
  UNION ALL
  SELECT 'FTP', f.src_ip, f.dst_ip, f.dst_port, x.ts, x.flow_id, x.file, x.frame, x."user", x.password_len, x.login = 'success'
  FROM ftp x JOIN flow f USING (flow_id) WHERE x.login = 'failed' OR (x.login = 'success' AND NOT x.anonymous)
  UNION ALL
  SELECT 'HTTP', f.src_ip, f.dst_ip, f.dst_port, x.ts, x.flow_id, x.file, x.frame, x.username, x.credential_len,
         x.status_code < 400 AND (NOT x.form_login OR x.sets_cookie OR x.status_code BETWEEN 300 AND 399)
  FROM http x JOIN flow f USING (flow_id) WHERE x.has_password AND (x.status_code < 400 OR x.status_code IN (401, 403))
  UNION ALL
  SELECT 'MQTT', f.src_ip, f.dst_ip, f.dst_port, a.ts, a.flow_id, a.file, a.frame, c."user", c.password_len, a.return_code = 0
  FROM mqtt a JOIN flow f USING (flow_id) JOIN mqtt c ON c.flow_id = a.flow_id AND c.ptype = 'CONNECT' AND c.password
  WHERE a.ptype = 'CONNACK' AND a.return_code IN (0, 4, 5, 134, 135)),
near AS (
  SELECT service, src_ip, dst_ip, dst_port, ts, ts::TIMESTAMP AS t, count(*) OVER w AS n,
         count(DISTINCT concat("user", ' ', password_len)) OVER w AS pairs
  FROM tried WHERE NOT ok
  WINDOW w AS (PARTITION BY service, src_ip, dst_ip, dst_port ORDER BY ts::TIMESTAMP RANGE BETWEEN INTERVAL 15 MINUTES PRECEDING AND CURRENT ROW)),
hot AS (
  SELECT service, src_ip, dst_ip, dst_port, min(ts) AS since, max(ts) AS last
  FROM near WHERE pairs >= 3 AND n >= CASE service WHEN 'FTP' THEN coalesce(getvariable('ftp_failures'), 20) ELSE coalesce(getvariable('login_failures'), 10) END
  GROUP BY ALL),
won AS (
  SELECT t.*, row_number() OVER (PARTITION BY t.service, t.src_ip, t.dst_ip, t.dst_port ORDER BY t.ts, t.file, t.frame) AS n,
         count(*) OVER (PARTITION BY t.service, t.src_ip, t.dst_ip, t.dst_port) AS logins
  FROM tried t JOIN hot h USING (service, src_ip, dst_ip, dst_port)
  WHERE t.ok AND t.ts >= h.since AND t.ts <= h.last + INTERVAL 60 MINUTES),
story AS ( -- one login a service: the first that worked
  SELECT w.service, w.dst_port, w.src_ip, w.dst_ip, w.ts, w.flow_id, w.file, w.frame, w.logins, max(greatest(w.ts, t.ts)) AS until,
         format('by {} {}after {} refused tries', w.service, CASE WHEN coalesce(w."user", '') = '' THEN '' ELSE 'as ' || w."user" || ' ' END,
                count(*) FILTER (WHERE NOT t.ok AND t.ts < w.ts)) AS how,
         list(DISTINCT t.flow_id ORDER BY t.flow_id DESC)[1:250] AS flows
  FROM won w JOIN tried t USING (service, src_ip, dst_ip, dst_port)
  WHERE w.n = 1 AND t.ts BETWEEN w.ts - INTERVAL 75 MINUTES AND w.ts + INTERVAL 60 MINUTES
  GROUP BY w.service, w.dst_port, w.src_ip, w.dst_ip, w.ts, w.flow_id, w.file, w.frame, w.logins, w."user")
SELECT min(ts) AS ts, max(until) AS until, src_ip AS actor, dst_ip AS target, arg_min(flow_id, ts ORDER BY ts, service) AS flow_id,
       min(file << 32 | frame) >> 32 AS file, min(file << 32 | frame) & 4294967295 AS frame, sum(logins)::BIGINT AS count,
       'logged in ' || string_agg(how, ', and ' ORDER BY ts, service, dst_port) AS what,
       flatten(list(flows ORDER BY ts, service, dst_port))[1:500] AS flows
FROM story GROUP BY src_ip, dst_ip
