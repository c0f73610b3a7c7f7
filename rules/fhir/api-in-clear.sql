-- title:    A FHIR server is asked in clear
-- level:    high
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T1528
-- needs:    fhir
-- fires:    fhir-work, fhir-smart, fhir-harvest, fhir-guessing
-- quiet:    hl7-http, http-pipelined
-- benign:   a test server with invented patients; an interface inside one machine room that policy allows to be clear
-- response: Plan HTTPS for this server. Tokens that crossed are known to whoever could listen: let them expire early. Ask first why it answers without a
--           token, if it does.
-- P03. One finding a server: what crossed, with how many tokens and for how many patients, and how many requests had no authorisation and were
-- answered all the same. Capability statements and SMART's configuration are public by design. Critical where one end is outside.
WITH x AS (
  SELECT i.*, i.interaction NOT IN ('capabilities', 'smart-configuration', 'authorize', 'token') AS data, i.status BETWEEN 200 AND 299 AND i.resources_sent + i.resources_received > 0 AS answered,
         EXISTS (SELECT 1 FROM fhir_smart s WHERE s.flow_id = i.flow_id AND s.parent_seq = i.seq AND (s.token_len IS NOT NULL OR s.client_secret OR s.refresh_token)) AS secrets
  FROM fhir i WHERE i.trans_depth > 0),
patients AS (
  SELECT f.dst_ip, f.dst_port, count(DISTINCT coalesce(r.patient_id, r.patient_ref)) AS n
  FROM fhir_resource r JOIN fhir i ON i.flow_id = r.flow_id AND i.seq = r.parent_seq JOIN flow f ON f.flow_id = r.flow_id WHERE i.trans_depth > 0 GROUP BY f.dst_ip, f.dst_port)
SELECT min(x.ts) AS ts, max(x.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(x.flow_id) AS flow_id, min(x.file << 32 | x.frame) >> 32 AS file, min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} FHIR requests about {} patients crossed in clear to {}, port {}: {} with a bearer token or password, {} answered without any{}', count(*), max(coalesce(p.n, 0)),
              f.dst_ip, f.dst_port, count(*) FILTER (x.auth_scheme IS NOT NULL OR x.key_in_query), count(*) FILTER (x.data AND x.answered AND x.auth_scheme IS NULL AND NOT x.key_in_query),
              CASE WHEN bool_or(x.secrets) THEN '; tokens or secrets were handed out in clear' ELSE '' END) AS what,
       CASE WHEN NOT bool_and(f.src_local AND f.dst_local) THEN 'critical' END AS level,
       list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:500] AS flows
FROM x JOIN flow f USING (flow_id) LEFT JOIN patients p ON p.dst_ip = f.dst_ip AND p.dst_port = f.dst_port
GROUP BY f.dst_ip, f.dst_port
HAVING bool_or(x.data AND x.answered) OR bool_or(x.auth_scheme IS NOT NULL) OR bool_or(x.secrets)
