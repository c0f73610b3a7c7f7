-- title:    A resource in XML tries to make a FHIR server read files
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1190, T1005
-- needs:    fhir
-- fires:    fhir-harvest
-- quiet:    fhir-work, fhir-guessing
-- benign:   a scan of the hospital's own
-- response: Ask whose client it is. If the server answered with success, look at what it sent back and whether it opened connections afterwards.
-- FHIR forbids document type declarations in XML (R5 2.1.15): nothing lawful sends one. Critical where the server took it.
SELECT min(i.ts) AS ts, max(i.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(i.flow_id) AS flow_id, min(i.file << 32 | i.frame) >> 32 AS file, min(i.file << 32 | i.frame) & 4294967295 AS frame,
       count(*) AS count, format('sent {} resources that declare a document type; {} were accepted', count(*), count(*) FILTER (i.status BETWEEN 200 AND 299)) AS what,
       CASE WHEN bool_or(i.status BETWEEN 200 AND 299) THEN 'critical' END AS level,
       list(DISTINCT i.flow_id ORDER BY i.flow_id)[1:500] AS flows
FROM fhir i JOIN flow f USING (flow_id) JOIN fhir_resource r ON r.flow_id = i.flow_id AND r.parent_seq = i.seq AND r.dir = 'client'
WHERE i.document_type
GROUP BY f.src_ip, f.dst_ip
