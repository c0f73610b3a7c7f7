-- title:    Many patients were read from a FHIR server
-- level:    high
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1213, T1119
-- needs:    fhir
-- fires:    fhir-harvest
-- quiet:    fhir-work, fhir-guessing, fhir-smart
-- benign:   an analytics export or a migration, on a list; a backup of the record
-- response: Revoke the token, or close the port to this client. Keep the server's audit log; count the patients for the privacy office: their pseudonyms are in the case.
-- E08, the part of FHIR. Answered with success: an export ($export, its files), a page of 500 and more, everything of a type without a
-- criterion of which 40 patients came back, $everything about 20 patients in an hour, or 1,000 patients named in an hour. Critical where the client had no
-- authorisation, or is outside.
WITH x AS (
  SELECT f.src_ip, f.dst_ip, f.src_local AND f.dst_local AS inside, i.*, i.ts::TIMESTAMP AS t, coalesce(i.patient_ref, i.patient_id) AS who
  FROM fhir i JOIN flow f USING (flow_id) WHERE i.status BETWEEN 200 AND 299),
bulk AS (
  SELECT *, CASE WHEN operation = '$export' THEN 'an export' WHEN interaction = 'bulk-file' THEN 'files of an export'
                 WHEN count_asked >= coalesce(getvariable('fhir_count'), 500) AND interaction LIKE 'search-%' THEN format('pages of {} and more', coalesce(getvariable('fhir_count'), 500))
                 WHEN unfiltered AND patients >= coalesce(getvariable('fhir_unfiltered'), 40) THEN 'searches without a criterion' END AS why
  FROM x),
counted AS (
  SELECT * EXCLUDE (everything, named), CASE WHEN why IS NOT NULL THEN why WHEN everything >= coalesce(getvariable('fhir_everything'), 20) AND operation = '$everything' THEN 'everything of one patient after the other'
         WHEN named >= coalesce(getvariable('fhir_patients'), 1000) THEN 'patients in great number' END AS reason
  FROM (SELECT *, count(DISTINCT who) FILTER (operation = '$everything') OVER w AS everything, sum(patients) OVER w AS named
        FROM bulk WINDOW w AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND CURRENT ROW)))
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id,
       min(file << 32 | frame) >> 32 AS file, min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('read {}: {} answers with {} resources, up to {} patients in one{}', string_agg(DISTINCT reason, ', ' ORDER BY reason), count(*), sum(resources_received), max(patients),
              CASE WHEN bool_or(auth_scheme IS NULL AND NOT key_in_query) THEN ', without authorisation' ELSE '' END) AS what,
       CASE WHEN bool_or(auth_scheme IS NULL AND NOT key_in_query) OR NOT bool_and(inside) THEN 'critical' END AS level,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM counted WHERE reason IS NOT NULL
GROUP BY src_ip, dst_ip
