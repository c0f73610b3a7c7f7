-- title:    An archive was asked to send images to one destination after another
-- level:    high
-- kind:     attack
-- stage:    credentials
-- attack:   T1110.001, T1213
-- needs:    dicom_move
-- fires:    dicom-destination-guessing
-- quiet:    dicom-move, dicom-basic, dicom-bulk-pull
-- benign:   a workstation whose list of destinations was set up for another archive
-- response: Ask who works at the address. See in the archive's log whether one of the titles was known, and where its images went.
-- DICOM-04. An archive sends only to titles it knows, and knows their addresses: a guess finds out which there are. Three titles and more that it
-- refused as unknown (0xA801) within ten minutes. Critical where a later one was taken.
WITH move AS (
  SELECT *, count(DISTINCT move_destination) FILTER (status = '0xA801') OVER w AS n
  FROM dicom_move WINDOW w AS (PARTITION BY requester_ip, archive_ip ORDER BY ts::TIMESTAMP RANGE BETWEEN INTERVAL 10 MINUTES PRECEDING AND CURRENT ROW)),
hot AS (SELECT requester_ip, archive_ip, min(ts) AS a FROM move WHERE n >= coalesce(getvariable('move_titles'), 3) GROUP BY requester_ip, archive_ip)
SELECT min(m.ts) AS ts, max(m.ts) AS until, m.requester_ip AS actor, m.archive_ip AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file,
       min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('asked {} times for images to be sent elsewhere; the archive did not know {} of the destinations{}', count(*), count(DISTINCT m.move_destination) FILTER (m.status = '0xA801'),
              CASE WHEN bool_or(m.objects > 0 AND m.ts >= h.a) THEN format(', then sent {} objects to {}', sum(m.objects) FILTER (m.ts >= h.a),
                   string_agg(DISTINCT m.to_ip, ', ' ORDER BY m.to_ip) FILTER (m.ts >= h.a)) ELSE '' END) AS what,
       CASE WHEN bool_or(m.objects > 0 AND m.ts >= h.a) THEN 'critical' END AS level,
       list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM move m JOIN hot h USING (requester_ip, archive_ip)
GROUP BY m.requester_ip, m.archive_ip
