-- title:    A patient monitor fetched programs from a file server
-- level:    critical
-- kind:     attack
-- stage:    tampering
-- attack:   T1105, T0839, T0857
-- needs:    oncrpc
-- fires:    contec-firmware
-- quiet:    contec-outside
-- benign:   a file server of the hospital that happens to offer a folder called /pm
-- response: See whether the monitor is in use, and replace it at the bedside before it is taken off the network, as FDA and CISA advise (ICSMA-25-030-01).
--           Keep the monitor as it is for examination: its programs may be others than the maker's.
-- V01, CVE-2025-0626: the built-in path mounts /pm of 202.114.4.119 and copies files over the monitor's own. Critical where files were read; a mount alone, or
-- another address with that path, is high.
WITH mounted AS (
  SELECT f.src_ip, f.dst_ip, min(c.ts) AS ts, max(c.ts) AS until, min(c.flow_id) AS flow_id, min(c.file << 32 | c.frame) AS at, count(*) AS n,
         bool_or(c.status = 0) AS done, list(DISTINCT c.flow_id ORDER BY c.flow_id) AS flows
  FROM oncrpc c JOIN flow f USING (flow_id)
  WHERE c.program = 'mountd' AND c.procedure = 'MNT' AND c.path = '/pm'
  GROUP BY ALL),
fetched AS (
  SELECT f.src_ip, f.dst_ip, n.name, sum(r.bytes)::BIGINT AS bytes, max(r.ts) AS until, list(DISTINCT r.flow_id ORDER BY r.flow_id) AS flows
  FROM oncrpc r JOIN flow f USING (flow_id)
  LEFT JOIN (SELECT gives, min(name) AS name FROM oncrpc WHERE procedure = 'LOOKUP' GROUP BY gives) n ON n.gives = r.handle
  WHERE r.program = 'nfs' AND r.procedure = 'READ' AND r.bytes > 0
  GROUP BY ALL),
read AS (
  SELECT src_ip, dst_ip, string_agg(coalesce(name, 'a file'), ', ' ORDER BY name) AS names, sum(bytes)::BIGINT AS bytes, max(until) AS until,
         flatten(list(flows ORDER BY name)) AS flows
  FROM fetched GROUP BY ALL)
SELECT m.ts, greatest(m.until, coalesce(r.until, m.until)) AS until, m.src_ip AS actor, m.dst_ip AS target, m.flow_id,
       m.at >> 32 AS file, m.at & 4294967295 AS frame, m.n AS count,
       format('mounted /pm of {}{}', m.dst_ip, CASE WHEN r.bytes > 0 THEN format(' and read {} ({} bytes)', r.names, r.bytes)
                                                   WHEN m.done THEN '' ELSE ', which was not granted' END) AS what,
       CASE WHEN r.bytes IS NULL OR m.dst_ip NOT LIKE '202.114.4.%' THEN 'high' END AS level,
       list_sort(list_distinct(list_concat(m.flows, coalesce(r.flows, []))))[1:500] AS flows
FROM mounted m LEFT JOIN read r ON r.src_ip = m.src_ip AND r.dst_ip = m.dst_ip
