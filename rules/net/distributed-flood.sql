-- title:    A device was flooded from many addresses at once
-- level:    critical
-- kind:     attack
-- stage:    denial
-- attack:   T1498.001, T0814
-- needs:    flow
-- fires:    flood-distributed
-- quiet:    flood-syn
-- benign:   a rush of real clients (they complete their connections)
-- response: If the device hangs on a patient, send somebody to the bedside. Ask the carrier or the network team to filter in front of it.
-- D05. 1,000 connections or packets that came to nothing within 10 s, from 20 addresses or more, none of which sent a fifth of them. If most
-- addresses sent a single packet, they are forged.
WITH vain AS (
  SELECT src_ip, dst_ip, ts, until, flow_id, src_packets, time_bucket(INTERVAL 5 SECONDS, ts::TIMESTAMP) AS w
  FROM flow
  WHERE proto IN ('tcp', 'udp', 'icmp') AND src_ip IS NOT NULL AND dst_packets <= src_packets
    AND (conn_state IN ('S0', 'SH', 'REJ', 'RSTOS0', 'OTH')) AND dst_ip NOT LIKE '224.%' AND dst_ip NOT LIKE '239.%' AND dst_ip NOT LIKE 'ff%'),
per AS (
  SELECT dst_ip, w - INTERVAL (5 * i) SECONDS AS w, src_ip, sum(src_packets)::BIGINT AS sent
  FROM vain, range(2) x(i) GROUP BY ALL), -- every 10 s, beginning each 5 s
hot AS (
  SELECT dst_ip, w, count(*) AS sources, count(*) FILTER (WHERE sent = 1) AS single
  FROM per GROUP BY dst_ip, w
  HAVING sum(sent) >= coalesce(getvariable('flood_min'), 1000) AND count(*) >= 20 AND 5 * max(sent) < sum(sent)),
part AS ( -- the 5 s that are in such a window: a flow counts once, however many windows it is in
  SELECT dst_ip, w + INTERVAL (5 * i) SECONDS AS w, bool_or(10 * single >= 8 * sources) AS forged FROM hot, range(2) x(i) GROUP BY ALL)
SELECT min(ts) AS ts, max(until) AS until, NULL AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(flow_id) >> 32 AS file,
       min(flow_id) & 4294967295 AS frame, sum(src_packets)::BIGINT AS count,
       format('{} packets came from {} addresses{}', sum(src_packets)::BIGINT, count(DISTINCT src_ip),
              CASE WHEN bool_or(forged) THEN ', most of which sent one only: they are probably forged' ELSE '' END) AS what,
       min(flow_id, 2000) AS flows
FROM vain JOIN part USING (dst_ip, w) GROUP BY dst_ip
