// Package dri reads the Datex-Ohmeda Record Interface of GE's S/5 monitors, anaesthesia machines and CARESCAPE modules, as it crosses a
// network behind terminal servers, on any TCP port.
//
// It follows GE's "S/5 Computer Interface Specification" (8005313, DRI level '15): records between bytes 7E, with 7D as escape, behind
// each record the sum of its bytes; in a record a header of 40 bytes that names up to eight subrecords. All numbers are little-endian.
// The interface has no authentication.
//
// Recognition needs no port: one whole record whose length is what its header says, whose sum is right, whose reserved fields are zero
// and whose subrecords lie inside it.
//
// What becomes rows: each record (dri), alarms on the screen when they change (dri_alarm), monitors that log in and patients they
// describe (dri_login, dri_patient). Values of the basic class go to the shared table observation: those that the group says are there
// and measured. Values whose meaning is that of a term of ISO/IEEE 11073-10101 have its code, the others the specification's own names
// (coding system dri). Alarms go to alarm; waves are told by their names only.
//
// Requests to send values, waves or alarms are told from what a monitor sends by their subrecord 0. They start and stop transmissions;
// nothing in the interface sets a monitor.
//
// Limits: records up to 1490 bytes, as in the specification; 5 alarms on a screen.
//
// Not decoded: classes 1 to 3 of values (12-lead ECG, EEG, spirometry, PiCCO), auxiliary information, samples, events for anaesthesia
// records, sex, age and size of patients. Uncertain: the alarm record is 510 bytes in the specification's types of 16 bits; descriptions
// with types of 8 bits are about, so texts are taken only if length, flags and padding all fit. Times are the monitor's clock, without a
// zone: they stand in the record's row and are no time of an observation. The Ethernet transport of S/5 is not public.
package dri
