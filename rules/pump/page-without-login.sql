-- title:    An infusion pump shows its web pages to whoever asks
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T0888, T0822
-- needs:    http
-- fires:    pump-services
-- quiet:    quiet-pump-services, pump-library
-- benign:   a page that tells nothing but the device's name
-- response: Look at the page from the service computer. If it shows or takes settings, let only that computer reach it, and ask the maker for the version that asks for a login.
-- V09: pages that were given (status 200) in clear without a login, a cookie or a token, by a device that is known for a pump. Advisories say of several that settings can be read
-- or changed so (ICSMA-21-355-01 of Fresenius Agilia, ICSMA-19-164-01 of Alaris, ICSMA-20-296-02 of B. Braun).
WITH pump AS (
  SELECT x.ip, min(d.vendor) AS vendor FROM device d JOIN device_address x USING (device_id) WHERE d.class = 'pump' AND x.ip IS NOT NULL GROUP BY x.ip)
SELECT min(h.ts) AS ts, max(h.ts) AS until, CASE WHEN count(DISTINCT f.src_ip) = 1 THEN min(f.src_ip) ELSE format('{} addresses', count(DISTINCT f.src_ip)) END AS actor,
       f.dst_ip AS target, min(h.flow_id) AS flow_id, min(h.file << 32 | h.frame) >> 32 AS file, min(h.file << 32 | h.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} of the pump{} without a login: {}', CASE WHEN count(*) = 1 THEN 'a page' ELSE format('{} pages', count(*)) END, coalesce(' (' || p.vendor || ')', ''),
              array_to_string(list(DISTINCT left(h.uri, 60) ORDER BY left(h.uri, 60))[1:4], ', ')) AS what,
       list(DISTINCT h.flow_id ORDER BY h.flow_id)[1:500] AS flows
FROM http h JOIN flow f USING (flow_id) JOIN pump p ON p.ip = f.dst_ip
WHERE h.method = 'GET' AND h.status_code = 200 AND h.response_body_len > 0 AND h.auth_scheme IS NULL AND NOT coalesce(len(h.cookie_vars) > 0, false)
GROUP BY f.dst_ip, p.vendor
