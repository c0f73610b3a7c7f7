// Package ieee11073 decodes IEEE 11073-20601 (2014), by which personal health devices (pulse oximeters, blood pressure monitors,
// thermometers, scales, glucose meters, insulin pumps: "agents") report to a manager, over TCP and over any carrier that brings one
// APDU a datagram. No port belongs to it: 6464 is assigned to its family, some programs use 6024.
//
// An APDU (annex A.8) is a choice of two bytes, a length and that many bytes: association request and response, release
// request and response, abort, and data. Data are remote operations: event reports, get, set, action, their results and errors.
// Encoding is MDER (annex F); XER and PER are told but not read.
//
// A measurement of the commonest, fixed format is a handle and bytes: what they mean stands in the configuration, which the agent
// reports once after it has associated (clause 7.4.3, notification 3356), or which is one of the standard configurations of the
// device specialisations (11073-104zz). The package keeps the configuration of the association, and those of earlier
// associations of the same agent in the same conversation; without one it decodes nothing of a fixed report and says so once.
// Standard configurations that are read: 400 and 401 (10404, pulse oximeter), 700 (10407, blood pressure), 1500 (10415, scale), 1700
// (10417, glucose meter); of others the specialisation is named only.
//
// Read are the association (protocol, encoding, functional units, system id, configuration id), the configuration with its objects,
// fixed, variable and grouped reports of one and of several persons, the attributes of the device that a manager gets, data
// requests, the clock being set, the stores of persistent metrics with their segments, and the segments' entries where the map of the
// segment was seen.
//
// A person is a number that the agent gave to whoever uses it (PersonId, 2 bytes). It is no identity outside the device: patient_id
// in the shared table observation is the system id and that number together, which never equals a hospital's own number. The
// standard has no field for a hospital's number or a name; what an agent writes into labels is free text and kept as such.
//
// Recognition wants an association request or response whose three lengths agree and that names protocol 20601, or a data APDU
// whose three lengths agree and whose operation exists. A release or an abort alone is too weak.
//
// Limits: an APDU has at most 65,539 bytes (16 bits of length; the standard allows 64,512, and more is an anomaly); 512 objects of a
// configuration (maxObjects), 32 attributes of an object's map (maxMap), 1,000 values of an APDU (maxValues), 16 configurations and 64
// maps of segments are remembered for a conversation.
//
// Not decoded: waveforms beyond their size (simple sample arrays), the statistics of segments, certification data, manufacturers' own
// protocols (65535) and attributes. Uncertain, therefore not in a row: the meaning of the bits of device status objects (sensor off,
// threshold alarms), which stand as bits; so no alarm is told. Absolute time is that of the device's clock without a zone: it
// stands as text and is not turned to UTC; base offset time is passed over.
package ieee11073
