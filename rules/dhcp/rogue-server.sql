-- title:    A second server handed out network addresses
-- level:    critical
-- kind:     attack
-- stage:    interception
-- attack:   T1557.003, T0830
-- needs:    dhcp
-- fires:    dhcp-rogue
-- quiet:    dhcp-lease
-- benign:   a redundant pair of servers that give the same router and name servers (not reported)
-- response: Find the switch port of the second server. Clients that took its lease send their traffic where it says: list them, and ask
--           the ward before changing anything on a device in use.
-- M05. Two servers answer one request within 30 s and do not agree on router, name servers or proxy. A pair that shares the load agrees.
WITH answers AS (
  SELECT xid, mac, coalesce(server_addr, client_addr) AS server, ts, flow_id, file, frame, array_to_string(list_sort(routers), ' ') AS routers,
         array_to_string(list_sort(dns_servers), ' ') AS dns_servers, coalesce(wpad, '') AS wpad
  FROM dhcp WHERE msg_type IN ('OFFER', 'ACK') AND server_addr IS NOT NULL),
origin AS (
  SELECT server, min(ts) AS since, min(flow_id) AS flow_id, count(DISTINCT mac) AS clients FROM answers GROUP BY server),
clash AS (
  SELECT CASE WHEN (fa.since, a.server) > (fb.since, b.server) THEN a.server ELSE b.server END AS rogue,
         CASE WHEN (fa.since, a.server) > (fb.since, b.server) THEN b.server ELSE a.server END AS known,
         least(a.ts, b.ts) AS ts, greatest(a.ts, b.ts) AS until, greatest(a.file << 32 | a.frame, b.file << 32 | b.frame) AS place,
         greatest(a.flow_id, b.flow_id) AS flow_id, least(a.flow_id, b.flow_id) AS other, a.mac
  FROM answers a JOIN answers b ON a.xid = b.xid AND a.mac = b.mac AND a.server < b.server
  JOIN origin fa ON fa.server = a.server JOIN origin fb ON fb.server = b.server
  WHERE abs(epoch(a.ts) - epoch(b.ts)) <= 30 AND (a.routers, a.dns_servers, a.wpad) IS DISTINCT FROM (b.routers, b.dns_servers, b.wpad))
-- Who was there first by a minute is taken for the lawful one; else nobody can say which of the two it is.
SELECT min(c.ts) AS ts, max(c.until) AS until, CASE WHEN min(r.since) > min(k.since) + INTERVAL 60 SECONDS THEN c.rogue END AS actor,
       format('{} clients', count(DISTINCT c.mac)) AS target, min(c.flow_id) AS flow_id,
       min(c.place) >> 32 AS file, min(c.place) & 4294967295 AS frame, count(DISTINCT c.mac) AS count,
       format('{} and {} both answered {} clients, with different routers or name servers', c.known, c.rogue, count(DISTINCT c.mac)) AS what,
       list_concat(list(DISTINCT c.flow_id ORDER BY c.flow_id)[1:249], list(DISTINCT c.other ORDER BY c.other)[1:249], [min(r.flow_id), min(k.flow_id)]) AS flows
FROM clash c JOIN origin r ON r.server = c.rogue JOIN origin k ON k.server = c.known
GROUP BY c.rogue, c.known
