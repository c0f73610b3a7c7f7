package link

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// waitHours is how long a C-MOVE without a final answer is waited for.
const waitHours = 1

// step adds rows to a table that follow from those of others. Without any there it is left out: to plan it takes DuckDB longer than most
// small captures take altogether.
type step struct {
	table, query string
	from         []string
}

var steps = []step{
	{Moves.Name, fmt.Sprintf(moves, waitHours), []string{"dicom_message"}}, {TLSServices.Name, tlsServices, []string{"tls"}},
	{Transfers.Name, fileTransfers, []string{"ftp", "tftp"}},
	{"observation", sdcBase + sdcObservations, []string{"sdc_state"}}, {"therapy", sdcBase + sdcReported, []string{"sdc_state"}},
	{"therapy", sdcBase + sdcAsked, []string{"sdc_operation", "sdc_state"}}, {"alarm", sdcBase + sdcAlarms, []string{"sdc_state"}},
	{TLSServices.Name, sdcTLS, []string{"wsd"}},
}

// Fill makes the tables of this package from those that are loaded, and what SDC adds to the clinical ones.
func Fill(ctx context.Context, db *sql.DB) error {
	var filled string // names of the tables that have rows
	err := db.QueryRowContext(ctx, "SELECT coalesce(string_agg(table_name, ' '), '') FROM duckdb_tables() WHERE estimated_size > 0").Scan(&filled)
	if err != nil {
		return err
	}
	for _, s := range steps {
		if !slices.ContainsFunc(strings.Fields(filled), func(t string) bool { return slices.Contains(s.from, t) }) {
			continue
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO "+s.table+" BY NAME "+s.query); err != nil {
			return fmt.Errorf("table %s: %w", s.table, err)
		}
	}
	return nil
}

// moves joins each C-STORE with the latest C-MOVE that it can belong to. An archive's answer comes after its sub-operations,
// but captures of two links differ by some milliseconds: hence the two seconds.
const moves = `
WITH asked AS (
	SELECT m.*, f.src_ip, f.dst_ip, lead(m.seq) OVER (PARTITION BY m.flow_id, m.association_seq, m.message_id ORDER BY m.seq) AS next_seq
	FROM dicom_message m JOIN flow f USING (flow_id) WHERE m.command = 'C-MOVE-RQ'),
answers AS (
	SELECT a.flow_id, a.seq, max(r.ts) FILTER (r.status_category <> 'pending') AS until,
		arg_max(r.status, r.seq) FILTER (r.status_category <> 'pending') AS status,
		arg_max(r.status_category, r.seq) FILTER (r.status_category <> 'pending') AS status_category,
		arg_max(r.status_meaning, r.seq) FILTER (r.status_category <> 'pending') AS status_meaning,
		arg_max(r.completed, r.seq) AS completed, arg_max(r.failed, r.seq) AS failed, arg_max(r.warning, r.seq) AS warning
	FROM asked a JOIN dicom_message r ON r.flow_id = a.flow_id AND r.association_seq = a.association_seq AND r.message_id = a.message_id
		AND r.command = 'C-MOVE-RSP' AND r.seq > a.seq AND r.seq < coalesce(a.next_seq, 9223372036854775807)
	GROUP BY a.flow_id, a.seq),
move AS (
	SELECT a.ts, a.flow_id, a.file, a.frame, a.seq, a.association_seq, a.message_id, a.src_ip AS requester_ip, a.calling_ae AS requester_ae,
		a.dst_ip AS archive_ip, a.called_ae AS archive_ae, a.move_destination, d.query_level, d.study_uid, d.study_count, d.series_uid,
		r.until, r.status, r.status_category, r.status_meaning, r.completed, r.failed, r.warning,
		a.started AS begun, coalesce(r.until::TIMESTAMP + INTERVAL 2 SECONDS, a.started::TIMESTAMP + INTERVAL %d HOUR) AS over
	FROM asked a LEFT JOIN answers r USING (flow_id, seq) LEFT JOIN dicom_dataset d ON d.flow_id = a.flow_id AND d.parent_seq = a.seq),
store AS (
	SELECT s.flow_id, s.association_seq, s.seq, s.started, s.ts, f.src_ip, f.dst_ip, s.called_ae, s.move_originator_ae AS ae, s.move_originator_id AS id,
		s.dataset_bytes AS bytes, coalesce(r.status_category, 'failure') = 'failure' AS failed
	FROM (SELECT * FROM dicom_message WHERE command = 'C-STORE-RQ' AND dir = 'client') s JOIN flow f USING (flow_id)
	ASOF LEFT JOIN (SELECT * FROM dicom_message WHERE command = 'C-STORE-RSP' AND dir = 'server') r ON r.flow_id = s.flow_id
		AND r.association_seq = s.association_seq AND r.message_id = s.message_id AND r.seq >= s.seq),
one AS ( -- of what cannot be told apart, one
	SELECT * FROM move QUALIFY row_number() OVER (PARTITION BY archive_ip, requester_ae, message_id, move_destination, begun ORDER BY flow_id, seq) = 1),
same AS (
	SELECT s.*, m.flow_id AS move_flow, m.seq AS move_seq, 'originator' AS how FROM store s ASOF JOIN one m
		ON s.src_ip = m.archive_ip AND s.ae = m.requester_ae AND s.id = m.message_id AND s.called_ae = m.move_destination AND s.started >= m.begun
	WHERE s.ts::TIMESTAMP <= m.over),
one_elsewhere AS (
	SELECT * FROM move QUALIFY row_number() OVER (PARTITION BY requester_ae, message_id, move_destination, begun ORDER BY flow_id, seq) = 1),
elsewhere AS (
	SELECT s.*, m.flow_id AS move_flow, m.seq AS move_seq, 'originator_elsewhere' AS how
	FROM (SELECT * FROM store s ANTI JOIN same USING (flow_id, seq)) s ASOF JOIN one_elsewhere m
		ON s.ae = m.requester_ae AND s.id = m.message_id AND s.called_ae = m.move_destination AND s.started >= m.begun
	WHERE s.ts::TIMESTAMP <= m.over),
one_silent AS (
	SELECT * FROM move QUALIFY row_number() OVER (PARTITION BY archive_ip, move_destination, begun ORDER BY flow_id, seq) = 1),
silent AS (
	SELECT s.*, m.flow_id AS move_flow, m.seq AS move_seq, 'destination' AS how
	FROM (SELECT * FROM store WHERE ae IS NULL AND id IS NULL) s ASOF JOIN one_silent m
		ON s.src_ip = m.archive_ip AND s.called_ae = m.move_destination AND s.started >= m.begun
	WHERE s.ts::TIMESTAMP <= m.over),
caused AS (
	SELECT move_flow, move_seq, flow_id AS store_flow_id, association_seq AS store_association_seq, min(how) AS joined_by, min(src_ip) AS from_ip,
		min(dst_ip) AS to_ip, min(ts) AS first_object, max(ts) AS last_object, count(*) AS objects, count(*) FILTER (failed) AS objects_failed,
		sum(bytes)::BIGINT AS bytes
	FROM (SELECT * FROM same UNION ALL SELECT * FROM elsewhere UNION ALL SELECT * FROM silent)
	GROUP BY move_flow, move_seq, flow_id, association_seq)
SELECT m.* EXCLUDE (begun, over), c.* EXCLUDE (move_flow, move_seq)
FROM move m LEFT JOIN caused c ON c.move_flow = m.flow_id AND c.move_seq = m.seq
ORDER BY m.ts, m.flow_id, m.seq, c.store_flow_id, c.store_association_seq`

