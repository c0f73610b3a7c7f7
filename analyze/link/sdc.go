package link

// What ISO/IEEE 11073 SDC reports and asks for by handle becomes clinical rows: what a handle means was told in another exchange, mostly on
// another connection.

// sdcBase joins states and operations with their device (ip), the MDIB that was in force, what the handle means (d_...) and the patient.
// A request names no MDIB: it is the one its device last told of, or first. Of several descriptors of a handle the newest counts. Codes stand as clinical.Term has them.
const sdcBase = `
WITH told AS (
	SELECT CASE d.provider WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS ip, d.* EXCLUDE (provider)
	FROM sdc_descriptor d JOIN flow f USING (flow_id) WHERE d.modification IS DISTINCT FROM 'Del'),
meaning AS (
	SELECT * REPLACE (coalesce(ref_id, code) AS code) FROM told QUALIFY row_number() OVER (PARTITION BY ip, sequence_id, handle ORDER BY mdib_version DESC, ts DESC, flow_id DESC, seq DESC) = 1),
mdib AS (SELECT ip, sequence_id, min(ts) AS since FROM told GROUP BY ip, sequence_id),
started AS (SELECT ip, since, min(sequence_id) AS sequence_id FROM mdib GROUP BY ip, since),
first_mdib AS (SELECT ip, min(sequence_id) AS sequence_id FROM mdib WHERE (ip, since) IN (SELECT (ip, min(since)) FROM mdib GROUP BY ip) GROUP BY ip),
placed AS (
	SELECT CASE s.provider WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS ip, s.* FROM sdc_state s JOIN flow f USING (flow_id)),
state AS (
	SELECT s.* REPLACE (coalesce(s.sequence_id, m.sequence_id, e.sequence_id) AS sequence_id)
	FROM placed s ASOF LEFT JOIN started m ON s.ip = m.ip AND s.ts >= m.since LEFT JOIN first_mdib e ON e.ip = s.ip),
served AS (
	SELECT CASE c.provider WHEN 'client' THEN f.src_ip ELSE f.dst_ip END AS ip, c.sequence_id, coalesce(c.mdib_version, 0) AS mdib_version,
		CASE WHEN count(DISTINCT c.patient_id) FILTER (c.association = 'Assoc') = 1 THEN min(c.patient_id) FILTER (c.association = 'Assoc') END AS patient_id
	FROM sdc_context c JOIN flow f USING (flow_id) WHERE c.kind = 'Patient' AND NOT c.proposed GROUP BY ALL),
known AS (
	SELECT s.*, m.kind AS d_kind, m.code, m.coding_system, m.name, m.unit, m.category, m.target, m.priority AS d_priority, m.alert_kind, p.patient_id
	FROM state s LEFT JOIN meaning m ON m.ip = s.ip AND m.sequence_id = s.sequence_id AND m.handle = s.handle
	ASOF LEFT JOIN served p ON p.ip = s.ip AND p.sequence_id = s.sequence_id AND coalesce(s.mdib_version, 9223372036854775807) >= p.mdib_version)`

// sdcObservations are measured and calculated values (MetricCategory, 11073-10207 5.4.6).
const sdcObservations = `
SELECT ts, flow_id, file, frame, seq + 1 AS seq, 'sdc' AS protocol, 'sdc_state' AS source, seq AS parent_seq, provider AS dir, patient_id, code,
	coding_system, name, value, number, CASE WHEN number IS NOT NULL THEN unit END AS unit,
	CASE metric_mode WHEN 'Test' THEN 'test' WHEN 'Demo' THEN 'demo' ELSE CASE validity WHEN 'Vld' THEN 'valid' WHEN 'Vldated' THEN 'validated'
		WHEN 'Ong' THEN 'ongoing' WHEN 'Qst' THEN 'questionable' WHEN 'Calib' THEN 'calibrating' WHEN 'Inv' THEN 'invalid' WHEN 'Oflw' THEN 'overflow'
		WHEN 'Uflw' THEN 'underflow' ELSE validity END END AS status, determined_at AS observed_at
FROM known WHERE NOT proposed AND value IS NOT NULL AND category IN ('Msrmt', 'Clc') ORDER BY ts, flow_id, seq`

// The names of therapy.parameter for codes that have one.
const sdcParameter = `CASE WHEN coding_system = 'MDC' AND code = 'MDC_FLOW_FLUID_PUMP' THEN 'rate' ELSE coalesce(name, handle) END`

// sdcReported are settings in use.
const sdcReported = `
SELECT ts, flow_id, file, frame, seq + 1 AS seq, 'sdc' AS protocol, 'sdc_state' AS source, seq AS parent_seq, provider AS dir, patient_id, 'report' AS action,
	code, coding_system, ` + sdcParameter + ` AS parameter, number AS after, CASE WHEN number IS NULL THEN value END AS value, CASE WHEN number IS NOT NULL THEN unit END AS unit, false AS remote, determined_at AS at
FROM known WHERE NOT proposed AND value IS NOT NULL AND category = 'Set' ORDER BY ts, flow_id, seq`

