-- title:    A patient monitor spoke to the address built into Contec firmware
-- level:    critical
-- kind:     attack
-- stage:    exfiltration
-- attack:   T1071, T1041, T0869
-- needs:    flow
-- fires:    contec-address
-- quiet:    scan-addresses
-- benign:   none known in a hospital
-- response: See whether the monitor is in use, and replace it at the bedside before it is taken off the network, as FDA and CISA advise
--           (ICSMA-25-030-01). Block 202.114.4.0/24 at the edge. Tell privacy: other data than NFS is the patient's.
-- V01. CISA ICSMA-25-030-01: CVE-2025-0626, CVE-2025-0683, CVE-2024-12248. Contec CMS8000 and Epsimed MN-120 monitors fetch programs by NFS
-- from, and send patient data to, an address at a university, whatever the hospital's own network is.
SELECT min(ts) AS ts, max(until) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(flow_id) >> 32 AS file,
       min(flow_id) & 4294967295 AS frame, count(*) AS count,
       format('sent {} packets ({} bytes) to {}, {}', sum(src_packets)::BIGINT, sum(src_bytes)::BIGINT, dst_ip,
              CASE WHEN bool_or(dst_port IN (111, 2049)) THEN 'also by NFS, the way in which the built-in backdoor loads programs'
                   WHEN sum(dst_packets) = 0 THEN 'which did not answer' ELSE 'which answered' END) AS what,
       CASE WHEN dst_ip NOT IN ('202.114.4.119', '202.114.4.120') THEN 'medium' END AS level,
       min(flow_id, 500) AS flows
FROM flow WHERE dst_ip LIKE '202.114.4.%' AND src_local
GROUP BY src_ip, dst_ip
