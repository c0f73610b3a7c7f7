-- title:    A device was flooded with UDP packets
-- level:    high
-- kind:     attack
-- stage:    denial
-- attack:   T1498.001, T0814
-- needs:    flow
-- fires:    flood-udp
-- quiet:    flood-syn
-- benign:   video, backups or telemetry over UDP that are not answered by their nature
-- response: If the device hangs on a patient, send somebody to the bedside. Limit the rate at the switch, and find the source.
-- D02. 5,000 packets to one address in 10 s with fewer than 1 % answered; multicast is left out. Packets of a long flow count by its mean
-- rate.
WITH rate AS (
  SELECT src_ip, dst_ip, flow_id, ts, until, src_packets, dst_packets, epoch(until - ts) AS seconds
  FROM flow WHERE proto = 'udp' AND dst_ip NOT LIKE '224.%' AND dst_ip NOT LIKE '239.%' AND dst_ip NOT LIKE 'ff%' AND dst_ip <> '255.255.255.255'),
bins AS (
  SELECT dst_ip, time_bucket(INTERVAL 10 SECONDS, ts::TIMESTAMP) AS w,
         sum(src_packets * least(1, 10 / greatest(seconds, 0.001)))::BIGINT AS packets, sum(src_packets)::BIGINT AS sent, sum(dst_packets)::BIGINT AS answered
  FROM rate GROUP BY ALL),
hot AS (
  SELECT dst_ip, min(w) AS a, max(w) + INTERVAL 10 SECONDS AS b FROM bins
  WHERE packets >= coalesce(getvariable('udp_flood_min'), 5000) AND 100 * answered < sent GROUP BY dst_ip)
SELECT min(r.ts) AS ts, max(r.until) AS until, CASE WHEN min(r.src_ip) = max(r.src_ip) THEN min(r.src_ip) END AS actor, h.dst_ip AS target,
       min(r.flow_id) AS flow_id, min(r.flow_id) >> 32 AS file, min(r.flow_id) & 4294967295 AS frame, sum(r.src_packets)::BIGINT AS count,
       format('{} UDP packets came from {} and were not answered', sum(r.src_packets)::BIGINT,
              CASE WHEN min(r.src_ip) = max(r.src_ip) THEN min(r.src_ip) ELSE format('{} addresses', count(DISTINCT r.src_ip)) END) AS what,
       min(r.flow_id, 500) AS flows
FROM hot h JOIN rate r ON r.dst_ip = h.dst_ip AND r.ts::TIMESTAMP BETWEEN h.a AND h.b
GROUP BY h.dst_ip
