package ble

import "wardtrace/dissect/event"

// Advertisement is one advertisement, however often it was sent.
type Advertisement struct {
	Address     string           `col:"address" doc:"Address of the advertiser."`
	AddressType string           `col:"address_type" doc:"public, static (random, for the life of the device), resolvable (private, for who has its key), or private."`
	PDU         string           `col:"pdu" doc:"ADV_IND, ADV_DIRECT_IND, ADV_NONCONN_IND, ADV_SCAN_IND, SCAN_RSP, or extended."`
	Connectable bool             `col:"connectable" doc:"It invites connections."`
	Name        string           `col:"name" doc:"Local name, if it is a product's; people name their devices, so one with blanks or quotes stands in owner_name alone."`
	OwnerName   string           `col:"owner_name" phi:"name" doc:"Local name as sent."`
	Appearance  string           `col:"appearance" doc:"Category of device (GAP assigned numbers)."`
	Services    []string         `col:"services" doc:"Services offered: names of health services, else their numbers."`
	Company     string           `col:"company" doc:"Company of the manufacturer specific data, name or number."`
	DataLen     int64            `col:"data_len" doc:"Bytes of advertising data."`
	TxPower     event.Opt[int64] `col:"tx_power" doc:"Transmit power, dBm."`
	Count       int64            `col:"count" doc:"How often it was sent."`
	Until       event.Time       `col:"until" doc:"When it was sent last."`
}

var advertisements = event.New[Advertisement]("ble_advertisement", "Bluetooth LE advertisements: one row for each different one of a device, with its number.")

// Connection is one connection's beginning, or its end.
type Connection struct {
	Event      string             `col:"event" doc:"open, update, close, version."`
	Handle     event.Opt[int64]   `col:"handle" doc:"Connection handle, in a host's log."`
	Access     string             `col:"access_address" doc:"Access address, on the air: the connection's own flow has it in its packets."`
	Central    string             `col:"central" doc:"Address of who opened it."`
	Peripheral string             `col:"peripheral" doc:"Address of the other side."`
	PeerType   string             `col:"peer_type" doc:"Kind of the peripheral's address."`
	IntervalMS event.Opt[float64] `col:"interval_ms" doc:"Connection interval, ms."`
	Latency    event.Opt[int64]   `col:"latency" doc:"Events the peripheral may skip."`
	TimeoutMS  event.Opt[int64]   `col:"timeout_ms" doc:"Supervision timeout, ms."`
	Status     event.Opt[int64]   `col:"status" doc:"Controller error code (Vol 1 Part F): 0 success; why it ended, for close."`
	Version    string             `col:"version" doc:"Version of the core specification that the peer's controller names."`
	Company    string             `col:"company" doc:"Maker of that controller, by its number."`
}

var connections = event.New[Connection]("ble_connection", "Bluetooth LE connections: opened, changed, closed.")

// Security is one step of pairing or encryption.
type Security struct {
	Handle  event.Opt[int64] `col:"handle" doc:"Connection handle, in a host's log."`
	Dir     string           `col:"dir" doc:"Who sent it: client (central, host) or server; NULL if the capture does not tell."`
	Step    string           `col:"step" doc:"pairing_request, pairing_response, pairing_failed, security_request, public_key, key_distribution, encryption_request, encryption_start, encrypted, rejected."`
	Method  string           `col:"method" doc:"just_works, passkey, numeric_comparison, oob: how both sides agreed, on the response's row."`
	Secure  event.Opt[bool]  `col:"secure_connections" doc:"Both sides offer LE Secure Connections; else the pairing can be broken by who heard it."`
	MITM    event.Opt[bool]  `col:"mitm" doc:"Protection against a man in the middle is asked for."`
	Bonding event.Opt[bool]  `col:"bonding" doc:"The keys are to be kept."`
	IO      string           `col:"io" doc:"Input and output of the sender: display_only, display_yes_no, keyboard_only, none, keyboard_display."`
	KeySize event.Opt[int64] `col:"key_size" doc:"Largest key, bytes; below 16 can be guessed (KNOB)."`
	Reason  event.Opt[int64] `col:"reason" doc:"Why it failed: of pairing (Vol 3 Part H 3.5.5), or the controller's error code."`
}

var securities = event.New[Security]("ble_security", "Bluetooth LE pairing and encryption, step by step.")

// Attribute is one ATT packet.
type Attribute struct {
	Dir       string           `col:"dir" doc:"Who sent it: client (central, host) or server; NULL if the capture does not tell."`
	Handle    event.Opt[int64] `col:"handle" doc:"Connection handle, in a host's log."`
	Device    string           `col:"device" doc:"Address of the side whose attributes these are, if the conversation tells; on the air the connection's opening, a conversation of its own, does."`
	Op        string           `col:"op" doc:"Operation: read_request, notification, write_command, error, ..."`
	Attr      event.Opt[int64] `col:"attribute" doc:"Handle of the attribute."`
	UUID      string           `col:"uuid" doc:"Type of the attribute: four hex digits of the Bluetooth SIG, or a whole UUID."`
	Name      string           `col:"name" doc:"Name of a health or device characteristic."`
	Service   string           `col:"service" doc:"Service it belongs to."`
	Length    int64            `col:"length" doc:"Bytes of the value."`
	Text      string           `col:"text" doc:"Value of device information (2A24 to 2A29)."`
	UserText  string           `col:"user_text" phi:"name" doc:"Value of a user's first or last name (2A8A, 2A90)."`
	UserBirth string           `col:"user_birth" phi:"birth" doc:"Value of a user's date of birth (2A85), YYYYMMDD."`
	Control   string           `col:"control" doc:"What is asked of a control point: an operation code, named where it is certain."`
	Error     event.Opt[int64] `col:"error" doc:"Error code (Vol 3 Part F 3.4.1.1): 5 authentication, 8 authorisation, 15 encryption missing."`
	ErrorOf   string           `col:"error_of" doc:"Operation that failed."`
	Encrypted bool             `col:"encrypted" doc:"The connection was encrypted by then; what stands here was seen by the host, or decrypted by the capture tool."`
}

var attributes = event.New[Attribute]("ble_att", "Attribute protocol packets of Bluetooth LE.")

// Measurement is one value of a health service.
type Measurement struct {
	ParentSeq int64              `col:"parent_seq" doc:"seq of the packet in ble_att."`
	UUID      string             `col:"uuid" doc:"Characteristic."`
	Code      string             `col:"code" doc:"What was measured, as ISO/IEEE 11073-10101 names it."`
	Name      string             `col:"name" doc:"The same in words."`
	Value     event.Opt[float64] `col:"value" doc:"The value; NULL for the special values of SFLOAT and FLOAT."`
	Special   string             `col:"special" doc:"nan, nres (not at this resolution), +inf, -inf."`
	Unit      string             `col:"unit" doc:"Unit, UCUM."`
	Sequence  event.Opt[int64]   `col:"sequence" doc:"Sequence number of a stored record."`
	User      event.Opt[int64]   `col:"user" doc:"Number of the user on the device."`
	Status    event.Opt[int64]   `col:"status" doc:"Status bits as sent."`
	At        event.Time         `col:"at" doc:"When, by the device's clock, read as UTC."`
}

var measurements = event.New[Measurement]("ble_measurement", "Values of the health services: heart rate, blood pressure, temperature, oxygen saturation, glucose, weight.")
