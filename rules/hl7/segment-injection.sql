-- title:    A field of an HL7 message held a line of its own
-- level:    high
-- kind:     attack
-- stage:    tampering
-- attack:   T1565.002, T0855
-- needs:    hl7_message
-- fires:    hl7-injection
-- quiet:    hl7-mllp-adt-oru, hl7-charsets, hl7-large-pdf
-- benign:   text that was copied with its line ends; a sender that ends lines with LF in some fields
-- response: Compare what the receiver made of the message with what the sender has. Let the interface engine refuse or neutralise line ends in fields.
-- V12. An escape (\X0D\) that yields a new segment (CVE-2020-27260), a second header within one message, or a lookup that a logging library would
-- follow (${...:). Medium where the line end is a lone LF, which some senders write by mistake.
WITH m AS (
  SELECT x.ts, x.flow_id, x.file, x.frame, f.src_ip, f.dst_ip, list_contains(x.flags, 'escaped_segment') AS escaped, list_contains(x.flags, 'second_header') AS header,
         list_contains(x.flags, 'lookup') AS lookup, list_contains(x.flags, 'lf_segment') AS lf
  FROM hl7_message x JOIN flow f USING (flow_id)
  WHERE x.dir = 'client' AND list_has_any(x.flags, ['escaped_segment', 'second_header', 'lookup', 'lf_segment']))
SELECT min(ts) AS ts, max(ts) AS until, src_ip AS actor, dst_ip AS target, min(flow_id) AS flow_id, min(file << 32 | frame) >> 32 AS file,
       min(file << 32 | frame) & 4294967295 AS frame, count(*) AS count,
       format('sent {} messages with {}', count(*), concat_ws(', ',
              CASE WHEN bool_or(escaped) THEN 'an escaped line end that begins another line' END, CASE WHEN bool_or(header) THEN 'a second header inside' END,
              CASE WHEN bool_or(lookup) THEN 'a lookup that programs may follow' END, CASE WHEN bool_or(lf) THEN 'a lone line feed that begins another line' END)) AS what,
       CASE WHEN NOT bool_or(escaped OR header OR lookup) THEN 'medium' END AS level,
       list(DISTINCT flow_id ORDER BY flow_id)[1:500] AS flows
FROM m GROUP BY src_ip, dst_ip
