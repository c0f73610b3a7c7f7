package link

import "wardtrace/dissect/event"

// Move is a C-MOVE and one association that it caused.
type Move struct {
	TS             event.Time       `col:"ts" doc:"Time of the C-MOVE request."`
	FlowID         int64            `col:"flow_id" doc:"Flow of the C-MOVE request."`
	File           int64            `col:"file" doc:"Its capture file."`
	Frame          int64            `col:"frame" doc:"Its frame in that file."`
	Seq            int64            `col:"seq" doc:"seq of its dicom_message in the flow."`
	AssociationSeq int64            `col:"association_seq" doc:"Its association in the flow."`
	MessageID      int64            `col:"message_id" doc:"Its Message ID."`
	RequesterIP    string           `col:"requester_ip" doc:"Who asked."`
	RequesterAE    string           `col:"requester_ae" doc:"Its AE title."`
	ArchiveIP      string           `col:"archive_ip" doc:"Who was asked."`
	ArchiveAE      string           `col:"archive_ae" doc:"Its AE title."`
	Destination    string           `col:"move_destination" doc:"AE title that the objects shall be sent to."`
	QueryLevel     string           `col:"query_level" doc:"PATIENT, STUDY, SERIES or IMAGE."`
	StudyUID       string           `col:"study_uid" doc:"Study asked for, the first of a list."`
	StudyCount     event.Opt[int64] `col:"study_count" doc:"Studies asked for."`
	SeriesUID      string           `col:"series_uid" doc:"Series asked for."`
	Until          event.Time       `col:"until" doc:"Time of the final answer; NULL if none was seen."`
	Status         string           `col:"status" doc:"Status of the final answer, as 0xA801."`
	StatusCategory string           `col:"status_category" doc:"success, cancel, warning or failure."`
	StatusMeaning  string           `col:"status_meaning" doc:"What it says."`
	Completed      event.Opt[int64] `col:"completed" doc:"Sub-operations done, as the archive last said."`
	Failed         event.Opt[int64] `col:"failed" doc:"Sub-operations that failed, as it last said."`
	Warning        event.Opt[int64] `col:"warning" doc:"Sub-operations done with a warning, as it last said."`
	StoreFlowID    event.Opt[int64] `col:"store_flow_id" doc:"Flow of the association that the C-MOVE caused; NULL if none was seen."`
	StoreSeq       event.Opt[int64] `col:"store_association_seq" doc:"That association in its flow."`
	JoinedBy       string           `col:"joined_by" doc:"originator (named by the C-STOREs), originator_elsewhere (the same from another address than was asked), destination (by address, destination and time)."`
	FromIP         string           `col:"from_ip" doc:"Who sent the objects."`
	ToIP           string           `col:"to_ip" doc:"Where they went."`
	FirstObject    event.Time       `col:"first_object" doc:"Time of the first C-STORE for this C-MOVE in that association."`
	LastObject     event.Time       `col:"last_object" doc:"Time of the last one."`
	Objects        event.Opt[int64] `col:"objects" doc:"C-STORE requests for this C-MOVE in that association."`
	ObjectsFailed  event.Opt[int64] `col:"objects_failed" doc:"Of them those that were refused, or not seen answered."`
	Bytes          event.Opt[int64] `col:"bytes" doc:"Bytes of the objects."`
}

// Moves is the table dicom_move.
var Moves = event.NewPlain[Move]("dicom_move", "C-MOVE requests, each with the association it caused: one row a request and association, one without for a request that caused none.")

// TLSService is what a TLS conversation carries.
type TLSService struct {
	TS         event.Time `col:"ts" doc:"First packet of the flow."`
	FlowID     int64      `col:"flow_id" doc:"The flow, whose service is tls."`
	File       int64      `col:"file" doc:"Capture file of its first packet."`
	Frame      int64      `col:"frame" doc:"Frame of that packet."`
	Protocol   string     `col:"protocol" doc:"dicom, hl7 or sdc."`
	Reason     string     `col:"reason" doc:"port (registered for the protocol), server (takes the protocol in clear on another port), announced (by a medical device in WS-Discovery) or reports (opened by such a device to a host that speaks with it so)."`
	Confidence int64      `col:"confidence" doc:"1 to 100: 85 for the port that is registered for the protocol over TLS, 70 for its clear port, 50 for server, 90 for announced, 60 for reports."`
}

// TLSServices is the table tls_service.
var TLSServices = event.NewPlain[TLSService]("tls_service", "Clinical protocols inside TLS, inferred from outside.")

// Tables are the tables of this package.
func Tables() []*event.Table {
	return []*event.Table{Moves.Desc(), TLSServices.Desc(), Transfers.Desc()}
}
