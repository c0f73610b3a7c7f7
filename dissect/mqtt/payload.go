package mqtt

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// maxDepth of a JSON message whose members are looked at: device messages have two or three levels.
const maxDepth = 32

// inspect tells what an application message looks like. whole tells that all of it is there.
func inspect(row *Packet, payload []byte, whole bool) {
	text := bytes.TrimSpace(payload)
	switch {
	case len(text) == 0:
		row.PayloadKind = "empty"
	case bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")):
		row.PayloadKind = "text"
		if whole && json.Valid(text) {
			row.PayloadKind = "json"
			members(row, text)
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

// members collects the names of JSON members, tells which are numbers, and takes a patient's identifier and name. The
// text is valid JSON.
func members(row *Packet, text []byte) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var objects []bool // of the open values, whether they are objects
	key, wantKey := "", false
	for {
		tok, err := d.Token()
		if err != nil || len(objects) > maxDepth {
			return
		}
		if delim, ok := tok.(json.Delim); ok {
			if delim == '{' || delim == '[' {
				objects = append(objects, delim == '{')
			} else {
				objects = objects[:len(objects)-1]
			}
		} else if name, ok := tok.(string); ok && wantKey {
			key = name
			wantKey = false
			member(row, key, nil)
			continue
		} else {
			member(row, key, tok)
		}
		wantKey = len(objects) > 0 && objects[len(objects)-1]
		if !wantKey && len(objects) == 0 {
			key = ""
		}
	}
}

// member notes a name, or (with a value) what it holds.
func member(row *Packet, key string, value json.Token) {
	if !isKey(key) {
		return
	}
	if value == nil {
		if key == "resourceType" {
			row.PayloadKind = "fhir"
		}
		row.JSONKeys = appendKey(row.JSONKeys, key)
		return
	}
	word := plain(key)
	text := ""
	switch x := value.(type) {
	case json.Number:
		row.NumericKeys = appendKey(row.NumericKeys, key)
		text = x.String()
	case string:
		text = x
	}
	if patientWords[word] && row.PatientID == "" {
		row.PatientID = clip(text)
	}
	if nameWords[word] && row.PatientName == "" {
		row.PatientName = clip(text)
	}
}

// isKey tells whether a member's name is one that a program gave, not something that a person typed.
func isKey(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for _, r := range s {
		if (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.:$@/", r) {
			return false
		}
	}
	return true
}

func appendKey(list []string, key string) []string {
	for _, have := range list {
		if have == key {
			return list
		}
	}
	if len(list) >= maxKeys {
		return list
	}
	return append(list, key)
}

// joints are what writers put between the words of a name.
var joints = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// plain makes patient_id, patientId and Patient-ID one word.
func plain(s string) string {
	return strings.ToLower(joints.Replace(s))
}

// unnamed replaces the levels of a topic that the message itself shows to be a patient's identifier or name, and names as HL7 and DICOM write them.
func unnamed(row *Packet) {
	levels := strings.Split(row.Topic, "/")
	for i, level := range levels {
		if level == "" || !strings.EqualFold(level, row.PatientID) && !strings.EqualFold(level, row.PatientName) && !strings.Contains(level, "^") {
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
	levels := strings.Split(topic, "/")
	for i, level := range levels {
		if i > 0 && patientWords[plain(levels[i-1])] && level != "" && level != "+" && level != "#" && !patientWords[plain(level)] {
			patient, levels[i] = level, "<patient>"
			break
		}
		if at := strings.IndexAny(level, "-_:="); at > 0 && at+1 < len(level) && patientWords[strings.ToLower(level[:at])] && !patientWords[plain(level)] {
			patient, levels[i] = level[at+1:], level[:at+1]+"<patient>"
			break
		}
	}
	if patient == "" {
		return topic, ""
	}
	return strings.Join(levels, "/"), patient
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
