-- title:    A second central station called patient monitors to itself
-- level:    high
-- kind:     attack
-- stage:    interception
-- attack:   T1557, T0830
-- needs:    vista120_beacon
-- fires:    vista120-station
-- quiet:    quiet-vista120
-- benign:   a second central station of the same ward; a station that was replaced
-- response: Ask clinical engineering which stations there are. A monitor that spoke to another one told it its patient's data: see on the monitor
--           which station it shows, and leave it as it is while it is in use.
-- Protocols 6.7. Beacons of the same name from another address than the first one's. Critical where a monitor opened a session with it: a key of its own
-- was then given, without any certificate.
WITH station AS (
  SELECT b.station, f.src_ip, min(b.ts) AS ts, max(f.until) AS until, min(b.flow_id) AS flow_id, min(b.file << 32 | b.frame) AS at,
         sum(b.count)::BIGINT AS n, list(DISTINCT b.flow_id ORDER BY b.flow_id) AS flows
  FROM vista120_beacon b JOIN flow f USING (flow_id)
  WHERE b.station IS NOT NULL
  GROUP BY ALL),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY station ORDER BY ts, src_ip) AS place,
         first_value(src_ip) OVER (PARTITION BY station ORDER BY ts, src_ip) AS first_ip,
         first_value(flow_id) OVER (PARTITION BY station ORDER BY ts, src_ip) AS first_flow
  FROM station),
went AS (
  SELECT f.dst_ip, count(DISTINCT f.src_ip) AS monitors, list(DISTINCT f.flow_id ORDER BY f.flow_id) AS flows, max(f.until) AS until
  FROM vista120_session s JOIN flow f USING (flow_id) GROUP BY f.dst_ip)
SELECT p.ts, greatest(p.until, coalesce(w.until, p.until)) AS until, p.src_ip AS actor, p.first_ip AS target, p.flow_id,
       p.at >> 32 AS file, p.at & 4294967295 AS frame, p.n AS count,
       format('announced itself as central station under the name of {}{}', p.first_ip,
              CASE WHEN w.monitors = 1 THEN ', and 1 monitor went to it' WHEN w.monitors > 1 THEN format(', and {} monitors went to it', w.monitors) ELSE '' END) AS what,
       CASE WHEN w.monitors > 0 THEN 'critical' END AS level,
       list_sort(list_distinct(list_concat([p.first_flow], p.flows[1:250], coalesce(w.flows, [])[1:249]))) AS flows
FROM placed p LEFT JOIN went w ON w.dst_ip = p.src_ip
WHERE p.place > 1