// tlsServices: 2762 is registered for DICOM over TLS, 104 and 11112 for DICOM, 2575 for HL7 (IANA). A server is taken for what it
// answered to in clear only if that is one protocol, the TLS port is none of the web's, mail's or administration's, and the
// client offered no application protocol, as browsers do and devices do not.
const tlsServices = `
WITH port(port, protocol, confidence) AS (VALUES (2762, 'dicom', 85), (104, 'dicom', 70), (11112, 'dicom', 70), (2575, 'hl7', 70)),
plain AS (
	SELECT ip, min(protocol) AS protocol FROM (
		SELECT f.dst_ip AS ip, 'dicom' AS protocol FROM dicom_association a JOIN flow f USING (flow_id) WHERE a.result = 'accepted'
		UNION SELECT f.dst_ip, 'hl7' FROM flow f WHERE f.service = 'hl7' AND f.dst_bytes > 0)
	GROUP BY ip HAVING count(*) = 1),
carried AS (
	SELECT DISTINCT f.ts, f.flow_id, f.dst_ip, f.dst_port FROM tls t JOIN flow f USING (flow_id)
	WHERE f.proto = 'tcp' AND coalesce(len(t.alpn_offered), 0) = 0 AND t.next_protocol IS NULL AND t.server_hello)
SELECT c.ts, c.flow_id, c.flow_id >> 32 AS file, c.flow_id & 4294967295 AS frame, coalesce(p.protocol, s.protocol) AS protocol,
	CASE WHEN p.port IS NOT NULL THEN 'port' ELSE 'server' END AS reason, coalesce(p.confidence, 50) AS confidence
FROM carried c LEFT JOIN port p ON p.port = c.dst_port LEFT JOIN plain s ON s.ip = c.dst_ip
WHERE p.port IS NOT NULL OR (s.ip IS NOT NULL AND c.dst_port NOT IN
	(22, 25, 80, 443, 465, 587, 636, 853, 989, 990, 993, 995, 1433, 3269, 3306, 3389, 5061, 5432, 5671, 5986, 6514, 8080, 8443, 8883, 9443))
ORDER BY c.ts, c.flow_id`
