-- title:    A login with a password that products are shipped with worked
-- level:    critical
-- kind:     attack
-- stage:    credentials
-- attack:   T1078.001, T0812, T0891
-- needs:    flow
-- fires:    ftp-default-credential, http-basic-auth
-- quiet:    telnet-guessing, ftp-session, mqtt-vitals
-- benign:   a visit of the maker's service; a device that was never set up, used lawfully
-- response: Ask clinical engineering who logged in. Change the password if the maker allows it, else let only the service computer reach the device.
-- C13. Telnet, FTP and HTTP in clear: the pair is one of a list of hashes (generic pairs, TA16-288A, ICSMA-18-037-02). High if the same address did so in
-- the first half of a capture of at least 30 minutes: then it is a habit, and bad enough. Anonymous FTP is no password.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
used AS (
  SELECT 'Telnet' AS service, x.ts, x.flow_id, x.file, x.frame, x."user", x.credential_source AS source
  FROM telnet x WHERE x.default_credential AND x.outcome = 'success'
  UNION ALL
  SELECT 'FTP', x.ts, x.flow_id, x.file, x.frame, x."user", x.credential_source FROM ftp x WHERE x.default_credential AND x.login = 'success' AND NOT x.anonymous
  UNION ALL
  SELECT 'HTTP', x.ts, x.flow_id, x.file, x.frame, x.username, x.default_credential FROM http x WHERE coalesce(x.default_credential, '') <> '' AND x.status_code < 400),
u AS (
  SELECT used.*, f.src_ip, f.dst_ip, f.dst_port, used.ts < s.a + (s.b - s.a) / 2 AND s.b - s.a >= INTERVAL 30 MINUTES AS early
  FROM used JOIN flow f USING (flow_id), span s)
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('logged in by {} as {}, with a password that such products are shipped with{}', service, min(coalesce(nullif("user", ''), 'an unnamed user')),
              CASE WHEN min(source) <> 'generic' THEN ' (' || min(source) || ')' ELSE '' END) AS what,
       CASE WHEN bool_or(early) THEN 'high' END AS level,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM u GROUP BY service, src_ip, dst_ip, dst_port
