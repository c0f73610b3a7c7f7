// Package nkv reads the remote protocol of Nihon Kohden NKV-550 ventilators: TCP, port 15376. Nothing is published by the maker; the
// layout is that of a public client.
//
// A message is eight decimal digits, the length of the XML document that follows, and the document: a device element with a command
// or with sections (settings, monitors, alarms, waveforms) and a checksum. Command 1 changes the ventilator's settings, command 2 asks for
// waveforms.
//
// Uncertain, and so not judged: the checksum (an example of the public client does not reproduce). Not decoded: values of waveforms. Sections are
// told element by element, names as sent; nothing is named or given a unit that the message does not name.
package nkv
