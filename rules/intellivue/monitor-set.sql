-- title:    A patient monitor was told to change something
-- level:    high
-- kind:     attack
-- stage:    command
-- attack:   T0855, T0836, T0831
-- needs:    intellivue
-- fires:    intellivue-second-client
-- quiet:    intellivue-monitor
-- benign:   a client that uses more of the data export than the order in which values are sent
-- response: Have somebody look at the monitor at the bedside now: its alarms, limits and mode. Then ask whose computer sent it.
-- IV-02. Clients of the data export ask. The one thing they set is which values and waves come first; a set of anything else changes the monitor. Critical
-- where the monitor confirmed it.
WITH s AS (
  SELECT x.*, CASE WHEN x.dir = 'client' THEN f.src_ip ELSE f.dst_ip END AS client, CASE WHEN x.dir = 'client' THEN f.dst_ip ELSE f.src_ip END AS monitor
  FROM intellivue x JOIN flow f USING (flow_id)
  WHERE x.kind = 'invoke' AND x.command IN ('set', 'confirmed_set')
    AND len(list_filter(coalesce(x.attributes, []), lambda a: a NOT IN ('object_poll_number_priority', 'numeric_priority_list', 'wave_priority_list'))) > 0)
SELECT min(s.ts) AS ts, max(s.ts) AS until, s.client AS actor, s.monitor AS target, min(s.flow_id) AS flow_id, min(s.file << 32 | s.frame) >> 32 AS file,
       min(s.file << 32 | s.frame) & 4294967295 AS frame, count(*) AS count,
       format('{} requests to set {} of the monitor {}, {} confirmed', count(*), string_agg(DISTINCT array_to_string(s.attributes, ', ') ORDER BY array_to_string(s.attributes, ', ')), s.monitor,
              count(*) FILTER (EXISTS (SELECT 1 FROM intellivue r WHERE r.flow_id = s.flow_id AND r.request_seq = s.seq AND r.kind = 'result'))) AS what,
       CASE WHEN count(*) FILTER (EXISTS (SELECT 1 FROM intellivue r WHERE r.flow_id = s.flow_id AND r.request_seq = s.seq AND r.kind = 'result')) > 0 THEN 'critical' END AS level,
       list(DISTINCT s.flow_id ORDER BY s.flow_id)[1:500] AS flows
FROM s GROUP BY s.client, s.monitor
