-- title:    Two hosts say that they are the monitor of one bed
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1557, T0830, T0856
-- needs:    carescape_bed
-- fires:    carescape-intruder
-- quiet:    carescape-ward
-- benign:   a monitor that was exchanged while the old one was still on; two wards that use the same names on one network
-- response: Go to the bed and read the monitor's address. Do not trust what the central station shows for this bed until the other host is found.
-- GE-02. A monitor is known by the bed that it announces. Two addresses that announce one bed within ten minutes of each other; the finding is about
-- the one that came later. Its hardware address tells whether it is one host with two addresses: then it is none.
WITH b AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, x.unit, x.room, f.src_ip AS ip, f.src_mac AS mac
  FROM carescape x JOIN flow f USING (flow_id) WHERE x.kind = 'discovery' AND x.dir = 'client' AND x.room IS NOT NULL),
claim AS (
  SELECT unit, room, ip, min(mac) AS mac, min(ts) AS a, max(ts) AS z, min(flow_id) AS flow_id, min(file << 32 | frame) AS place, count(*) AS n, list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
  FROM b GROUP BY ALL)
SELECT l.a AS ts, l.z AS until, l.ip AS actor, e.ip AS target, l.flow_id, l.place >> 32 AS file, l.place & 4294967295 AS frame, l.n AS count,
       format('announced itself {} times as the monitor of {} {}, as which {} was known', l.n, coalesce(l.unit, '(no unit)'), l.room, e.ip) AS what,
       list_concat(l.flows[1:250], e.flows[1:250]) AS flows
FROM claim l JOIN claim e ON e.unit IS NOT DISTINCT FROM l.unit AND e.room = l.room AND e.ip <> l.ip
WHERE e.a < l.a AND e.z >= l.a - INTERVAL 10 MINUTES AND coalesce(e.mac, '') <> coalesce(l.mac, 'unknown')
