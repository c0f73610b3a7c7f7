-- title:    A device was told to change a therapy by an address that had not done so before
-- level:    critical
-- kind:     attack
-- stage:    command
-- attack:   T0855, T0836, T0831
-- needs:    therapy
-- fires:    alaris-asena
-- quiet:    quiet-pump-services, bcc-ward
-- benign:   a controller that was put into service, or moved to another address
-- response: Let clinical engineering look at the device at the bedside now, and compare its settings with the prescription. Ask the ward before isolating it; it
--           is in use on a patient until the ward says otherwise.
-- S06, PUMP-02. Messages of any protocol that tell a device to start, stop or change a therapy, in the second half of a capture of at least 30 minutes,
-- from an address that told that device nothing in the first half. High if it had spoken with the device before: a station that only read until now.
WITH span AS (SELECT min(ts) AS a, max(until) AS b FROM flow),
told AS (
  SELECT t.*, CASE t.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS actor, CASE t.dir WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS target,
         t.ts < s.a + (s.b - s.a) / 2 AS early,
         CASE WHEN t.action IN ('start', 'stop', 'pause', 'cancel', 'bolus') THEN t.action
              ELSE format('{} {}', t.action, coalesce(t.parameter, 'a setting')) END
         || CASE WHEN t.before IS NOT NULL THEN format(' from {}', t.before) ELSE '' END
         || CASE WHEN t.after IS NOT NULL THEN format(' to {} {}', t.after, coalesce(t.unit, '')) WHEN t.value IS NOT NULL THEN format(' ({})', t.value) ELSE '' END AS said
  FROM therapy t JOIN flow f USING (flow_id), span s WHERE t.remote AND s.b - s.a >= INTERVAL 30 MINUTES),
fresh AS (
  SELECT * FROM told x WHERE NOT early AND NOT EXISTS (SELECT 1 FROM told y WHERE y.early AND y.actor = x.actor AND y.target = x.target)),
known AS (
  SELECT DISTINCT f.src_ip AS a, f.dst_ip AS b FROM flow f, span s WHERE f.ts < s.a + (s.b - s.a) / 2 AND f.src_bytes + f.dst_bytes > 0)
SELECT min(x.ts) AS ts, max(x.ts) AS until, x.actor, x.target, min(x.flow_id) AS flow_id, min(x.file << 32 | x.frame) >> 32 AS file,
       min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('told the device{} by {}: {}', coalesce(' ' || min(x.device), ''), string_agg(DISTINCT x.protocol, ', ' ORDER BY x.protocol),
              array_to_string(list(trim(x.said) ORDER BY x.ts, x.flow_id, x.seq)[1:6], ', ')) AS what,
       CASE WHEN EXISTS (SELECT 1 FROM known k WHERE (k.a = x.actor AND k.b = x.target) OR (k.a = x.target AND k.b = x.actor)) THEN 'high' END AS level,
       list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:500] AS flows
FROM fresh x GROUP BY x.actor, x.target
