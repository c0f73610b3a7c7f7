-- title:    A second host spoke in the name of a device
-- level:    high
-- kind:     attack
-- stage:    interception
-- attack:   T1557, T0830, T0856
-- needs:    wsd
-- fires:    sdc-intruder
-- quiet:    sdc-clear, sdc-tls
-- benign:   a device with two network cards that announces each alone; a device that was replaced and took over its predecessor's name
-- response: Find the switch port of the second host. Stations that took its word now send it what was meant for the device: compare what they show with the
--           device at the bedside, and ask the ward before changing anything on a device in use.
-- WS-Discovery is not signed. A Hello or an answer names an endpoint at an address that is not the one first announced, or a Bye comes from another host than
-- the endpoint's, while the first host goes on sending. Hosts of one hardware address are one. Critical where the device is a medical one.
WITH said AS (
  SELECT w.*, CASE w.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS sender, CASE w.dir WHEN 'client' THEN f.src_mac ELSE f.dst_mac END AS mac,
         trim(regexp_extract(coalesce(w.xaddrs[1], ''), '^https?://(\[[0-9A-Fa-f:.]+\]|[0-9.]+)', 1), '[]') AS place
  FROM wsd w JOIN flow f USING (flow_id) WHERE w.epr IS NOT NULL AND w.message IN ('Hello', 'ProbeMatches', 'ResolveMatches', 'Bye')),
claim AS ( -- a proxy answers for others: their own address stands in the answer
  SELECT *, CASE WHEN message <> 'Bye' AND place <> '' THEN place ELSE sender END AS host FROM said),
owner AS (
  SELECT epr, host, mac, kind, ts, flow_id FROM claim WHERE message <> 'Bye' QUALIFY row_number() OVER (PARTITION BY epr ORDER BY ts, flow_id, seq) = 1),
other AS (
  SELECT c.*, o.host AS first_host, o.flow_id AS announced, coalesce(o.kind, c.kind) AS what_kind FROM claim c JOIN owner o USING (epr)
  WHERE c.host <> o.host AND c.sender <> o.host AND contains(c.host, ':') = contains(o.host, ':') AND (c.mac IS NULL OR o.mac IS NULL OR c.mac <> o.mac)),
alive AS (
  SELECT x.*, (SELECT max(f.flow_id) FROM flow f WHERE (f.src_ip = x.first_host AND f.src_packets > 0 OR f.dst_ip = x.first_host AND f.dst_packets > 0)
                 AND f.until > x.ts + INTERVAL 1 SECOND) AS serving
  FROM other x)
SELECT min(ts) AS ts, max(ts) AS until, sender AS actor, first_host AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} in the name of {} devices that {} had announced and goes on to serve', string_agg(DISTINCT message, ' and ' ORDER BY message), count(DISTINCT epr), first_host) AS what,
       CASE WHEN bool_or(what_kind = 'medical') THEN 'critical' END AS level,
       list_concat(list(DISTINCT flow_id ORDER BY flow_id)[1:300], list(DISTINCT announced ORDER BY announced)[1:100], list(DISTINCT serving ORDER BY serving)[1:100]) AS flows
FROM alive WHERE serving IS NOT NULL GROUP BY sender, first_host
