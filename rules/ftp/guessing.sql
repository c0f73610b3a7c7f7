-- title:    Somebody guessed passwords by FTP
-- level:    high
-- kind:     attack
-- stage:    credentials
-- attack:   T1110.001, T0859
-- needs:    ftp
-- fires:    ftp-guessing
-- quiet:    ftp-session, ftp-default-credential
-- benign:   a job with an old password, which tries the same one again and again
-- response: See whether a login succeeded afterwards. Ask clinical engineering and the ward before isolating this device; it may be in use on a patient.
--           Let only the service computer reach its FTP port.
-- C02. 20 refused logins in 15 minutes, five different pairs of user and length of password (or 60 of any: no job tries four a minute), as Zeek
-- counts them.
WITH tried AS (
  SELECT f.src_ip, f.dst_ip, x.ts, x.ts::TIMESTAMP AS t, x.flow_id, x.file, x.frame, x."user", concat(x."user", ' ', x.password_len) AS pair
  FROM ftp x JOIN flow f USING (flow_id) WHERE x.login = 'failed'),
near AS (
  SELECT src_ip, dst_ip, t, count(*) OVER w AS n, count(DISTINCT pair) OVER w AS pairs
  FROM tried WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 15 MINUTES PRECEDING AND CURRENT ROW)),
hot AS (
  SELECT DISTINCT src_ip, dst_ip, t FROM near WHERE n >= coalesce(getvariable('ftp_failures'), 20) AND (pairs >= 5 OR n >= 60)),
run AS (
  SELECT src_ip, dst_ip, t, sum(CASE WHEN t - before <= INTERVAL 15 MINUTES THEN 0 ELSE 1 END) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS r
  FROM (SELECT *, lag(t) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS before FROM hot)),
span AS (SELECT src_ip, dst_ip, r, min(t) - INTERVAL 15 MINUTES AS a, max(t) AS b FROM run GROUP BY ALL)
SELECT min(x.ts) AS ts, max(x.ts) AS until, s.src_ip AS actor, s.dst_ip AS target, min(x.flow_id) AS flow_id,
       min(x.file << 32 | x.frame) >> 32 AS file, min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('tried {} passwords by FTP with {} user names, all refused', count(*), count(DISTINCT x."user")) AS what,
       list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:500] AS flows
FROM tried x JOIN span s ON x.src_ip = s.src_ip AND x.dst_ip = s.dst_ip AND x.t BETWEEN s.a AND s.b
GROUP BY s.src_ip, s.dst_ip, s.r
