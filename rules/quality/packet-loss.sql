-- title:    The capture lacks packets, or one side of the conversations
-- level:    informational
-- kind:     quality
-- stage:    exposure
-- attack:   -
-- needs:    flow
-- fires:    dicom-one-way
-- quiet:    dicom-basic, quiet-ward
-- benign:   a mirror port that is overloaded, or that was set to one direction
-- response: Read "nothing found" with care. Check the tap or mirror port before the next night.
-- Q01. More than 1 % of the TCP payload lost, more than 30 % of the connections with payload from one side only, packets cut by the snap length in more than 1 %, or
-- packets that the capturing machine says it dropped: half of the rules need both sides.
WITH tcp AS (
  SELECT sum(missed_bytes)::BIGINT AS missed, sum(coalesce(src_stream_bytes, src_bytes) + coalesce(dst_stream_bytes, dst_bytes))::BIGINT AS bytes,
         count(*) FILTER (WHERE src_bytes + dst_bytes > 0) AS spoken,
         count(*) FILTER (WHERE src_bytes + dst_bytes > 0 AND (src_packets = 0 OR dst_packets = 0)) AS one_sided,
         min(ts) AS ts, max(until) AS until, max(CASE WHEN missed_bytes > 0 THEN missed_bytes END) AS worst
  FROM flow WHERE proto = 'tcp'),
taken AS (SELECT sum(delivered) AS packets, sum(snapped) AS snapped, sum(drops) AS drops, sum(wire_bytes - captured_bytes) AS cut, min(first_ts) AS ts, max(last_ts) AS until FROM capture_file WHERE copy_of IS NULL OR copy_of = 0),
said AS (
  SELECT t.ts, t.until, t.missed AS n, (SELECT min(f.flow_id) FROM flow f WHERE f.proto = 'tcp' AND f.missed_bytes = t.worst) AS flow_id,
         format('{} of TCP payload, {} % of it, are not in the capture', format_bytes(t.missed), round(100.0 * t.missed / greatest(t.bytes, t.missed), 1)) AS what
  FROM tcp t, taken c WHERE t.missed - c.cut > coalesce(getvariable('loss_share'), 0.01) * greatest(t.bytes, t.missed)
  UNION ALL
  SELECT t.ts, t.until, t.one_sided, (SELECT min(f.flow_id) FROM flow f WHERE f.proto = 'tcp' AND f.src_bytes + f.dst_bytes > 0 AND (f.src_packets = 0 OR f.dst_packets = 0)),
         format('of {} TCP connections that carry data {} are in the capture with one side only', t.spoken, t.one_sided)
  FROM tcp t WHERE t.spoken > 0 AND t.one_sided > 0.3 * t.spoken
  UNION ALL
  SELECT c.ts, c.until, c.snapped::BIGINT, NULL, format('{} packets, {} % of all, were cut by the snap length', c.snapped, round(100.0 * c.snapped / c.packets, 1))
  FROM taken c WHERE c.packets > 0 AND c.snapped > 0.01 * c.packets
  UNION ALL
  SELECT c.ts, c.until, c.drops::BIGINT, NULL, format('the capturing machine says that it dropped {} packets', c.drops) FROM taken c WHERE c.drops > 0)
SELECT ts, until, NULL AS actor, NULL AS target, flow_id, flow_id >> 32 AS file, flow_id & 4294967295 AS frame, n AS count, what FROM said WHERE ts IS NOT NULL
