package dns

import "wardtrace/dissect/event"

// Message is one DNS message.
type Message struct {
	Kind        string             `col:"kind" doc:"dns, mdns, llmnr or nbns."`
	IsResponse  bool               `col:"is_response" doc:"The message is a response (QR)."`
	TransID     int64              `col:"trans_id" doc:"Transaction number; 0 in multicast DNS."`
	Opcode      string             `col:"opcode" doc:"query, iquery, status, notify, update; for nbns also registration, release, wait, refresh."`
	Query       string             `col:"query" doc:"First question's name in lower case, without the final dot (without a question, as in answers of multicast DNS and NetBIOS, the first answer's); unprintable bytes as \\ddd. NetBIOS names as NAME<suffix>, in their own case."`
	QClass      event.Opt[int64]   `col:"qclass" doc:"Class of the question, or of the first answer."`
	QClassName  string             `col:"qclass_name" doc:"That class in words, as Zeek writes it: C_INTERNET."`
	QType       event.Opt[int64]   `col:"qtype" doc:"Type of the question, or of the first answer."`
	QTypeName   string             `col:"qtype_name" doc:"That type in words: A, AAAA, TXT."`
	RCode       event.Opt[int64]   `col:"rcode" doc:"Response code, with its extension by EDNS."`
	RCodeName   string             `col:"rcode_name" doc:"That code in words: NOERROR, NXDOMAIN."`
	AA          bool               `col:"aa" doc:"Authoritative answer."`
	TC          bool               `col:"tc" doc:"Truncated."`
	RD          bool               `col:"rd" doc:"Recursion desired."`
	RA          bool               `col:"ra" doc:"Recursion available."`
	Z           int64              `col:"z" doc:"The reserved bit and, as in Zeek, AD and CD beside it, as one number of three bits."`
	Unicast     bool               `col:"unicast_response" doc:"Multicast DNS: the question asks for an answer by unicast (RFC 6762, 5.4)."`
	Answers     []string           `col:"answers" doc:"Answers in words, up to 64; text is cut after 255 bytes."`
	AnswerTypes []string           `col:"answer_types" doc:"Types of those answers."`
	TTLs        []string           `col:"ttls" doc:"Times to live of those answers in seconds."`
	Rejected    bool               `col:"rejected" doc:"A response without any record: the server would not answer (as in Zeek)."`
	BaseDomain  string             `col:"base_domain" doc:"Registered domain of the question; NULL for reverse zones, .local, single labels and names that are not host-like."`
	SubLen      int64              `col:"sub_len" doc:"Bytes of the question in front of the base domain's dot."`
	QueryBytes  int64              `col:"query_bytes" doc:"Bytes of the question's name on the wire."`
	AnsBytes    int64              `col:"ans_bytes" doc:"Bytes of data in the answer section's records."`
	MsgBytes    int64              `col:"msg_bytes" doc:"Bytes of the message."`
	Questions   int64              `col:"questions" doc:"Questions, as the header says."`
	AnswerCount int64              `col:"answer_count" doc:"Answers, as the header says."`
	Authority   int64              `col:"authority_count" doc:"Authority records, as the header says."`
	Additional  int64              `col:"additional_count" doc:"Additional records, as the header says."`
	EDNSSize    event.Opt[int64]   `col:"edns_size" doc:"Payload size offered by EDNS."`
	DNSSECOK    event.Opt[bool]    `col:"dnssec_ok" doc:"EDNS flag DO."`
	ClientNet   string             `col:"client_subnet" doc:"Client subnet passed on by EDNS (RFC 7871)."`
	RTT         event.Opt[float64] `col:"rtt_ms" doc:"On a response: milliseconds since its query."`
	QuerySeq    event.Opt[int64]   `col:"query_seq" doc:"On a response: seq of its query's row in the same flow."`
}

var messages = event.New[Message]("dns", "Messages of DNS, multicast DNS, LLMNR and the NetBIOS name service; one row a message.")
