// Package medibus reads Dräger MEDIBUS, the serial protocol of ventilators and anaesthesia machines (MEDIBUS for Dräger
// devices, protocol definition; RS-232 profile), where a terminal server carries it over TCP on any port.
//
// A master's command begins with ESC, a device's response with SOH; both end with two hex digits of a checksum and CR. Flow
// control characters may stand anywhere, and realtime data, whose bytes have their highest bit set, may come in between: both are taken
// out first. A conversation is believed at the first frame of a known command whose checksum holds. Which side of the TCP
// connection is the device is told by the frames, not by who connected.
//
// Alarms are told as they begin and end: a device lists its active alarms when asked. A setting is told when it is first seen
// and when it changes.
//
// Uncertain, and so not named: codes of measured values and of most settings, and every unit (they depend on the device): rows hold
// code and value. Not decoded: realtime values (counted), configuration of realtime data, MEDIBUS.X, whose layout is not public.
package medibus
