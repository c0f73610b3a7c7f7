-- title:    Somebody asked an image archive for everybody
-- level:    high
-- kind:     attack
-- stage:    lateral
-- attack:   T1213, T1119, T0802, T0811
-- needs:    dicom_message
-- fires:    dicom-mass-query
-- quiet:    dicom-basic, dicom-worklist
-- benign:   prefetching; migration of an archive; a statistics job
-- response: Ask the archive's administrator who the title belongs to, and keep the archive's log of this time.
-- E02. Workstations ask for one patient. A query that nothing narrows with 1,000 matches, 200 queries in 10 minutes, or a query that nothing
-- narrows by a host that did not speak to this archive in the first half of a capture of at least 30 minutes.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
asked AS (
  SELECT f.src_ip, f.dst_ip, m.ts, m.ts::TIMESTAMP AS t, m.flow_id, m.file, m.frame, coalesce(d.unrestricted, false) AND coalesce(d.query_level, '') IN ('PATIENT', 'STUDY') AS everybody,
         (SELECT max(r.matches) FROM dicom_message r WHERE r.flow_id = m.flow_id AND r.command = 'C-FIND-RSP' AND r.message_id = m.message_id
            AND r.association_seq = m.association_seq) AS matches
  FROM dicom_message m JOIN flow f USING (flow_id) LEFT JOIN dicom_dataset d ON d.flow_id = m.flow_id AND d.parent_seq = m.seq
  WHERE m.command = 'C-FIND-RQ' AND m.sop_class <> '1.2.840.10008.5.1.4.31'),
near AS (
  SELECT *, count(*) OVER (PARTITION BY src_ip, dst_ip ORDER BY t RANGE BETWEEN INTERVAL 10 MINUTES PRECEDING AND CURRENT ROW) AS n,
         src_ip || dst_ip IN (SELECT f.src_ip || f.dst_ip FROM dicom_association x JOIN flow f USING (flow_id), span s WHERE x.ts < s.a + (s.b - s.a) / 2) AS known
  FROM asked),
odd AS (
  SELECT n.*, n.everybody AND NOT n.known AND s.b - s.a >= INTERVAL 30 MINUTES AS stranger
  FROM near n, span s
  WHERE (n.everybody AND n.matches >= coalesce(getvariable('mass_query_matches'), 1000)) OR n.n >= coalesce(getvariable('mass_query_count'), 200)
     OR (n.everybody AND NOT n.known AND s.b - s.a >= INTERVAL 30 MINUTES AND coalesce(n.matches, 0) > 1))
SELECT min(q.ts) AS ts, max(q.ts) AS until, o.src_ip AS actor, o.dst_ip AS target, min(o.flow_id) AS flow_id,
       min(o.place) >> 32 AS file, min(o.place) & 4294967295 AS frame, count(*) AS count,
       format('asked {} times{}, and got {} answers{}', count(*),
              CASE WHEN bool_or(q.everybody) THEN ', for all patients or studies' ELSE '' END, coalesce(sum(q.matches), 0)::BIGINT,
              CASE WHEN bool_or(o.stranger) THEN ', never having spoken to this archive before' ELSE '' END) AS what,
       list(DISTINCT q.flow_id ORDER BY q.flow_id)[1:500] AS flows
FROM (SELECT src_ip, dst_ip, min(t) - INTERVAL 10 MINUTES AS a, max(t) AS b, min(flow_id) AS flow_id, min(file << 32 | frame) AS place, bool_or(stranger) AS stranger
      FROM odd GROUP BY src_ip, dst_ip) o
JOIN asked q ON q.src_ip = o.src_ip AND q.dst_ip = o.dst_ip AND q.t BETWEEN o.a AND o.b
GROUP BY o.src_ip, o.dst_ip
