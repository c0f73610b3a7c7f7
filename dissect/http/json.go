package http

import (
	"bytes"
	"encoding/json"
)

// topLevel gives the names of a JSON object's own fields, with the values that are text. Anything deeper is passed over.
func topLevel(content []byte) [][2]string {
	var out [][2]string
	dec := json.NewDecoder(bytes.NewReader(content))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for dec.More() && len(out) < maxKeys {
		key, err := dec.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			break
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			break
		}
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = ""
		}
		out = append(out, [2]string{name, text})
	}
	return out
}
