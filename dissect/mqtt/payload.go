package mqtt

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
	"wardtrace/dissect/jsonread"
	"wardtrace/dissect/words"
)

// maxDepth of a JSON message whose members are looked at: device messages have two or three levels.
const maxDepth = 32

// inspect tells what an application message looks like. whole tells that all of it is there.
func (v *conversation) inspect(row *Packet, payload []byte, whole bool) {
	text := bytes.TrimSpace(payload)
	switch {
	case len(text) == 0:
		row.PayloadKind = "empty"
	case bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")):
		row.PayloadKind = "text"
		var room [48]jsonread.Node
		if doc, ok := jsonread.Read(text, room[:0]); whole && ok {
			row.PayloadKind = "json"
			v.members(row, &doc)
		} else if !whole {
			row.PayloadKind = "json"
		}
	case bytes.HasPrefix(bytes.TrimLeft(payload, "\x0b"), []byte("MSH|")):
		row.PayloadKind = "hl7"
	case bytes.HasPrefix(text, []byte("<")):
		row.PayloadKind = "xml"
	case bytes.HasPrefix(payload, []byte("\xff\xd8\xff")):
		row.PayloadKind = "jpeg"
	case bytes.HasPrefix(payload, []byte("\x89PNG")):
		row.PayloadKind = "png"
	case isNumber(string(text[:min(len(text), 40)])) && len(text) <= 40:
		row.PayloadKind = "number"
	case isText(text):
		row.PayloadKind = "text"
	default:
		row.PayloadKind = "binary"
	}
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && strings.Trim(s, "+-.0123456789eE") == ""
}

// isText: UTF-8 without control characters but white space.
func isText(b []byte) bool {
	b = b[:min(len(b), 4<<10)]
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 && len(b) >= utf8.UTFMax || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		b = b[n:]
	}
	return true
}

// members collects the names of JSON members, tells which are numbers, and takes a patient's identifier and name. What stands in a list is
// its member's.
func (v *conversation) members(row *Packet, doc *jsonread.Doc) {
	var all, numeric keys
	var ends [maxDepth]int // of the objects and lists that are open
	depth, key := 0, -1    // key is the member whose name came last
walk:
	for i := range doc.All() {
		x := doc.Nth(i)
		for depth > 0 && i >= ends[depth-1] {
			depth--
		}
		if x.Member() {
			if key = -1; words.Given(x.Name()) {
				key = i
				all.add(doc, i)
				if string(x.Name()) == "resourceType" {
					row.PayloadKind = "fhir"
				}
			}
		}
		switch x.Kind() {
		case jsonread.Object, jsonread.Array:
			if depth == maxDepth {
				break walk
			}
			ends[depth] = x.End()
			depth++
		case jsonread.Number:
			numeric.add(doc, key)
			row.says(doc.Nth(key).Name(), x)
		case jsonread.String:
			row.says(doc.Nth(key).Name(), x)
		}
	}
	row.JSONKeys, row.NumericKeys = v.keys.strings(doc, &all), v.numeric.strings(doc, &numeric)
}

// says takes a plain value of a member.
func (row *Packet) says(key []byte, x jsonread.Value) {
	switch w := words.Of(key); {
	case w.Patient() && row.PatientID == "":
		row.PatientID = clip(string(x.Text()))
	case w.Name() && row.PatientName == "":
		row.PatientName = clip(string(x.Text()))
	}
}

// keys are the members whose names are shown, each name once, in order of appearance.
type keys struct {
	list [maxKeys]int
	n    int
}

func (k *keys) add(doc *jsonread.Doc, member int) {
	if member < 0 || k.n == maxKeys {
		return
	}
	for _, have := range k.list[:k.n] {
		if bytes.Equal(doc.Nth(have).Name(), doc.Nth(member).Name()) {
			return
		}
	}
	k.list[k.n] = member
	k.n++
}

// sameKeys are the names in the message before: a device sends the same ones every second, and rows may share a list that nobody changes.
type sameKeys []string

func (s *sameKeys) strings(doc *jsonread.Doc, k *keys) []string {
	if k.n == 0 {
		return nil
	}
	same := len(*s) == k.n
	for i := 0; same && i < k.n; i++ {
		same = (*s)[i] == string(doc.Nth(k.list[i]).Name())
	}
	if !same {
		fresh := make(sameKeys, k.n)
		for i := range fresh {
			fresh[i] = string(doc.Nth(k.list[i]).Name())
		}
		*s = fresh
	}
	return *s
}

// unnamed replaces the levels of a topic that the message itself shows to be a patient's identifier or name, and names as HL7 and DICOM write them.
func unnamed(row *Packet) {
	named := func(level string) bool {
		return level != "" && (strings.EqualFold(level, row.PatientID) || strings.EqualFold(level, row.PatientName) || strings.Contains(level, "^"))
	}
	found := false
	for level := range strings.SplitSeq(row.Topic, "/") {
		found = found || named(level)
	}
	if !found {
		return
	}
	levels := strings.Split(row.Topic, "/")
	for i, level := range levels {
		if !named(level) {
			continue
		}
		levels[i] = "<patient>"
		if row.TopicPatient == "" {
			row.TopicPatient = level
		}
	}
	row.Topic = strings.Join(levels, "/")
}

// redact replaces the level of a topic that names a patient: the one behind patient, mrn, ..., or the rest of a level that
// begins with such a word, as in patient-4711. Wildcards stay.
func redact(topic string) (shown, patient string) {
	at, behind := 0, false // where a level begins, and whether it is the one behind a word
	for level := range strings.SplitSeq(topic, "/") {
		w := words.Of(level)
		switch i := strings.IndexAny(level, "-_:="); {
		case behind && level != "" && level != "+" && level != "#" && !w.Patient():
			return topic[:at] + "<patient>" + topic[at+len(level):], level
		case i > 0 && i+1 < len(level) && patientWord(level[:i]) && !w.Patient():
			return topic[:at+i+1] + "<patient>" + topic[at+len(level):], level[i+1:]
		}
		at += len(level) + 1
		behind = w.Patient()
	}
	return topic, ""
}

func patientWord(s string) bool {
	w := words.Of(s)
	return w.Patient()
}

// aboutBroker takes what a broker says of itself under $SYS.
func (v *conversation) aboutBroker(h *half, dir dissect.Dir, row *Packet, payload []byte, out *event.Batch) {
	if dir != dissect.FromServer || row.Topic != "$SYS/broker/version" || len(payload) > 64 || !isText(payload) {
		return
	}
	name, version, found := strings.Cut(string(payload), " version ")
	if found {
		v.identity(out, h.ref, dissect.FromServer, event.Identity{Attribute: "version", Value: version, Source: "mqtt.sys_version", Confidence: 90})
	}
	v.identity(out, h.ref, dissect.FromServer, event.Identity{Attribute: "software", Value: name, Source: "mqtt.sys_version", Confidence: 90})
}
