-- title:    An MQTT broker lets anybody in
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1078, T0822
-- needs:    mqtt
-- fires:    mqtt-connect-flood
-- quiet:    mqtt-vitals
-- benign:   a broker for tests
-- response: Ask for a user name and a password, or a certificate, at the broker; anybody could publish a vital sign.
-- Z11. CONNECT without a user was accepted.
SELECT min(a.ts) AS ts, max(a.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(a.flow_id) AS flow_id, min(a.file << 32 | a.frame) >> 32 AS file, min(a.file << 32 | a.frame) & 4294967295 AS frame, count(*) AS count,
       format('the MQTT broker {} (port {}) let {} clients in without a user name', f.dst_ip, f.dst_port, count(DISTINCT c.client_id)) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'high' END AS level,
       list(DISTINCT a.flow_id ORDER BY a.flow_id)[1:500] AS flows
FROM mqtt a JOIN flow f USING (flow_id) JOIN mqtt c ON c.flow_id = a.flow_id AND c.ptype = 'CONNECT' AND coalesce(c."user", '') = '' AND coalesce(c.auth_method, '') = ''
WHERE a.ptype = 'CONNACK' AND a.return_code = 0
GROUP BY f.dst_ip, f.dst_port
