-- title:    Record numbers of a FHIR server were tried out
-- level:    medium
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1213, T1087
-- needs:    fhir
-- fires:    fhir-guessing
-- quiet:    fhir-work, fhir-harvest, fhir-smart
-- benign:   a client that works off an old list of records; a test of the server
-- response: Ask whose client it is. If any answer held a patient, read the server's audit log and close the client's access until it is known why.
-- Logical ids tried one after the other: 30 different ones in 10 minutes that were not found, gone or forbidden, and more than were found. High where some answered
-- with a resource after a refusal: the guesses reached patients.
WITH x AS (
  SELECT f.src_ip, f.dst_ip, i.*, i.ts::TIMESTAMP AS t, i.status IN (401, 403, 404, 410) AS refused, i.status BETWEEN 200 AND 299 AND i.resources_received > 0 AS found
  FROM fhir i JOIN flow f USING (flow_id) WHERE i.interaction IN ('read', 'vread', 'history-instance', 'operation') AND i.resource_id IS NOT NULL),
w AS (
  SELECT *, count(DISTINCT resource_id) FILTER (refused) OVER v AS missed, count(DISTINCT resource_id) FILTER (found) OVER v AS hit
  FROM x WINDOW v AS (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 10 MINUTES PRECEDING AND CURRENT ROW)),
hot AS (
  SELECT src_ip, dst_ip, min(t) - INTERVAL 10 MINUTES AS a, max(t) AS b FROM w WHERE missed >= coalesce(getvariable('fhir_misses'), 30) AND missed > hit GROUP BY src_ip, dst_ip),
first AS (SELECT src_ip, dst_ip, min(t) AS t FROM x WHERE refused GROUP BY src_ip, dst_ip)
SELECT min(x.ts) AS ts, max(x.ts) AS until, h.src_ip AS actor, h.dst_ip AS target, min(x.flow_id) AS flow_id,
       min(x.file << 32 | x.frame) >> 32 AS file, min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('tried {} record numbers of {}: {} not found or forbidden, {} answered', count(DISTINCT x.resource_id), string_agg(DISTINCT x.resource_type, ', ' ORDER BY x.resource_type),
              count(DISTINCT x.resource_id) FILTER (x.refused), count(DISTINCT x.resource_id) FILTER (x.found)) AS what,
       CASE WHEN bool_or(x.found AND x.t >= s.t) THEN 'high' END AS level,
       list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:500] AS flows
FROM hot h JOIN x ON x.src_ip = h.src_ip AND x.dst_ip = h.dst_ip AND x.t BETWEEN h.a AND h.b JOIN first s ON s.src_ip = h.src_ip AND s.dst_ip = h.dst_ip
GROUP BY h.src_ip, h.dst_ip
