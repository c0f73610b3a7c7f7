package nkv

import "wardtrace/dissect/event"

// Message is one message.
type Message struct {
	Dir      string           `col:"dir" doc:"Who sent it: client or server (the ventilator)."`
	Command  event.Opt[int64] `col:"command" doc:"Command: 1 changes settings, 2 asks for waveforms; NULL for what the ventilator sends of itself."`
	Version  string           `col:"version" doc:"Version of the document's format."`
	Sections []string         `col:"sections" doc:"Sections it holds: settings, monitors, alarms, waveforms, ..."`
	Items    int64            `col:"items" doc:"Values in them, waveforms not counted."`
	Bytes    int64            `col:"bytes" doc:"Bytes of the document."`
	Problem  string           `col:"problem" doc:"Why the document was not read to its end: malformed, cut, depth, nodes, text."`
}

var messages = event.New[Message]("nkv", "Messages to and from Nihon Kohden ventilators.")

// Item is one value of a section.
type Item struct {
	ParentSeq int64              `col:"parent_seq" doc:"seq of the message in nkv."`
	Section   string             `col:"section" doc:"settings, monitors or alarms."`
	Name      string             `col:"name" doc:"Name of the element, as sent."`
	Value     string             `col:"value" doc:"Its text."`
	Number    event.Opt[float64] `col:"number" doc:"Its text as a number, if it is one."`
}

var items = event.New[Item]("nkv_item", "Settings, measured values and alarms of Nihon Kohden ventilators, element by element.")
