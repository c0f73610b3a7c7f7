// Package ble reads Bluetooth Low Energy: Bluetooth Core Specification 5.4, Vol 6 Part B (link layer), Vol 4 Part E
// (HCI), Vol 3 Part A (L2CAP), F and G (ATT, GATT), H (security manager), and the health services of the Bluetooth SIG.
//
// A capture from the air gives one conversation for each advertiser and one for each connection, named by its access
// address; a log of a host gives one conversation for all it says to its controller, in which connections are told apart by
// their handle.
//
// What health devices send by notification, indication or read is decoded where the attribute's type is known: from the
// discovery in the same connection, or from nothing else. A value whose handle was never named stays a length. Formats:
// Heart Rate Service 1.0, Blood Pressure Service 1.1, Health Thermometer Service 1.0, Pulse Oximeter Service 1.0, Glucose
// Service 1.0, Continuous Glucose Monitoring Service 1.0.1, Weight Scale Service 1.0, Device Information Service 1.1.
//
// Limits: see the constants. Advertisements are counted, not listed: one row for each different one.
//
// Not decoded: what is encrypted on the air (metadata only: a length that L2CAP does not explain gives no row), extended
// advertising on secondary channels, isochronous and periodic channels, credit based L2CAP channels, BR/EDR. Uncertain, and so named
// without values: insulin delivery (183A) and generic health sensor (1840); a write to a control point is a row all the
// same. Which side is the server of an attribute is known by its opcode; in captures that do not tell the sender, a connection is
// taken to have one server.
package ble
