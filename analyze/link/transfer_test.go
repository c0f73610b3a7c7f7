package link_test

import "testing"

// TestFileTransfers: each transfer has the flow that the file crossed in, with its direction, for passive and active FTP and for TFTP.
func TestFileTransfers(t *testing.T) {
	const q = `SELECT t.protocol || ' ' || t.command || ' ' || CASE WHEN to_client THEN 'to' ELSE 'from' END || ' ' || t.client_ip || ' ' || t.bytes || ' ' || t.complete || ' sent by ' ||
		CASE data_dir WHEN 'server' THEN f.dst_ip ELSE f.src_ip END FROM file_transfer t JOIN flow f ON f.flow_id = t.data_flow_id ORDER BY t.ts`
	want(t, column(t, caseOf(t, "ftp-session"), q), "ftp RETR to 10.20.0.90 3492 true sent by 10.20.0.43", "ftp LIST to 10.20.0.90 136 true sent by 10.20.0.43",
		"ftp RETR to 10.20.0.90 50 true sent by 10.20.0.43", "ftp STOR from 10.20.0.90 12 true sent by 10.20.0.90", "ftp LIST to 10.20.0.90 204 true sent by 10.20.0.43")
	want(t, column(t, caseOf(t, "tftp-transfers"), q), "tftp RRQ to 10.20.0.66 23456 true sent by 10.20.0.10", "tftp RRQ to 10.20.0.66 87 true sent by 10.20.0.10",
		"tftp RRQ to 10.20.0.66 1024 true sent by 10.20.0.10", "tftp WRQ from 10.20.0.66 23456 true sent by 10.20.0.66",
		"tftp RRQ to 10.20.0.66 40000 true sent by 10.20.0.10", "tftp WRQ from 10.20.0.66 78 true sent by 10.20.0.66",
		"tftp RRQ to 10.20.0.66 40000 true sent by 10.20.0.10", "tftp RRQ to 10.20.0.66 30000 true sent by 10.20.0.10")
}
