-- title:    Somebody guessed passwords by Telnet
-- level:    high
-- kind:     attack
-- stage:    credentials
-- attack:   T1110.001, T0859
-- needs:    telnet
-- fires:    telnet-guessing
-- quiet:    telnet-login
-- benign:   a script with an old password, which tries the same one again and again
-- response: See whether a login succeeded afterwards. Ask clinical engineering and the ward before isolating this device; it may be in use on a patient.
--           Let only the service computer reach its Telnet port.
-- C01. Ten refused logins in 15 minutes at one device, three different pairs of user and length of password (or 60 of any: no script tries four a
-- minute), or one host refused by ten devices: a device has two lawful Telnet sessions a day.
WITH tried AS (
  SELECT f.src_ip, f.dst_ip, x.ts, x.ts::TIMESTAMP AS t, x.flow_id, x.file, x.frame, x."user", x.outcome,
         concat(x."user", ' ', x.password_len) AS pair
  FROM telnet x JOIN flow f USING (flow_id)
  WHERE NOT x.nested AND (x.outcome = 'failed' OR (x.outcome = 'unknown' AND x.password_len IS NOT NULL))),
near AS (
  SELECT src_ip, dst_ip, t, count(*) OVER w AS n, count(DISTINCT pair) OVER w AS pairs
  FROM tried WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 15 MINUTES PRECEDING AND CURRENT ROW)),
wide AS (
  SELECT src_ip, t, count(DISTINCT dst_ip) OVER w AS hosts
  FROM tried WINDOW w AS (PARTITION BY src_ip ORDER BY t RANGE BETWEEN INTERVAL 15 MINUTES PRECEDING AND CURRENT ROW)),
hot AS (
  SELECT DISTINCT src_ip, dst_ip, t FROM near WHERE n >= coalesce(getvariable('telnet_failures'), 10) AND (pairs >= 3 OR n >= 60)
  UNION ALL SELECT DISTINCT src_ip, NULL, t FROM wide WHERE hosts >= coalesce(getvariable('telnet_hosts'), 10)),
run AS (
  SELECT src_ip, dst_ip, t, sum(CASE WHEN t - before <= INTERVAL 15 MINUTES THEN 0 ELSE 1 END) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS r
  FROM (SELECT *, lag(t) OVER (PARTITION BY src_ip, dst_ip ORDER BY t) AS before FROM hot)),
span AS (SELECT src_ip, dst_ip, r, min(t) - INTERVAL 15 MINUTES AS a, max(t) AS b FROM run GROUP BY ALL)
SELECT min(x.ts) AS ts, max(x.ts) AS until, s.src_ip AS actor, coalesce(s.dst_ip, format('{} addresses', count(DISTINCT x.dst_ip))) AS target,
       min(x.flow_id) AS flow_id, min(x.file << 32 | x.frame) >> 32 AS file, min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('tried {} passwords by Telnet{}, with {} user names{}', count(*),
              CASE WHEN s.dst_ip IS NULL THEN format(' at {} addresses', count(DISTINCT x.dst_ip)) ELSE '' END,
              count(DISTINCT nullif(x."user", '')),
              CASE WHEN count(*) FILTER (WHERE x.outcome = 'failed') = count(*) THEN ', all refused'
                   ELSE format(', {} refused', count(*) FILTER (WHERE x.outcome = 'failed')) END) AS what,
       list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:500] AS flows
FROM tried x JOIN span s ON x.src_ip = s.src_ip AND (s.dst_ip IS NULL OR x.dst_ip = s.dst_ip) AND x.t BETWEEN s.a AND s.b
GROUP BY s.src_ip, s.dst_ip, s.r
