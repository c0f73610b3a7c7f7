-- title:    Somebody logged in to a patient monitor or an imaging device by FTP or Telnet
-- level:    high
-- kind:     attack
-- stage:    lateral
-- attack:   T1078.001, T0812, T0859
-- needs:    device
-- fires:    monitor-login
-- quiet:    ftp-session, telnet-login
-- benign:   a visit of the maker's service
-- response: Ask clinical engineering whether the maker's service was there. If not, have the device looked at before it is used again, and let only the service computer reach it.
-- V05. Advisories say of some such devices that these services have accounts with the same password everywhere, or none (ICSMA-19-255-01 on IntelliVue WLAN,
-- ICSMA-19-113-01 on Fuji CR, ICSMA-18-037-02 on GE imaging); what an advisory says of a product is no proof of this one's state. Critical where a file was
-- stored there, or the password is one that products are shipped with.
WITH bedside AS (
  SELECT x.ip, min(d.class) AS class, min(d.vendor) AS vendor, min(d.model) AS model FROM device d JOIN device_address x USING (device_id)
  WHERE d.class IN ('monitor', 'imaging') AND x.ip IS NOT NULL GROUP BY x.ip),
login AS (
  SELECT ts, flow_id, file, frame, 'FTP' AS service, default_credential AS standard, false AS stored FROM ftp WHERE command = 'PASS' AND login = 'success' AND NOT anonymous
  UNION ALL
  SELECT s.ts, s.flow_id, s.file, s.frame, 'FTP', false, true FROM ftp s
  WHERE s.command IN ('STOR', 'APPE', 'STOU') AND s.reply_code BETWEEN 100 AND 299 AND EXISTS (SELECT 1 FROM ftp p WHERE p.flow_id = s.flow_id AND p.command = 'PASS' AND p.login = 'success')
  UNION ALL
  SELECT ts, flow_id, file, frame, 'Telnet', default_credential, false FROM telnet WHERE outcome = 'success')
SELECT min(l.ts) AS ts, max(f.until) AS until, f.src_ip AS actor, f.dst_ip AS target, min(l.flow_id) AS flow_id, min(l.file << 32 | l.frame) >> 32 AS file,
       min(l.file << 32 | l.frame) & 4294967295 AS frame, count(*) FILTER (NOT l.stored) AS count,
       format('logged in by {} to the {}{}{}', string_agg(DISTINCT l.service, ' and ' ORDER BY l.service), CASE b.class WHEN 'monitor' THEN 'patient monitor' ELSE 'imaging device' END,
              CASE WHEN b.vendor IS NULL THEN '' ELSE ' (' || concat_ws(' ', b.vendor, b.model) || ')' END,
              CASE WHEN bool_or(l.stored) THEN CASE count(*) FILTER (l.stored) WHEN 1 THEN ' and stored a file there' ELSE ' and stored files there, ' || count(*) FILTER (l.stored) || ' times' END ELSE '' END) AS what,
       CASE WHEN bool_or(l.stored) OR bool_or(l.standard) THEN 'critical' END AS level, list(DISTINCT l.flow_id ORDER BY l.flow_id)[1:500] AS flows
FROM login l JOIN flow f USING (flow_id) JOIN bedside b ON b.ip = f.dst_ip
GROUP BY f.src_ip, f.dst_ip, b.class, b.vendor, b.model
