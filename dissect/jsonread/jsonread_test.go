package jsonread

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// device is a message as a monitor sends it.
var device = []byte(`{"patient_id":"LAB-4711","device":"MON-1","heart_rate":72,"spo2":97.5,"nibp":{"sys":121,"dia":78,"mean":92},"alarms":[],` +
	`"ok":true,"ts":"2026-11-20T02:15:00Z"}`)

// hard are texts at the edges of the grammar, good and bad.
var hard = []string{"", " ", "0", "-", "-0", "-0.0e+1", "01", "1.", ".1", "1e", "1E-", "+1", "1e400", "true", "tru", "truex", "null", `""`, `"`, `"\`,
	`"\u12"`, `"\u00fc"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\x"`, "\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\xff\"", "\"\xff\\n\"", `"\/"`, "[", "]", "[]", "[,]",
	"[1,]", "[1 2]", "[1,2]", "{", "}", "{}", "{,}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{"a":1,"a":2}`, `{1:2}`, `{"":0}`, `[}`, `{]`,
	`{"a":[{"b":[[],{}]},null,false]}`, " \t\r\n[ 1 , { \"a\" : \"b\" } ] \n", "[1]]", "[1] 2", "\ufeff1", "{\"a\":1}\x00", "nul", `{"\u0061":"\"b\\"}`,
	strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001), strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9)}

func TestHard(t *testing.T) {
	for _, s := range hard {
		same(t, []byte(s))
	}
	same(t, device)
}

// same holds that encoding/json reads the same from a text.
func same(t *testing.T, text []byte) {
	t.Helper()
	d, ok := Read(text, nil)
	if ok != json.Valid(text) {
		t.Fatalf("%.80q: %v, encoding/json %v", text, ok, !ok)
	}
	if !ok {
		return
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var want any
	if err := dec.Decode(&want); err != nil {
		t.Fatal(err)
	}
	if got := tree(d.Root()); !reflect.DeepEqual(got, want) {
		t.Fatalf("%.80q: %v, encoding/json %v", text, got, want)
	}
	if got, want := tokens(&d), jsonTokens(text); got != want {
		t.Fatalf("%.80q: in order %s, encoding/json %s", text, got, want)
	}
}

func tree(v Value) any {
	switch v.Kind() {
	case Object:
		m, last := map[string]any{}, map[string]Value{}
		for x := v.First(); x.Kind() != None; x = x.Next() {
			m[string(x.Name())], last[string(x.Name())] = tree(x), x
		}
		for name := range m {
			if v.Get(name) != last[name] {
				return "Get does not give the last member of a name"
			}
		}
		return m
	case Array:
		list := []any{}
		for x := v.First(); x.Kind() != None; x = x.Next() {
			list = append(list, tree(x))
		}
		return list
	case String:
		return string(v.Text())
	case Number:
		return json.Number(v.Text())
	case True, False:
		return v.Kind() == True
	}
	return nil
}

// tokens writes names and plain values in the order of the list.
func tokens(d *Doc) string {
	var s strings.Builder
	for i := range d.All() {
		v := d.Nth(i)
		if v.Member() {
			fmt.Fprintf(&s, "%q ", v.Name())
		}
		switch v.Kind() {
		case String, Number:
			fmt.Fprintf(&s, "%q ", v.Text())
		case True, False, Null:
			s.WriteString("word ")
		}
	}
	return s.String()
}

func jsonTokens(text []byte) string {
	var s strings.Builder
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	for {
		tok, err := dec.Token()
		if err != nil {
			return s.String()
		}
		switch tok := tok.(type) {
		case string, json.Number:
			fmt.Fprintf(&s, "%q ", tok)
		case bool, nil:
			s.WriteString("word ")
		}
	}
}

// TestNothing holds that what is not there has nothing inside either.
func TestNothing(t *testing.T) {
	d, _ := Read([]byte(`[{"a":1}]`), nil)
	v := d.Root().Get("a")
	if v.Kind() != None || v.First().Kind() != None || v.Next().Kind() != None || v.Text() != nil || v.Name() != nil || v.Member() {
		t.Error("an array has no member a")
	}
	if d.Nth(-1).Kind() != None || d.Nth(3).Kind() != None || d.Root().First().First().Next().Kind() != None || d.Root().Next().Kind() != None {
		t.Error("what stands past an end is not there")
	}
	var zero Doc
	if zero.Root().Kind() != None {
		t.Error("the zero Doc has no value")
	}
}

// TestNoMemory holds that an ordinary message costs none.
func TestNoMemory(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		var room [32]Node
		d, ok := Read(device, room[:0])
		if v := d.Root().Get("heart_rate"); !ok || string(v.Text()) != "72" {
			t.Error("not read")
		}
	}); n != 0 {
		t.Errorf("%v pieces of memory", n)
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range hard {
		f.Add([]byte(s))
	}
	f.Add(device)
	f.Fuzz(same)
}

func BenchmarkRead(b *testing.B) {
	b.SetBytes(int64(len(device)))
	b.ReportAllocs()
	for b.Loop() {
		var room [32]Node
		if _, ok := Read(device, room[:0]); !ok {
			b.Fatal("not read")
		}
	}
}
