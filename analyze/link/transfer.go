package link

import (
	"fmt"

	"wardtrace/dissect/event"
)

// Transfer is a file that crossed on a connection of its own, with the command that asked for it.
type Transfer struct {
	TS         event.Time       `col:"ts" doc:"The command."`
	FlowID     int64            `col:"flow_id" doc:"Its flow: FTP's control connection, or TFTP's request."`
	File       int64            `col:"file" doc:"Capture file of the command."`
	Frame      int64            `col:"frame" doc:"Frame of the command."`
	Seq        int64            `col:"seq" doc:"seq of the command's row in ftp or tftp; it has the file's name."`
	Protocol   string           `col:"protocol" doc:"ftp or tftp."`
	Command    string           `col:"command" doc:"RETR, STOR, ...; RRQ or WRQ."`
	Client     string           `col:"client_ip" doc:"Who asked."`
	Server     string           `col:"server_ip" doc:"Who was asked."`
	ToClient   bool             `col:"to_client" doc:"The file went to who asked; if not, it came from there."`
	DataFlowID event.Opt[int64] `col:"data_flow_id" doc:"Flow that the file crossed in; the command's own where a TFTP server answers from its port."`
	DataDir    string           `col:"data_dir" doc:"Which side of that flow sent the file: client or server."`
	Bytes      event.Opt[int64] `col:"bytes" doc:"Bytes of the file that were seen, each once."`
	Missed     event.Opt[int64] `col:"missed_bytes" doc:"Bytes of it that the capture lost, as far as known."`
	Complete   event.Opt[bool]  `col:"complete" doc:"All of it was seen: nothing lost, and its end."`
}

// Transfers is the table file_transfer.
var Transfers = event.NewPlain[Transfer]("file_transfer", "Files of FTP and TFTP, each with the flow that it crossed in: one row a transfer whose flow was found.")

// transferSeconds is how far apart a command and the beginning of its data connection may lie: a server waits for a tape or a scan at most
// that long, and ports come round again after it.
const transferSeconds = 60

// fileTransfers joins the transfers of FTP with the connection to the address that was agreed on (RFC 959, 3.3), and those of TFTP with the
// flow to the port that asked (RFC 1350, section 4). Behind NAT the address in PORT and PASV is not that on the wire: who listens is then
// the other side of the control connection. Each flow belongs to the command nearest in time, each command to the flow nearest.
var fileTransfers = fmt.Sprintf(`
WITH asked AS (
	SELECT c.ts, c.flow_id, c.file, c.frame, c.seq, c.command, c.reply_code, c.passive, c.data_port, f.src_ip AS client_ip, f.dst_ip AS server_ip,
		c.command IN ('RETR', 'LIST', 'NLST', 'MLSD') AS to_client, c.data_ip
	FROM ftp c JOIN flow f USING (flow_id)
	WHERE c.command IN ('RETR', 'STOR', 'STOU', 'APPE', 'LIST', 'NLST', 'MLSD') AND c.data_port IS NOT NULL
		AND NOT coalesce(c.reply_code BETWEEN 500 AND 550, false)),
listens AS (
	SELECT * EXCLUDE (data_ip), data_ip AS ip FROM asked
	UNION SELECT * EXCLUDE (data_ip), CASE WHEN passive THEN server_ip ELSE client_ip END AS ip FROM asked),
ends AS (
	SELECT *, dst_ip AS ip, dst_port AS port, true AS listens FROM flow WHERE proto = 'tcp'
	UNION ALL SELECT *, src_ip, src_port, false FROM flow WHERE proto = 'tcp' AND guessed),
files AS (
	SELECT a.ts, a.flow_id, a.file, a.frame, a.seq, 'ftp' AS protocol, a.command, a.client_ip, a.server_ip, a.to_client, e.flow_id AS data_flow_id,
		CASE WHEN (a.to_client = a.passive) = e.listens THEN 'server' ELSE 'client' END AS data_dir,
		CASE WHEN data_dir = 'server' THEN e.dst_stream_bytes ELSE e.src_stream_bytes END AS bytes,
		CASE WHEN data_dir = 'server' THEN e.dst_missed_bytes ELSE e.src_missed_bytes END AS missed_bytes,
		missed_bytes = 0 AND (e.conn_state = 'SF' OR e.conn_state NOT IN ('OTH', 'SH', 'SHR') AND coalesce(a.reply_code BETWEEN 200 AND 299, false)) AS complete,
		abs(epoch_ns(e.ts) - epoch_ns(a.ts)) AS apart
	FROM listens a JOIN ends e ON e.ip = a.ip AND e.port = a.data_port AND e.flow_id <> a.flow_id
	UNION ALL
	SELECT r.ts, r.flow_id, r.file, r.frame, r.seq, 'tftp', r.opcode, f.src_ip, f.dst_ip, r.opcode = 'RRQ', t.flow_id, t.dir, t.bytes,
		t.missing_blocks * t.block_size, t.complete, epoch_ns(t.ts) - epoch_ns(r.ts)
	FROM tftp r JOIN flow f USING (flow_id)
		JOIN (SELECT *, src_ip AS ip, src_port AS port FROM flow WHERE proto = 'udp' UNION ALL SELECT *, dst_ip, dst_port FROM flow WHERE proto = 'udp') e
			ON e.ip = f.src_ip AND e.port = f.src_port
		JOIN tftp t ON t.flow_id = e.flow_id AND t.opcode = 'DATA' AND t.ts >= r.ts
	WHERE r.opcode IN ('RRQ', 'WRQ') AND (t.flow_id <> r.flow_id OR t.seq > r.seq)),
near AS (
	SELECT * FROM files WHERE apart <= %d * 1000000000::BIGINT
	QUALIFY row_number() OVER (PARTITION BY protocol, data_flow_id, CASE WHEN data_flow_id = flow_id THEN seq END ORDER BY apart, flow_id, seq) = 1)
SELECT * EXCLUDE (apart) FROM near QUALIFY row_number() OVER (PARTITION BY flow_id, seq ORDER BY apart, data_flow_id) = 1
ORDER BY ts, flow_id, seq`, transferSeconds)
