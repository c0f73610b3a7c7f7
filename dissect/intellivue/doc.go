// Package intellivue reads the data export of Philips IntelliVue patient monitors over UDP: connect indications, associations,
// the monitor's description, polls of numerics, waves, alerts and patient demographics.
//
// It follows Philips' "IntelliVue Data Export Interface Programming Guide" (4535 642 59271): an application of ISO/IEEE 11073-10201
// (objects, attributes, values) and of ISO 8649/8650 (associations), with remote operations as in ISO 9072. All numbers are
// big-endian. A monitor listens on port 24105 and announces itself to port 24005 of 224.0.23.63 while nobody is associated.
//
// Recognition needs no port: a session or connect indication whose lengths, two or three inside one another, add up to the datagram,
// behind the fixed bytes that the guide gives. Who is the monitor is told by the messages: it answers polls and sends events. The
// protocol has no checksum and no authentication.
//
// What becomes rows: each datagram (intellivue), what the monitor says of itself (intellivue_device), its patient
// (intellivue_patient), alerts when they change (intellivue_alert), waves when they are first seen (intellivue_wave: headers, no
// samples). Numerics go to the shared table observation, alerts to alarm, admissions and discharges to patient_movement. Codes are
// those of ISO/IEEE 11073-10101 with the partition in the upper 16 bits; terms above 0xEFFF are Philips' own. A numeric whose state
// says invalid or unavailable, or that is no number, gives no observation; the message counts it.
//
// The patient of observations and alarms is the one that the same conversation told, until a discharge: an association is about one
// bed.
//
// Limits: alerts of a list past 256 are not followed; 64 requests wait for their answer; 64 waves a conversation. Linked results are
// read one by one: each carries whole objects. A hole in their numbering is an anomaly.
//
// Not decoded: samples of waves, enumerations, scales and calibrations, texts by their number, text catalogues, the body of refusals
// and aborts, the services on ports 24000 and 24012 that monitors announce, the serial (MIB) framing, PIC iX protocols. Uncertain:
// absolute times are the monitor's local time without a zone, so they stand as text and never as time of an observation; the attribute
// 61441 (internal patient number) has no published form and is not read.
package intellivue
