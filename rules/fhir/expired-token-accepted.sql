-- title:    A FHIR server accepts tokens that have expired
-- level:    high
-- kind:     posture
-- stage:    exposure
-- attack:   T1550, T1528
-- needs:    fhir
-- fires:    fhir-harvest
-- quiet:    fhir-work, fhir-guessing
-- benign:   a clock that is wrong, at the server that gave the token or where the capture was taken
-- response: Mend the server's check of tokens: until then a token that was ever stolen opens it. Revoke what is in use.
-- A bearer token whose exp was more than 5 minutes past when the request was answered with success. The claims are read, not verified.
SELECT min(i.ts) AS ts, max(i.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor, f.dst_ip AS target,
       min(i.flow_id) AS flow_id, min(i.file << 32 | i.frame) >> 32 AS file, min(i.file << 32 | i.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} requests with tokens that had expired, up to {} minutes before, were answered by {}, port {}', count(*),
              max(date_diff('minute', i.token_expires::TIMESTAMP, i.ts::TIMESTAMP)), f.dst_ip, f.dst_port) AS what,
       list(DISTINCT i.flow_id ORDER BY i.flow_id)[1:500] AS flows
FROM fhir i JOIN flow f USING (flow_id)
WHERE i.status BETWEEN 200 AND 299 AND i.token_expires IS NOT NULL AND i.ts::TIMESTAMP > i.token_expires::TIMESTAMP + INTERVAL 5 MINUTES
GROUP BY f.dst_ip, f.dst_port
