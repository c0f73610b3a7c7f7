package mqtt

import "wardtrace/dissect/event"

// Packet is one control packet.
type Packet struct {
	Dir            string           `col:"dir" doc:"Who sent it: client or server (the broker)."`
	Type           string           `col:"ptype" doc:"CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT, AUTH or RESERVED."`
	Version        string           `col:"version" doc:"Protocol version of the connection: 3.1, 3.1.1 or 5; ends in ? where CONNECT was not seen and it was guessed."`
	ClientID       string           `col:"client_id" doc:"Client id of the connection, as sent or as the broker assigned it."`
	Topic          string           `col:"topic" doc:"Topic of a PUBLISH, first filter of a SUBSCRIBE or UNSUBSCRIBE; a level after one named patient, mrn, ..., or equal to the patient of the payload, is shown as <patient>."`
	TopicPatient   string           `col:"topic_patient" phi:"id" doc:"That level: an identifier of a patient."`
	Filters        []string         `col:"filters" doc:"All filters of a SUBSCRIBE or UNSUBSCRIBE."`
	Wildcard       bool             `col:"wildcard" doc:"A filter has # or +."`
	QoS            event.Opt[int64] `col:"qos" doc:"Quality of service of a PUBLISH, highest one asked for by a SUBSCRIBE."`
	Dup            bool             `col:"dup" doc:"PUBLISH: sent again."`
	Retain         bool             `col:"retain" doc:"PUBLISH: to be kept by the broker, or kept by it."`
	PacketID       event.Opt[int64] `col:"packet_id" doc:"Packet identifier."`
	Len            int64            `col:"len" doc:"Remaining length: bytes of the packet without its fixed header."`
	PayloadLen     event.Opt[int64] `col:"payload_len" doc:"Bytes of a PUBLISH's application message."`
	PayloadKind    string           `col:"payload_kind" doc:"What the message looks like: json, number, text, xml, hl7, fhir, jpeg, png, binary, empty."`
	PayloadHash    string           `col:"payload_hash" phi:"free" doc:"SHA-256 (first 128 bits) of the message; kept as a keyed digest, since short messages can be guessed."`
	JSONKeys       []string         `col:"json_keys" doc:"Names of members of a JSON message (at most 32), in order of appearance."`
	NumericKeys    []string         `col:"numeric_keys" doc:"Those among them whose values are numbers."`
	PatientID      string           `col:"patient_id" phi:"id" doc:"Value of a member named patient_id, mrn, pid, ..."`
	PatientName    string           `col:"patient_name" phi:"name" doc:"Value of a member named patient_name, ..."`
	ReturnCode     event.Opt[int64] `col:"return_code" doc:"CONNACK return code, or reason code (version 5) of CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, DISCONNECT, AUTH; of SUBACK and UNSUBACK the highest."`
	Reason         string           `col:"reason" doc:"What the code means, in the standard's words."`
	SessionPresent event.Opt[bool]  `col:"session_present" doc:"CONNACK: the broker kept a session."`
	User           string           `col:"user" doc:"CONNECT: user name."`
	Password       bool             `col:"password" doc:"CONNECT: a password was sent (never stored)."`
	PasswordLen    event.Opt[int64] `col:"password_len" doc:"Its length in bytes."`
	CleanStart     event.Opt[bool]  `col:"clean_start" doc:"CONNECT: clean session or clean start."`
	KeepAlive      event.Opt[int64] `col:"keep_alive" doc:"CONNECT: keep alive in seconds."`
	WillTopic      string           `col:"will_topic" doc:"CONNECT: topic of the will."`
	WillLen        event.Opt[int64] `col:"will_len" doc:"CONNECT: bytes of the will's message."`
	WillQoS        event.Opt[int64] `col:"will_qos" doc:"CONNECT: quality of service of the will."`
	WillRetain     bool             `col:"will_retain" doc:"CONNECT: the will is to be kept."`
	UserProperties []string         `col:"user_properties" doc:"Names of user properties (version 5)."`
	ContentType    string           `col:"content_type" doc:"Content type of the message (version 5)."`
	ResponseTopic  string           `col:"response_topic" doc:"Response topic (version 5)."`
	AuthMethod     string           `col:"auth_method" doc:"Authentication method (version 5); its data is never stored."`
	ReasonString   string           `col:"reason_string" doc:"Reason string (version 5)."`
	ServerRef      string           `col:"server_reference" doc:"Other server to use (version 5)."`
	SessionExpiry  event.Opt[int64] `col:"session_expiry" doc:"Session expiry interval in seconds (version 5)."`
	Complete       bool             `col:"complete" doc:"All bytes of the packet were seen."`
	Malformed      string           `col:"malformed" doc:"Violations of the standard, joined by commas: see tags.go for the words. NULL if there are none."`
}

var packets = event.New[Packet]("mqtt", "MQTT control packets, one row each.")

// Subscription is one filter of a SUBSCRIBE.
type Subscription struct {
	ParentSeq  int64            `col:"parent_seq" doc:"seq of the SUBSCRIBE in mqtt."`
	ClientID   string           `col:"client_id" doc:"Client id of the connection."`
	Filter     string           `col:"filter" doc:"Topic filter."`
	Wildcard   bool             `col:"wildcard" doc:"It has # or +."`
	Broad      bool             `col:"broad" doc:"It takes everything, or everything of a kind: its first level is # or +, or it is $SYS/#."`
	QoS        int64            `col:"qos" doc:"Quality of service asked for."`
	NoLocal    bool             `col:"no_local" doc:"Version 5: not the client's own messages."`
	ReturnCode event.Opt[int64] `col:"return_code" doc:"SUBACK's code for this filter: 0 to 2 the quality granted, 128 and above refused; NULL if no answer was seen."`
}

var subscriptions = event.New[Subscription]("mqtt_subscription", "Topic filters that clients subscribed to, with the broker's answer.")
