-- title:    The capture's clock is not sound
-- level:    informational
-- kind:     quality
-- stage:    exposure
-- attack:   -
-- needs:    flow
-- fires:    clock-step
-- quiet:    dicom-basic, quiet-ward
-- benign:   a capturing machine whose clock was set; captures merged by hand
-- response: Compare with another clock before you put times into a report. Counts in a time window may be wrong around this packet.
-- Q02. Steps back of the clock by more than a minute within a file, and stamps far from their neighbours. (Gaps of all traffic cannot be told from silence.)
SELECT min(a.ts) AS ts, max(a.ts) AS until, NULL AS actor, NULL AS target, NULL::BIGINT AS flow_id, min(a.file << 32 | a.frame) >> 32 AS file,
       min(a.file << 32 | a.frame) & 4294967295 AS frame, count(*) AS count,
       CASE a.kind WHEN 'capture_clock_step' THEN format('the clock of file {} stepped back {} times, at most by {} s', a.file, count(*), max(a.count))
                   ELSE format('the times of {} packets of file {} lie far from those of their neighbours', count(*), a.file) END AS what
FROM anomaly a WHERE a.kind IN ('capture_clock_step', 'capture_clock_jump')
GROUP BY a.file, a.kind
