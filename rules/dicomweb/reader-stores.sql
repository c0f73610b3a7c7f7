-- title:    Images were stored by an address that until then only read
-- level:    medium
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.001, T0832
-- needs:    dicomweb
-- fires:    dicomweb-services
-- quiet:    dicomweb-bulk
-- benign:   a workstation that sends key images, reconstructions or a disc that a patient brought
-- response: Ask who works at the address, and look at what it stored: the archive shows where an object came from.
-- S13, the part of HTTP: who searched or fetched three times and more before its first store, at an archive at which another address stores.
WITH x AS (
  SELECT f.src_ip, f.dst_ip, d.*, d.objects_sent > 0 AND d.status_code BETWEEN 200 AND 299 AS stores,
         d.service IN ('qido-rs', 'wado-rs', 'wado-uri') AND d.status_code BETWEEN 200 AND 299 AS reads
  FROM dicomweb d JOIN flow f USING (flow_id)),
begun AS (SELECT src_ip, dst_ip, min(ts) AS ts, min(flow_id) AS flow_id FROM x WHERE stores GROUP BY src_ip, dst_ip),
turned AS (
  SELECT b.src_ip, b.dst_ip, count(*) AS n, list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:200] AS flows FROM begun b JOIN x ON x.src_ip = b.src_ip AND x.dst_ip = b.dst_ip AND x.reads AND x.ts < b.ts
  GROUP BY b.src_ip, b.dst_ip HAVING count(*) >= coalesce(getvariable('web_reads'), 3)),
others AS (SELECT t.src_ip, t.dst_ip, min(o.flow_id) AS flow_id FROM turned t JOIN begun o ON o.dst_ip = t.dst_ip AND o.src_ip <> t.src_ip GROUP BY ALL)
SELECT min(x.ts) AS ts, max(x.ts) AS until, x.src_ip AS actor, x.dst_ip AS target, min(x.flow_id) AS flow_id,
       min(x.file << 32 | x.frame) >> 32 AS file, min(x.file << 32 | x.frame) & 4294967295 AS frame, count(*) AS count,
       format('stored {} objects in {} requests, after {} in which it searched or fetched', sum(x.objects_sent), count(*), max(t.n)) AS what,
       list_concat(list(DISTINCT x.flow_id ORDER BY x.flow_id)[1:299], max(t.flows), [min(o.flow_id)]) AS flows
FROM turned t JOIN x ON x.src_ip = t.src_ip AND x.dst_ip = t.dst_ip AND x.stores
JOIN others o ON o.src_ip = t.src_ip AND o.dst_ip = t.dst_ip
GROUP BY x.src_ip, x.dst_ip
