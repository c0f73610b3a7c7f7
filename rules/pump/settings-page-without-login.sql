-- title:    A pump's settings page was read without a login
-- level:    high
-- kind:     attack
-- stage:    reconnaissance
-- attack:   T1190, T0888
-- needs:    http
-- fires:    pump-services
-- quiet:    quiet-pump-services, http-scanner
-- benign:   a service computer, on a device that asks nobody for a login
-- response: Let only the service computer reach the device's web page, and ask the maker for the version that asks for a login. Compare its network settings with what they
--           should be.
-- V09. portal.xml of an Alaris Gateway Workstation, from which its settings can be read and set without a login (CVE-2019-10962, ICSMA-19-164-01). The device must be
-- known for a pump or for one of that maker: a page of this name may be anybody's.
SELECT min(h.ts) AS ts, max(h.ts) AS until, f.src_ip AS actor, f.dst_ip AS target, min(h.flow_id) AS flow_id, min(h.file << 32 | h.frame) >> 32 AS file,
       min(h.file << 32 | h.frame) & 4294967295 AS frame, count(*) AS count,
       format('read the settings page {} {}, and was asked for no login', min(h.uri), CASE WHEN count(*) = 1 THEN 'once' ELSE format('{} times', count(*)) END) AS what,
       list(DISTINCT h.flow_id ORDER BY h.flow_id)[1:500] AS flows
FROM http h JOIN flow f USING (flow_id)
WHERE h.method = 'GET' AND h.status_code = 200 AND h.auth_scheme IS NULL AND NOT coalesce(len(h.cookie_vars) > 0, false) AND regexp_matches(lower(h.uri), '(^|/)portal\.xml$')
  AND EXISTS (SELECT 1 FROM device d JOIN device_address x USING (device_id) WHERE x.ip = f.dst_ip AND (d.class = 'pump' OR regexp_matches(lower(coalesce(d.vendor, '')), 'alaris|carefusion')))
GROUP BY f.src_ip, f.dst_ip