// sdcAsked are settings that a consumer asks for, by SetValue and SetString on an operation's target, or by SetMetricState.
const sdcAsked = `, asked AS (
	SELECT o.ts, o.flow_id, o.file, o.frame, o.seq, f.dst_ip AS ip, o.provider, 'sdc_operation' AS source, coalesce(m.sequence_id, e.sequence_id) AS sequence_id,
		o.handle AS operation, NULL AS handle, o.number
	FROM sdc_operation o JOIN flow f USING (flow_id) ASOF LEFT JOIN started m ON m.ip = f.dst_ip AND o.ts >= m.since LEFT JOIN first_mdib e ON e.ip = f.dst_ip
	WHERE o.phase = 'request' AND o.operation IN ('SetValue', 'SetString')),
aimed AS (
	SELECT a.* REPLACE (op.target AS handle) FROM asked a JOIN meaning op ON op.ip = a.ip AND op.sequence_id = a.sequence_id AND op.handle = a.operation
	UNION ALL
	SELECT ts, flow_id, file, frame, seq, ip, provider, 'sdc_state', sequence_id, NULL, handle, number FROM state WHERE proposed AND kind LIKE '%Metric' AND value IS NOT NULL),
explained AS (
	SELECT a.*, m.code, m.coding_system, m.name, m.unit, p.patient_id FROM aimed a JOIN meaning m ON m.ip = a.ip AND m.sequence_id = a.sequence_id AND m.handle = a.handle
	ASOF LEFT JOIN (SELECT ip, sequence_id, min(patient_id) AS patient_id, ts FROM known WHERE NOT proposed AND mdib_version IS NOT NULL GROUP BY ALL HAVING count(DISTINCT patient_id) = 1) p
		ON p.ip = a.ip AND p.sequence_id = a.sequence_id AND a.ts >= p.ts)
SELECT a.ts, a.flow_id, a.file, a.frame, a.seq + 1 AS seq, 'sdc' AS protocol, a.source, a.seq AS parent_seq, CASE a.provider WHEN 'client' THEN 'server' ELSE 'client' END AS dir,
	a.patient_id, 'change' AS action, a.code, a.coding_system, ` + sdcParameterOf + ` AS parameter, b.number AS before, a.number AS after, CASE WHEN a.number IS NOT NULL THEN a.unit END AS unit, true AS remote
FROM explained a ASOF LEFT JOIN (SELECT ip, sequence_id, handle, ts, max(number) AS number FROM state WHERE NOT proposed AND number IS NOT NULL GROUP BY ALL) b
	ON b.ip = a.ip AND b.sequence_id = a.sequence_id AND b.handle = a.handle AND a.ts >= b.ts
ORDER BY a.ts, a.flow_id, a.seq`

const sdcParameterOf = `CASE WHEN a.coding_system = 'MDC' AND a.code = 'MDC_FLOW_FLUID_PUMP' THEN 'rate' ELSE coalesce(a.name, a.handle) END`

