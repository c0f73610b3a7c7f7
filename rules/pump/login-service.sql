-- title:    An infusion pump answers Telnet or FTP
-- level:    high
-- kind:     posture
-- stage:    exposure
-- attack:   T1078.001, T0812, T0886
-- needs:    device
-- fires:    pump-services, pump-library, telnet-login
-- quiet:    ftp-session, quiet-pump-services
-- benign:   a visit of the maker's service
-- response: Ask clinical engineering whether the service is needed, and for the maker's advice. Let only the service computer reach it.
-- V04, V09, PUMP-01. Advisories say of many pumps that these services have passwords that are the same everywhere, or none (ICSMA-17-250-02A, ICSMA-20-170-04,
-- ICSA-15-125-01B). What an advisory says of the product is no proof of this one's state.
WITH pump AS (
  SELECT x.ip, min(d.vendor) AS vendor, min(d.model) AS model, min(d.version) AS version FROM device d JOIN device_address x USING (device_id)
  WHERE d.class = 'pump' AND x.ip IS NOT NULL GROUP BY x.ip)
SELECT min(f.ts) AS ts, max(f.until) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(f.flow_id) AS flow_id, min(f.flow_id) >> 32 AS file, min(f.flow_id) & 4294967295 AS frame, count(*) AS count,
       format('the pump{} answered {}{}', coalesce(' (' || concat_ws(' ', p.vendor, p.model, p.version) || ')', ''),
              string_agg(DISTINCT CASE f.service WHEN 'ftp' THEN 'FTP' ELSE 'Telnet' END, ' and ' ORDER BY CASE f.service WHEN 'ftp' THEN 'FTP' ELSE 'Telnet' END),
              CASE WHEN p.vendor ILIKE '%baxter%' THEN ', which ICSMA-20-170-04 is about' WHEN p.vendor ILIKE '%smiths%' THEN ', which ICSMA-17-250-02A is about'
                   WHEN p.vendor ILIKE '%hospira%' OR p.vendor ILIKE '%icu med%' THEN ', which ICSA-15-125-01B and ICSA-15-161-01 are about' ELSE '' END) AS what,
       min(f.flow_id, 500) AS flows
FROM flow f JOIN pump p ON p.ip = f.dst_ip
WHERE f.service IN ('telnet', 'ftp') AND f.dst_bytes > 0 AND NOT f.guessed
GROUP BY f.dst_ip, p.vendor, p.model, p.version
