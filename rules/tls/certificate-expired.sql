-- title:    A server's certificate is out of its time, or will be soon
-- level:    low
-- kind:     posture
-- stage:    exposure
-- attack:   T1557
-- needs:    tls
-- fires:    tls-versions
-- quiet:    quiet-ward
-- benign:   the page of a device that nobody renews
-- response: Renew the certificate. Whoever clicks the warning away would also do so for a forged one.
-- Z06. Compared with the time of the capture; soon is 30 days, as in Zeek, and informational. Medium for a server of images, messages or patients' values.
SELECT min(x.ts) AS ts, max(x.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(x.flow_id) AS flow_id, min(x.file << 32 | x.frame) >> 32 AS file, min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('the certificate of {}, port {}, {}{}', f.dst_ip, f.dst_port,
              CASE WHEN min(x.cert_days_left) >= 0 AND bool_or(x.cert_expired) THEN format('is valid only from {}', strftime(max(x.cert_not_before), '%Y-%m-%d'))
                   WHEN bool_or(x.cert_expired) THEN format('ended on {}, {} days before', strftime(min(x.cert_not_after), '%Y-%m-%d'), -min(x.cert_days_left))
                   ELSE format('ends on {}, in {} days', strftime(min(x.cert_not_after), '%Y-%m-%d'), min(x.cert_days_left)) END,
              CASE WHEN bool_or(x.self_signed) THEN '; it vouches for itself' ELSE '' END) AS what,
       CASE WHEN NOT bool_or(x.cert_expired) THEN 'informational' WHEN bool_or(f.dst_port IN (2762, 8883, 2576, 11112, 104)) THEN 'medium' END AS level,
       list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:500] AS flows
FROM tls x JOIN flow f USING (flow_id)
WHERE x.cert_sha256 IS NOT NULL AND x.cert_sha256 <> '' AND NOT x.reversed AND (x.cert_expired OR x.cert_days_left BETWEEN 0 AND coalesce(getvariable('certificate_days'), 30))
GROUP BY f.dst_ip, f.dst_port, x.cert_sha256
