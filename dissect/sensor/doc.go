// Package sensor reads measurements that devices send as JSON messages of their own making, or as SenML (RFC 8428), inside
// MQTT and CoAP.
//
// A message of a device's own making counts as one if it is a JSON object, or a list of them, in which a member with the name of
// a vital sign (tags.go) holds a number. What the name says is what the device says: the row keeps the name as the code, coding
// system json, and a unit only where the message states one. Names that mean other things too (rr, temp in a room) keep to what
// they say.
//
// Limits: see the constants. Not decoded: CBOR forms (SenML-CBOR), SenML with values relative to a base value are added up as RFC 8428
// 4.1 says; binary and string values are passed over.
package sensor
