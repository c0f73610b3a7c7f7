-- title:    Somebody looked for image archives
-- level:    medium
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1046, T1595.002, T0846, T0888
-- needs:    dicom_association
-- fires:    dicom-echo-sweep
-- quiet:    dicom-basic, dicom-ae-guessing
-- benign:   a service engineer; a test of a worklist; an archive's router
-- response: Ask the archive's administrator who the title belongs to.
-- R09. Associations for nothing but verification (C-ECHO) to three services in 10 minutes: a modality tests the one or two archives it is set
-- up for. High for a host that never stored or queried.
WITH echo AS (
  SELECT f.src_ip, f.dst_ip, f.dst_port, a.ts, a.ts::TIMESTAMP AS t, a.flow_id, a.file, a.frame
  FROM dicom_association a JOIN flow f USING (flow_id) WHERE a.verification_only),
near AS (
  SELECT src_ip, t, count(DISTINCT dst_ip || ':' || dst_port) OVER (PARTITION BY src_ip ORDER BY t RANGE BETWEEN INTERVAL 10 MINUTES PRECEDING AND CURRENT ROW) AS n
  FROM echo),
span AS (
  SELECT src_ip, min(t) - INTERVAL 10 MINUTES AS a, max(t) AS b FROM near WHERE n >= coalesce(getvariable('echo_sweep_min'), 3) GROUP BY ALL),
worker AS (
  SELECT DISTINCT f.src_ip FROM dicom_message m JOIN flow f USING (flow_id) WHERE m.dir = 'client' AND m.command IN ('C-STORE-RQ', 'C-FIND-RQ'))
SELECT min(e.ts) AS ts, max(e.ts) AS until, s.src_ip AS actor,
       CASE WHEN count(DISTINCT e.dst_ip) = 1 THEN min(e.dst_ip) ELSE format('{} addresses', count(DISTINCT e.dst_ip)) END AS target, min(e.flow_id) AS flow_id,
       min(e.file << 32 | e.frame) >> 32 AS file, min(e.file << 32 | e.frame) & 4294967295 AS frame, count(*) AS count,
       format('tested {} DICOM services on {} addresses and did nothing else there', count(DISTINCT e.dst_ip || ':' || e.dst_port), count(DISTINCT e.dst_ip)) AS what,
       CASE WHEN s.src_ip NOT IN (FROM worker) THEN 'high' END AS level, list(DISTINCT e.flow_id ORDER BY e.flow_id)[1:500] AS flows
FROM span s JOIN echo e ON e.src_ip = s.src_ip AND e.t BETWEEN s.a AND s.b
GROUP BY s.src_ip
