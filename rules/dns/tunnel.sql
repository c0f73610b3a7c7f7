-- title:    Data was hidden in name lookups
-- level:    high
-- kind:     attack
-- stage:    command
-- attack:   T1071.004, T1572, T1048
-- needs:    dns
-- fires:    dns-tunnel
-- quiet:    dns-mixed
-- benign:   reputation lookups of virus scanners; content networks; mail filters
-- response: Block the domain at the resolver. Find the program on the asking host, and what it had access to.
-- B03. 100 different names under one domain with long labels or unusual types, or 50 with a part of 100 characters and hardly ever the same
-- twice: programs that tunnel put their data into names.
WITH q AS (
  SELECT f.src_ip, d.base_domain, d.query, d.sub_len, d.qtype_name, d.query_bytes, d.ts, d.flow_id, d.file, d.frame, f.dst_ip
  FROM dns d JOIN flow f USING (flow_id)
  WHERE d.kind = 'dns' AND NOT d.is_response AND d.base_domain IS NOT NULL)
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, base_domain AS target, min(flow_id) AS flow_id,
       min(file << 32 | frame) >> 32 AS file, min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('asked for {} different names under {}, up to {} characters long: {} bytes went out in them', count(DISTINCT query), base_domain,
              max(sub_len), sum(query_bytes)::BIGINT) AS what,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM q GROUP BY src_ip, base_domain
HAVING (count(DISTINCT query) >= coalesce(getvariable('dns_tunnel_names'), 100)
        AND (sum(sub_len) >= 30 * count(*) OR 2 * count(*) FILTER (WHERE qtype_name IN ('TXT', 'NULL', 'CNAME', 'MX')) >= count(*)))
    OR (count(DISTINCT query) >= 50 AND max(sub_len) >= 100 AND 10 * count(DISTINCT query) >= 9 * count(*))
