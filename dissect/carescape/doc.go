// Package carescape reads what GE patient monitors of the Unity network (CARESCAPE, Dash, Solar) tell each other by UDP: RWhat
// discovery, parameters, alarms, requests, and the headers of waveforms.
//
// The protocol is not published. This follows what is known of it from a recording of a Dash 4000 and from open implementations that
// agree on it: the 88 bytes of RWhat, the header of 60 bytes that bed messages have, groups of 70 bytes a parameter, blocks of waveform
// samples. All numbers are big-endian. Usual ports are 7000 (RWhat), 7001 (alarms) and 2000 (requests); data comes from ports that RWhat
// announces. Monitors call the whole subnet; nothing is encrypted or authenticated, and the patient's name is in RWhat.
//
// Recognition needs no port. RWhat: 88 bytes whose address is the sender's, with texts that are padded by zeros and as many services as
// it counts. A bed message: the sender's address in its header, a known function, a bed name of two parts or none, and a length that is
// the datagram's; a request, whose addresses are no addresses, by the process it asks, the bed, and zeros behind. Waveforms have no header worth the name: they are taken for waveforms when at least 20 blocks of known kinds follow each
// other in a repeating order.
//
// What becomes rows: each datagram but those of waveforms (carescape), beds that announce themselves (carescape_bed), alarm texts when
// they are new or come again after a pause (carescape_alarm), parameters when they are first seen or their limits change
// (carescape_parameter), waves when they are first seen (carescape_wave). Heart rate, saturation, pulse, respiration and cuff pressure go
// to the shared table observation with their codes of ISO/IEEE 11073-10101, alarm texts and changed limits to alarm. An alarm message
// says only that the alarm stands: its phase is ongoing.
//
// Limits: 64 parameters, waves and alarms a conversation are followed; the order in which cuff pressures stand differs between
// implementations, so they are taken only if systolic, mean and diastolic are in order.
//
// Not decoded: the body of requests, time synchronisation, sub-functions other than 4 and 20, extended values and setup of parameters,
// temperatures (their scale is not known) and ventricular ectopics, samples. Uncertain, so told as numbers only: state, level and audio
// of alarms; numbers of services. Monitors other than Dash may differ.
package carescape
