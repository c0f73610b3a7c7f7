-- title:    A laboratory instrument's link loses or damages frames
-- level:    low
-- kind:     quality
-- stage:    exposure
-- attack:   -
-- needs:    astm_transfer
-- fires:    astm-faults
-- quiet:    astm-analyser
-- benign:   a terminal server with the wrong line settings
-- response: Check the line and the terminal server. Ask the laboratory whether results are missing: a transfer that was given up is not sent again by every analyser.
-- LAB-02. Five frames with a wrong checksum, or five refusals, and more than a tenth of all frames.
SELECT min(t.ts) AS ts, max(t.ts) AS until, CASE t.dir WHEN 'server' THEN f.dst_ip ELSE f.src_ip END AS actor,
       CASE t.dir WHEN 'server' THEN f.src_ip ELSE f.dst_ip END AS target, min(t.flow_id) AS flow_id, min(t.file << 32 | t.frame) >> 32 AS file,
       min(t.file << 32 | t.frame) & 4294967295 AS frame, greatest(sum(t.bad_checksums), sum(t.naks)) AS count,
       format('{} of {} frames with a wrong checksum, {} refused, {} sent again', sum(t.bad_checksums), sum(t.frames), sum(t.naks), sum(t.resent)) AS what,
       list(DISTINCT t.flow_id ORDER BY t.flow_id)[1:500] AS flows
FROM astm_transfer t JOIN flow f USING (flow_id) GROUP BY 3, 4
HAVING greatest(sum(t.bad_checksums), sum(t.naks)) >= 5 AND greatest(sum(t.bad_checksums), sum(t.naks)) * 10 > sum(t.frames)