// sdcAlarms are changes of alert conditions and signals: presence, activation, limits. What a device reports is compared with what it
// reported before, what a consumer asks for with what the device last reported. A signal shows a condition: its coming and going is not told again.
const sdcAlarms = `, alert AS (
	SELECT k.*, CASE WHEN k.kind = 'AlertSignal' THEN c.code ELSE k.code END AS c_code, CASE WHEN k.kind = 'AlertSignal' THEN c.coding_system ELSE k.coding_system END AS c_system,
		CASE WHEN k.kind = 'AlertSignal' THEN c.name ELSE k.name END AS c_name, coalesce(k.priority, k.d_priority, c.priority) AS c_priority, coalesce(k.alert_kind, c.alert_kind) AS c_kind,
		CASE WHEN k.lower IS NULL AND k.upper IS NULL AND k.monitored IS NULL THEN NULL ELSE
			concat_ws(' ', coalesce(format('{:g}', k.lower), 'none'), 'to', coalesce(format('{:g}', k.upper), 'none'), CASE WHEN coalesce(k.monitored, 'All') <> 'All' THEN 'monitored ' || k.monitored END) END AS limits
	FROM known k LEFT JOIN meaning c ON c.ip = k.ip AND c.sequence_id = k.sequence_id AND c.handle = k.target
	WHERE k.kind IN ('AlertCondition', 'LimitAlertCondition', 'AlertSignal')),
followed AS (
	SELECT a.*, lag(presence) OVER w AS was_presence, lag(activation) OVER w AS was_activation, lag(limits) OVER w AS was_limits, lag(true) OVER w AS was
	FROM alert a WHERE NOT proposed WINDOW w AS (PARTITION BY ip, sequence_id, handle ORDER BY mdib_version, state_version, ts, flow_id, seq)),
wanted AS (
	SELECT a.*, NULL AS was_presence, coalesce(b.activation, 'On') AS was_activation, b.limits AS was_limits, true AS was
	FROM (SELECT * FROM alert WHERE proposed) a ASOF LEFT JOIN (SELECT * FROM alert WHERE NOT proposed
		QUALIFY row_number() OVER (PARTITION BY ip, sequence_id, handle, ts ORDER BY mdib_version DESC, state_version DESC, flow_id, seq) = 1) b
		ON b.ip = a.ip AND b.sequence_id = a.sequence_id AND b.handle = a.handle AND a.ts >= b.ts),
changed AS (
	SELECT *, 1 AS n, CASE WHEN kind = 'AlertSignal' THEN CASE WHEN presence = 'Ack' AND was_presence IS DISTINCT FROM 'Ack' THEN 'silenced' END
			WHEN presence = 'true' AND was_presence = 'false' THEN 'start' WHEN presence = 'true' AND was IS NULL THEN 'ongoing'
			WHEN presence = 'false' AND was_presence = 'true' THEN 'end' END AS phase, was_presence AS b, presence AS a
	FROM (SELECT * FROM followed UNION ALL SELECT * FROM wanted) WHERE NOT proposed
	UNION ALL
	SELECT *, 2, CASE activation WHEN 'Off' THEN 'off' WHEN 'Psd' THEN 'silenced' WHEN 'On' THEN 'on' END, was_activation, activation
	FROM (SELECT * FROM followed UNION ALL SELECT * FROM wanted) WHERE was AND activation IS DISTINCT FROM was_activation AND was_activation IS NOT NULL
	UNION ALL
	SELECT *, 3, 'limits', was_limits, limits
	FROM (SELECT * FROM followed UNION ALL SELECT * FROM wanted) WHERE was AND limits IS NOT NULL AND limits IS DISTINCT FROM was_limits AND (was_limits IS NOT NULL OR proposed))
SELECT ts, flow_id, file, frame, seq + n AS seq, 'sdc' AS protocol, 'sdc_state' AS source, seq AS parent_seq,
	CASE WHEN NOT proposed THEN provider WHEN provider = 'client' THEN 'server' ELSE 'client' END AS dir, patient_id, coalesce(c_code, handle) AS code,
	CASE WHEN c_code IS NULL THEN 'sdc' ELSE c_system END AS coding_system, c_name AS text,
	CASE c_priority WHEN 'Hi' THEN 'high' WHEN 'Me' THEN 'medium' WHEN 'Lo' THEN 'low' WHEN 'None' THEN 'info' END AS priority,
	CASE c_kind WHEN 'Phy' THEN 'physiological' WHEN 'Tec' THEN 'technical' END AS kind, phase, b AS before, a AS after, proposed AS remote, determined_at AS at
FROM changed WHERE phase IS NOT NULL ORDER BY ts, flow_id, seq, n`

// sdcTLS are TLS conversations with an address that a medical device announced with https, and those that such a device opens to a host that
// spoke with it so: its reports.
const sdcTLS = `
WITH place AS (
	SELECT DISTINCT trim(regexp_extract(x.a, '^https://(\[[0-9A-Fa-f:.]+\]|[0-9.]+)', 1), '[]') AS ip,
		coalesce(TRY_CAST(regexp_extract(x.a, '^https://(\[[0-9A-Fa-f:.]+\]|[0-9.]+):([0-9]+)', 2) AS BIGINT), 443) AS port
	FROM (SELECT unnest(xaddrs) AS a FROM wsd WHERE kind = 'medical') x),
secret AS (SELECT f.* FROM tls t JOIN flow f USING (flow_id) WHERE f.proto = 'tcp'),
direct AS (SELECT s.* FROM secret s JOIN place p ON p.ip = s.dst_ip AND p.port = s.dst_port),
back AS (
	SELECT s.* FROM secret s WHERE s.flow_id NOT IN (SELECT flow_id FROM direct)
		AND EXISTS (SELECT 1 FROM direct d WHERE d.src_ip = s.dst_ip AND d.dst_ip = s.src_ip AND d.ts <= s.ts))
SELECT ts, flow_id, flow_id >> 32 AS file, flow_id & 4294967295 AS frame, 'sdc' AS protocol, reason, confidence
FROM (SELECT DISTINCT ts, flow_id, 'announced' AS reason, 90 AS confidence FROM direct UNION SELECT DISTINCT ts, flow_id, 'reports', 60 FROM back)
WHERE flow_id NOT IN (SELECT flow_id FROM tls_service) ORDER BY ts, flow_id`
