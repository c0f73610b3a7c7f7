// Package mqtt decodes MQTT: version 3.1 (MQIsdp), OASIS MQTT 3.1.1 and OASIS MQTT 5, over TCP.
//
// Every control packet is a row, and every violation of the standard that a packet commits stands in that row (the words
// are in tags.go), so that rules count rows. Of an application message the length, a digest, its kind and the names of
// JSON members are kept, not the values, but for a patient's identifier and name, which are marked as such. A password is
// never kept, only that there was one and its length; nor are authentication data and the will's message.
//
// A topic level that stands behind one named patient, mrn, ..., or that the payload shows to be the patient's identifier or name, is replaced; the
// identifier goes to a column of its own. An identifier in a level that nothing names is not known to be one.
//
// A message may be a packet of another protocol (HL7): With gives the carrier protocols to offer whole messages to.
//
// What follows a loss is searched for the head of a packet that makes sense: a PUBLISH with a printable topic, a CONNECT,
// a SUBSCRIBE, or two short packets in a row. After a loss, and where the start of the connection was not seen, packets
// are not blamed for what may have been lost (before_connect, unsolicited_ack). A remaining length of more than four
// bytes ends the direction: nothing behind it can be told apart.
//
// Limits: the first 128 KiB of a packet are held (maxHeld; the rest of a PUBLISH passes unbuffered, into the digest), 1 KiB
// of a string (maxText), 64 filters of a packet (maxFilters), 32 names of JSON members (maxKeys) to a depth of 32, 4,096
// packet identifiers in flight (maxInFlight) and 256 topic aliases a direction (maxAliases).
//
// Not decoded: MQTT-SN, and MQTT over WebSocket unless its carrier unpacks it. Where CONNECT was not seen the version is
// guessed by the form of CONNACK, PUBACK and PUBLISH; a 3.1.1 message that begins with a zero byte in front of text would
// pass for one of version 5.
package mqtt
