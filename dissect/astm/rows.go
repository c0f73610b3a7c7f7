package astm

import "wardtrace/dissect/event"

// Transfer is one transfer of frames, ENQ to EOT.
type Transfer struct {
	Dir          string `col:"dir" doc:"Who sent the frames: client or server."`
	Frames       int64  `col:"frames" doc:"Frames, those that were sent again included."`
	Bytes        int64  `col:"bytes" doc:"Bytes of text in them."`
	BadChecksums int64  `col:"bad_checksums" doc:"Frames whose checksum is wrong."`
	NoChecksums  int64  `col:"no_checksums" doc:"Frames without a checksum."`
	Resent       int64  `col:"resent" doc:"Frames sent again under the number of the one before."`
	OutOfOrder   int64  `col:"out_of_order" doc:"Frames whose number does not follow the one before."`
	Acks         int64  `col:"acks" doc:"ACK answers, that to ENQ included."`
	Naks         int64  `col:"naks" doc:"NAK answers: busy, or a damaged frame."`
	Messages     int64  `col:"messages" doc:"Messages in them."`
	Started      bool   `col:"started" doc:"ENQ was seen."`
	Ended        string `col:"ended" doc:"eot, enq (the next transfer began without an end), gap or close."`
	BothEnq      bool   `col:"contention" doc:"Both sides sent ENQ at once."`
}

var transfers = event.New[Transfer]("astm_transfer", "Transfers of frames between instruments and laboratory systems (E1381), one row each.")

// Message is one message, H to L record.
type Message struct {
	Dir        string     `col:"dir" doc:"Who sent it: client or server."`
	Framing    string     `col:"framing" doc:"frames, or none."`
	ControlID  string     `col:"control_id" doc:"H-3."`
	Sender     string     `col:"sender" doc:"H-5 with its components: name^..., each maker in its way."`
	Receiver   string     `col:"receiver" doc:"H-10."`
	Processing string     `col:"processing_id" doc:"H-12: P production, T training, D debugging, Q quality control."`
	Version    string     `col:"version" doc:"H-13."`
	Time       event.Time `col:"message_time" doc:"H-14, UTC."`
	Password   bool       `col:"password" doc:"H-4 is not empty: an access password in clear (never stored)."`
	Patients   int64      `col:"patients" doc:"P records."`
	PatientID  string     `col:"patient_id" phi:"id" doc:"First P record: P-3 (practice), else P-4 (laboratory), else P-5."`
	LabID      string     `col:"laboratory_id" phi:"id" doc:"P-4, the laboratory's identifier."`
	Name       string     `col:"patient_name" phi:"name" doc:"P-6 as FAMILY^GIVEN."`
	Birth      string     `col:"birth_date" phi:"birth" doc:"P-8, YYYYMMDD."`
	Sex        string     `col:"sex" doc:"P-9."`
	Address    string     `col:"address" phi:"contact" doc:"P-11."`
	Phone      string     `col:"phone" phi:"contact" doc:"P-13."`
	Physician  string     `col:"physician" phi:"name" doc:"P-14."`
	Orders     int64      `col:"orders" doc:"O records."`
	Results    int64      `col:"results" doc:"R records."`
	Queries    int64      `col:"queries" doc:"Q records."`
	Comments   int64      `col:"comments" doc:"C records: free text."`
	Other      int64      `col:"other" doc:"M, S and unknown records."`
	Outline    string     `col:"outline" doc:"Letters of the records in order, the first 64."`
	Terminator string     `col:"terminator" doc:"L-3: N or F normal, T sender aborted, R receiver aborted, E error, Q error in the last request, I no information."`
	Ended      string     `col:"ended" doc:"terminator (L record), next (H record), eot, gap or close."`
	Bytes      int64      `col:"bytes" doc:"Bytes of its records."`
}

var messages = event.New[Message]("astm_message", "Messages between instruments and laboratory systems (E1394), one row each.")

// Order is one test that is ordered or asked for.
type Order struct {
	ParentSeq  int64      `col:"parent_seq" doc:"seq of the message in astm_message."`
	Record     string     `col:"record" doc:"O (order) or Q (query of a host)."`
	PatientID  string     `col:"patient_id" phi:"id" doc:"Patient of the P record above, or Q-3.1."`
	Specimen   string     `col:"specimen_id" phi:"id" doc:"O-3, or Q-3.2."`
	Instrument string     `col:"instrument_specimen_id" phi:"id" doc:"O-4."`
	Tests      []string   `col:"tests" doc:"O-5 or Q-5: codes, the first 64."`
	Priority   string     `col:"priority" doc:"O-6: S stat, A as soon as possible, R routine."`
	Ordered    event.Time `col:"ordered_at" doc:"O-7, UTC."`
	Action     string     `col:"action" doc:"O-12: N new, A add, C cancel, Q quality control."`
	Material   string     `col:"specimen_type" doc:"O-16."`
	Report     string     `col:"report_type" doc:"O-26: F final, C correction, X cancelled, Q query; Q-13 of a query."`
}

var orders = event.New[Order]("astm_order", "Tests ordered from instruments, and instruments' queries: one row an O or Q record.")

// Result is one R record.
type Result struct {
	ParentSeq  int64              `col:"parent_seq" doc:"seq of the message in astm_message."`
	PatientID  string             `col:"patient_id" phi:"id" doc:"Patient of the P record above."`
	Specimen   string             `col:"specimen_id" phi:"id" doc:"Specimen of the O record above."`
	Code       string             `col:"code" doc:"R-3: universal test id, else the maker's code (component 4)."`
	Test       string             `col:"test_id" doc:"R-3 with its components."`
	Value      string             `col:"value" doc:"R-4 where it is a number or a word of a closed list."`
	Number     event.Opt[float64] `col:"value_number" doc:"R-4 as a number."`
	Text       string             `col:"text_value" phi:"free" doc:"R-4 where it is other text."`
	Units      string             `col:"units" doc:"R-5."`
	Range      string             `col:"reference_range" doc:"R-6."`
	Flag       string             `col:"abnormal_flag" doc:"R-7: L, H, LL, HH, A, ..."`
	Status     string             `col:"status" doc:"R-9: F final, P preliminary, R sent before, C correction, X not done, ..."`
	Operator   string             `col:"operator" phi:"id" doc:"R-11."`
	StartedAt  event.Time         `col:"started_at" doc:"R-12, UTC."`
	ObservedAt event.Time         `col:"observed_at" doc:"R-13, UTC."`
	Instrument string             `col:"instrument" doc:"R-14."`
	QC         bool               `col:"quality_control" doc:"The order above or the message is of quality control: no patient's result."`
}

var results = event.New[Result]("astm_result", "Results of instruments (E1394): one row an R record.")
