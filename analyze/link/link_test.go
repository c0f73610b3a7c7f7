package link_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardtrace/analyze"
	"wardtrace/analyze/link"
	"wardtrace/samples"
)

func caseOf(t *testing.T, name string) *sql.DB {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := analyze.Run(context.Background(), analyze.Options{Paths: []string{samples.Dir(name)}, Case: filepath.Join(dir, "t.case"), PHI: "pseudonym",
		PHIKey: key, Workers: 2, Memory: 1 << 30}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Abandon() })
	return c.DB
}

// column gives a query's only column as text.
func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s.String)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func want(t *testing.T, got []string, lines ...string) {
	t.Helper()
	if !slices.Equal(got, lines) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

const line = `SELECT concat_ws(' ', requester_ip, archive_ip, move_destination, status, 'done', completed, 'failed', failed, joined_by, from_ip, to_ip, objects) FROM dicom_move ORDER BY ts, seq`

// TestMove joins each C-MOVE of three real peers with the association it caused. All have Message ID 1.
func TestMove(t *testing.T) {
	db := caseOf(t, "dicom-move")
	want(t, column(t, db, line),
		"10.20.3.31 10.20.3.20 REVIEW_1 0x0000 done 1 failed 0 originator 10.20.3.20 10.20.3.32 1",
		"10.20.3.31 10.20.3.20 REVIEW_1 0x0000 done 1 failed 0 originator 10.20.3.20 10.20.3.32 1",
		"10.20.3.31 10.20.3.20 REVIEW_2 0xA702 done 0 failed 1",
		"10.20.3.31 10.20.3.20 NOWHERE 0xA801 done 0 failed 0")
	// the study that was asked for is the one that went out
	want(t, column(t, db, `SELECT concat_ws(' ', m.study_uid = t.study_uid, t.mode, t.requested_by, t.request_id) FROM dicom_move m JOIN image_transfer t
		ON t.flow_id = m.store_flow_id ORDER BY m.ts`), "true push WORKSTATION1 1", "true push WORKSTATION1 1")
	want(t, column(t, db, `SELECT concat_ws(' ', mode, from_ip, to_ip, from_ae, to_ae, objects, failed) FROM image_transfer WHERE request_id = 0`),
		"pull 10.20.3.20 10.20.3.31 PACS_LAB WORKSTATION1 1 0")
}

// TestTLS: the archive's registered port, a server that takes DICOM in clear elsewhere, and not its web server.
func TestTLS(t *testing.T) {
	want(t, column(t, caseOf(t, "dicom-tls"), `SELECT concat_ws(' ', x.protocol, x.reason, x.confidence, f.dst_ip, f.dst_port, f.service) FROM tls_service x JOIN flow f USING (flow_id) ORDER BY x.ts`),
		"dicom port 85 10.20.3.20 2762 tls", "dicom server 50 10.20.3.12 11120 tls")
	want(t, column(t, caseOf(t, "tls-versions"), `SELECT concat_ws(' ', x.protocol, f.dst_port) FROM tls_service x JOIN flow f USING (flow_id)`), "dicom 2762")
}

// hand fills the tables that a C-MOVE is made of, by hand: a case of anything that no peer at hand does.
type hand struct {
	t  *testing.T
	db *sql.DB
	n  int
}

func byHand(t *testing.T) *hand {
	h := &hand{t: t, db: caseOf(t, "arp-vrrp")} // any case without DICOM
	return h
}

func (h *hand) exec(format string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Exec(fmt.Sprintf(format, args...)); err != nil {
		h.t.Fatal(err)
	}
}

// message adds a message that came second seconds after midnight; more are further columns as name=value.
func (h *hand) message(flow, second int, dir, command, calling, called string, id int, more ...string) {
	h.n++
	names, values := "", ""
	for _, m := range more {
		k, v, _ := strings.Cut(m, "=")
		names, values = names+", "+k, values+", "+v
	}
	h.exec(`INSERT INTO dicom_message (ts, started, flow_id, file, frame, seq, association_seq, dir, command, calling_ae, called_ae, message_id, dataset_bytes%s)
		VALUES (TIMESTAMP_NS '2026-11-20 00:00:00' + INTERVAL %d SECOND, TIMESTAMP_NS '2026-11-20 00:00:00' + INTERVAL %d SECOND, %d, 1, 1, %d, 1, '%s', '%s', '%s', '%s', %d, 10%s)`,
		names, second, second, flow, h.n, dir, command, calling, called, id, values)
}

func (h *hand) flow(id int, src, dst string) {
	h.exec("INSERT INTO flow (ts, flow_id, file, frame, src_ip, dst_ip) VALUES (TIMESTAMP_NS '2026-11-20', %d, 1, %d, '%s', '%s')", id, id, src, dst)
}

func (h *hand) fill() []string {
	h.t.Helper()
	h.exec("DELETE FROM dicom_move")
	if err := link.Fill(context.Background(), h.db); err != nil {
		h.t.Fatal(err)
	}
	return column(h.t, h.db, `SELECT concat_ws(' ', flow_id, message_id, move_destination, status, joined_by, store_flow_id, objects, objects_failed) FROM dicom_move ORDER BY ts, flow_id, seq, store_flow_id`)
}

// TestOverlap: two C-MOVEs of one title and Message ID at one time, to two destinations; the archive uses one association for
// several, and a second for the rest.
func TestOverlap(t *testing.T) {
	h := byHand(t)
	for i, p := range [][2]string{{"10.0.0.1", "10.0.0.9"}, {"10.0.0.1", "10.0.0.9"}, {"10.0.0.9", "10.0.0.2"}, {"10.0.0.9", "10.0.0.3"}, {"10.0.0.9", "10.0.0.2"}} {
		h.flow(i+1, p[0], p[1])
	}
	h.message(1, 10, "client", "C-MOVE-RQ", "WS", "PACS", 7, "move_destination='A'")
	h.message(2, 11, "client", "C-MOVE-RQ", "WS", "PACS", 7, "move_destination='B'")
	by := []string{"move_originator_ae='WS'", "move_originator_id=7"}
	ok := "status_category='success'"
	h.message(3, 12, "client", "C-STORE-RQ", "PACS", "A", 1, by...)
	h.message(3, 12, "server", "C-STORE-RSP", "PACS", "A", 1, ok)
	h.message(4, 13, "client", "C-STORE-RQ", "PACS", "B", 1, by...)
	h.message(4, 13, "server", "C-STORE-RSP", "PACS", "B", 1, "status_category='failure'")
	h.message(5, 14, "client", "C-STORE-RQ", "PACS", "A", 1, by...) // never answered
	h.message(1, 15, "server", "C-MOVE-RSP", "WS", "PACS", 7, "status_category='pending'", "status='0xFF00'")
	h.message(1, 20, "server", "C-MOVE-RSP", "WS", "PACS", 7, ok, "status='0x0000'")
	h.message(2, 21, "server", "C-MOVE-RSP", "WS", "PACS", 7, ok, "status='0x0000'")
	h.message(1, 30, "client", "C-MOVE-RQ", "WS", "PACS", 7, "move_destination='A'") // the number again
	h.message(3, 31, "client", "C-STORE-RQ", "PACS", "A", 1, by...)                  // on the first association
	h.message(3, 31, "server", "C-STORE-RSP", "PACS", "A", 1, "status_category='warning'")
	h.message(1, 32, "server", "C-MOVE-RSP", "WS", "PACS", 7, ok, "status='0xB000'")
	h.message(3, 60, "client", "C-STORE-RQ", "PACS", "A", 2, by...) // long after: nobody asked for it
	want(t, h.fill(), "1 7 A 0x0000 originator 3 1 0", "1 7 A 0x0000 originator 5 1 1", "2 7 B 0x0000 originator 4 1 1", "1 7 A 0xB000 originator 3 1 0")
}

// TestSilentArchive: the originator is left out, or the archive sends from another address; what was stored before, by others
// or for others is not taken in.
func TestSilentArchive(t *testing.T) {
	h := byHand(t)
	for i, p := range [][2]string{{"10.0.0.1", "10.0.0.9"}, {"10.0.0.9", "10.0.0.2"}, {"10.0.0.8", "10.0.0.2"}, {"10.0.0.7", "10.0.0.2"}} {
		h.flow(i+1, p[0], p[1])
	}
	h.message(2, 5, "client", "C-STORE-RQ", "PACS", "A", 1)
	h.message(1, 10, "client", "C-MOVE-RQ", "WS", "PACS", 7, "move_destination='A'") // no answer was captured
	h.message(2, 12, "client", "C-STORE-RQ", "PACS", "A", 2)
	h.message(3, 13, "client", "C-STORE-RQ", "NODE2", "A", 1, "move_originator_ae='WS'", "move_originator_id=7")
	h.message(4, 14, "client", "C-STORE-RQ", "CT", "A", 1)                                                       // a modality's own
	h.message(4, 15, "client", "C-STORE-RQ", "CT", "A", 2, "move_originator_ae='OTHER'", "move_originator_id=7") // somebody else's
	h.message(2, 2*3600, "client", "C-STORE-RQ", "PACS", "A", 3)                                                 // too late
	want(t, h.fill(), "1 7 A destination 2 1 1", "1 7 A originator_elsewhere 3 1 1")
}
