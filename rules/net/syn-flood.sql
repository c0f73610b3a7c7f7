-- title:    A service was flooded with connection requests
-- level:    high
-- kind:     attack
-- stage:    denial
-- attack:   T1499.001, T1498.001, T0814
-- needs:    flow
-- fires:    flood-syn
-- quiet:    scan-ports
-- benign:   a load test; many clients that come back at once after a restart (they complete the handshake)
-- response: If the device hangs on a patient, send somebody to the bedside. Limit the rate at the switch or firewall, and find the source.
-- D01. 1,000 requests to one service in 10 s of which 90 % stay half open; 200 for monitors, pumps and other small devices. Clinical
-- servers see fewer than 50 new connections a second.
WITH small AS (
  SELECT ip FROM device WHERE class IN ('monitor', 'pump', 'ventilator', 'anaesthesia', 'iot')),
bins AS (
  SELECT dst_ip, dst_port, time_bucket(INTERVAL 5 SECONDS, ts::TIMESTAMP) AS w, sum(src_syn)::BIGINT AS syns,
         coalesce(sum(src_syn) FILTER (WHERE conn_state IN ('S0', 'SH', 'RSTOS0', 'REJ')), 0)::BIGINT AS half, min(ts) AS ts, max(until) AS until,
         min(flow_id) AS flow_id
  FROM flow WHERE proto = 'tcp' AND src_syn > 0 GROUP BY ALL),
two AS ( -- every 10 s, beginning each 5 s
  SELECT *, syns + coalesce(lead(syns) OVER p, 0) AS syns10, half + coalesce(lead(half) OVER p, 0) AS half10
  FROM bins WINDOW p AS (PARTITION BY dst_ip, dst_port ORDER BY w)),
hot AS (
  SELECT dst_ip, dst_port, min(ts) AS ts, max(until) AS until, max(syns10) AS peak
  FROM two WHERE syns10 >= CASE WHEN dst_ip IN (FROM small) THEN 200 ELSE coalesce(getvariable('syn_flood_min'), 1000) END AND 10 * half10 >= 9 * syns10
  GROUP BY ALL)
SELECT h.ts, max(f.until) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) END AS actor, h.dst_ip AS target,
       min(f.flow_id) AS flow_id, min(f.flow_id) >> 32 AS file, min(f.flow_id) & 4294967295 AS frame, sum(f.src_syn)::BIGINT AS count,
       format('{} connection requests came to port {} from {}, up to {} in 10 s, and were not completed', sum(f.src_syn)::BIGINT, h.dst_port,
              CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END, h.peak) AS what,
       min(f.flow_id, 2000) AS flows
FROM hot h JOIN flow f ON f.dst_ip = h.dst_ip AND f.dst_port = h.dst_port AND f.proto = 'tcp' AND f.ts BETWEEN h.ts AND h.until + INTERVAL 10 SECONDS
GROUP BY h.dst_ip, h.dst_port, h.ts, h.peak
