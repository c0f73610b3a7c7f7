-- title:    A list of operators with their passwords went to an instrument in clear
-- level:    high
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T1552
-- needs:    poct1a_message
-- fires:    poct1a-session
-- quiet:    dicom-basic
-- benign:   -
-- response: Let the maker's server send lists without passwords, or protect the link. Staff who use the password elsewhere should change it.
-- LAB-01. POCT1-A writes passwords as they are or in base64, which is no protection.
SELECT min(m.ts) AS ts, max(m.ts) AS until, CASE m.dir WHEN 'server' THEN f.dst_ip ELSE f.src_ip END AS actor,
       CASE m.dir WHEN 'server' THEN f.src_ip ELSE f.dst_ip END AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, sum(m.passwords) AS count,
       format('sent {} passwords of operators in clear', sum(m.passwords)) AS what, list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM poct1a_message m JOIN flow f USING (flow_id) WHERE m.passwords > 0 GROUP BY 3, 4
