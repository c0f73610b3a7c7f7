-- title:    A pump's gateway was asked for something that its protocol does not have
-- level:    medium
-- kind:     attack
-- stage:    command
-- attack:   T0855, T0866
-- needs:    bcc
-- fires:    bcc-ward
-- quiet:    bcc-cyclic, quiet-pump-services
-- benign:   a newer edition of the protocol; a test of the interface
-- response: Find out who owns the asking host. Let clinical engineering compare the gateway's settings with what they should be.
-- PUMP-03. BCC reads out only: ADMIN:ALIVE, ADMIN:VERSION, MEM:GET and MEM:GETSLOT are all it has. Commands of another protocol, not published, were taken by a SpaceCom from
-- anybody (CVE-2021-33882). High if the request was answered by something else than an error.
WITH asked AS (
  SELECT b.*, CASE b.dir WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS actor, CASE b.dir WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS target,
         (SELECT min_by(r.error IS NULL, r.seq) FROM bcc r WHERE r.flow_id = b.flow_id AND r.seq > b.seq AND r.kind = 'response') AS answered
  FROM bcc b JOIN flow f USING (flow_id) WHERE b.unknown_request)
SELECT min(ts) AS ts, max(ts) AS until, actor, target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file, min(file << 32 | frame) & 4294967295 AS frame,
       count(*) AS count, format('asked the gateway by BCC for {}, which the protocol does not have', array_to_string(list(DISTINCT request ORDER BY request)[1:5], ', ')) AS what,
       CASE WHEN bool_or(coalesce(answered, false)) THEN 'high' END AS level,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM asked GROUP BY actor, target
