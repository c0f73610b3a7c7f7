-- title:    A medical device speaks SDC without TLS
-- level:    medium
-- kind:     posture
-- stage:    exposure
-- attack:   T1040, T0842, T0860
-- needs:    sdc
-- fires:    sdc-clear, sdc-intruder
-- quiet:    sdc-tls
-- benign:   a test bench, a network of its own for devices under study
-- response: Ask the maker how to switch TLS with certificates of both sides on: the standard wants it. Until then anybody in that network can read and operate the device.
-- SDC-02. ISO/IEEE 11073 SDC read in clear, one finding a device. High where operations are called so or a patient is named.
WITH m AS (
  SELECT s.*, CASE s.provider WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS device, CASE s.provider WHEN 'client' THEN f.dst_ip ELSE f.src_ip END AS consumer
  FROM sdc s JOIN flow f USING (flow_id)),
named AS (SELECT m.device, count(DISTINCT c.patient_id) AS patients FROM sdc_context c JOIN m ON m.flow_id = c.flow_id AND m.seq = c.parent_seq WHERE c.patient_id IS NOT NULL GROUP BY m.device),
called AS (SELECT m.device, count(*) AS calls FROM sdc_operation o JOIN m ON m.flow_id = o.flow_id AND m.seq = o.parent_seq WHERE o.phase = 'request' GROUP BY m.device),
self AS (SELECT m.device, min(concat_ws(' ', d.manufacturer, d.model)) AS model FROM sdc_device d JOIN m ON m.flow_id = d.flow_id AND m.seq = d.parent_seq WHERE d.model IS NOT NULL GROUP BY m.device)
SELECT min(m.ts) AS ts, max(m.ts) AS until, CASE WHEN count(DISTINCT m.consumer) = 1 THEN min(m.consumer) ELSE format('{} addresses', count(DISTINCT m.consumer)) END AS actor,
       m.device AS target, min(m.flow_id) AS flow_id, min(m.file << 32 | m.frame) >> 32 AS file, min(m.file << 32 | m.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} messages of the device{} crossed in clear{}{}', count(*), coalesce(' ' || min(self.model), ''),
              CASE WHEN coalesce(min(named.patients), 0) > 0 THEN format(', with {} named patients', min(named.patients)) ELSE '' END,
              CASE WHEN coalesce(min(called.calls), 0) > 0 THEN format(', {} of them orders to it', min(called.calls)) ELSE '' END) AS what,
       CASE WHEN coalesce(min(named.patients), 0) > 0 OR coalesce(min(called.calls), 0) > 0 THEN 'high' END AS level,
       list(DISTINCT m.flow_id ORDER BY m.flow_id)[1:500] AS flows
FROM m LEFT JOIN named ON named.device = m.device LEFT JOIN called ON called.device = m.device LEFT JOIN self ON self.device = m.device
GROUP BY m.device
