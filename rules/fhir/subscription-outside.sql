-- title:    A FHIR server was told to send patient data to an outside address
-- level:    critical
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1020, T1567
-- needs:    fhir_resource
-- fires:    fhir-harvest
-- quiet:    fhir-work, fhir-guessing
-- benign:   a partner's or vendor's service that is agreed on in writing
-- response: End the subscription at the server. Its log says what was sent since. Ask who may create subscriptions.
-- A Subscription that was created or changed, with success, whose endpoint is a public IPv4 address, or a name of another domain than the server's own.
WITH s AS (
  SELECT r.ts, r.flow_id, r.file, r.frame, f.src_ip, f.dst_ip, lower(regexp_extract(r.endpoint, '^[a-zA-Z]+://([^/:]+)', 1)) AS host, lower(split_part(h.host, ':', 1)) AS own, i.auth_scheme
  FROM fhir_resource r JOIN fhir i ON i.flow_id = r.flow_id AND i.seq = r.parent_seq JOIN flow f ON f.flow_id = r.flow_id
  LEFT JOIN http h ON h.flow_id = i.flow_id AND h.trans_depth = i.trans_depth
  WHERE r.resource_type = 'Subscription' AND r.dir = 'client' AND r.endpoint IS NOT NULL AND i.status BETWEEN 200 AND 299),
judged AS (
  SELECT *, regexp_matches(host, '^[0-9]+([.][0-9]+){3}$') AS number,
         array_to_string(string_split(host, '.')[-2:], '.') AS domain, array_to_string(string_split(own, '.')[-2:], '.') AS own_domain
  FROM s)
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file, min(file << 32 | frame) & 4294967295 AS frame,
       count(*) AS count, format('told the server to send changes of records to {}{}', host, CASE WHEN bool_or(auth_scheme IS NULL) THEN ', without authorisation' ELSE '' END) AS what,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM judged
WHERE (number AND NOT regexp_matches(host, '^(10[.]|127[.]|169[.]254[.]|192[.]168[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|100[.](6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])[.])'))
   OR (NOT number AND host LIKE '%.%' AND own LIKE '%.%' AND NOT regexp_matches(own, '^[0-9.]+$') AND domain <> own_domain)
GROUP BY src_ip, dst_ip, host
