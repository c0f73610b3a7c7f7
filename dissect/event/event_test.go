package event

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

type level uint8

type every struct {
	Text  string       `col:"text" doc:"d1"`
	Yes   bool         `col:"yes" doc:"d2"`
	Small int8         `col:"small" doc:"d3"`
	Level level        `col:"level" doc:"d4"`
	Big   uint64       `col:"big" doc:"d5"`
	Float float32      `col:"float" doc:"d6"`
	When  Time         `col:"when" doc:"d7"`
	List  []string     `col:"list" doc:"d8"`
	OText Opt[string]  `col:"o_text" doc:"d9" phi:"name"`
	OInt  Opt[int64]   `col:"o_int" doc:"d10"`
	ODbl  Opt[float64] `col:"o_dbl" doc:"d11"`
	OYes  Opt[bool]    `col:"o_yes" doc:"d12"`
	OWhen Opt[Time]    `col:"o_when" doc:"d13"`
	ID    string       `col:"id" doc:"d14" phi:"id"`
}

var (
	kinds = New[every]("every", "One of each.")
	plain = NewPlain[struct {
		Key string `col:"key" doc:"k"`
	}]("plain", "Without evidence.")
)

func TestColumns(t *testing.T) {
	var got []string
	for _, c := range kinds.Desc().Columns {
		got = append(got, fmt.Sprint(c.Name, " ", c.Type.SQL(), " ", c.PHI))
	}
	want := []string{"ts TIMESTAMP_NS 0", "flow_id BIGINT 0", "file BIGINT 0", "frame BIGINT 0", "seq BIGINT 0", "text VARCHAR 0", "yes BOOLEAN 0", "small BIGINT 0", "level BIGINT 0",
		"big BIGINT 0", "float DOUBLE 0", "when TIMESTAMP_NS 0", "list VARCHAR[] 0", "o_text VARCHAR 2", "o_int BIGINT 0", "o_dbl DOUBLE 0", "o_yes BOOLEAN 0", "o_when TIMESTAMP_NS 0", "id VARCHAR 1"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if d := plain.Desc(); len(d.Columns) != 1 || !d.Plain || d.Columns[0].Doc != "k" || d.Doc != "Without evidence." {
		t.Errorf("plain table %+v", d)
	}
}

// TestCells holds that a row is read back as it was emitted, and that what was not said is NULL.
func TestCells(t *testing.T) {
	var b Batch
	seq := uint32(6)
	b.Begin(3<<32|8, &seq)
	full := every{Text: "x", Yes: true, Small: -3, Level: 200, Big: math.MaxUint64, Float: 0.25, When: 12, List: []string{"a"}, OText: Some(""), OInt: Some[int64](0), ODbl: Some(0.0), OYes: Some(false), OWhen: Some[Time](0), ID: "i"}
	if n := kinds.Emit(&b, Ref{Time: 99, File: 3, Frame: 8}, full); n != 7 || seq != 7 {
		t.Errorf("Emit gives %d, the flow counts %d; want 7", n, seq)
	}
	kinds.Emit(&b, Ref{}, every{})
	b.Begin(0, nil)
	kinds.Emit(&b, Ref{}, every{})
	rows := b.Tables()[0]
	for i, want := range [][]any{
		{Time(99), int64(3<<32 | 8), int64(3), int64(8), int64(7), "x", true, int64(-3), int64(200), int64(math.MaxInt64), 0.25, Time(12), []string{"a"}, "", int64(0), 0.0, false, Time(0), "i"},
		{nil, int64(3<<32 | 8), int64(0), int64(0), int64(8), nil, false, int64(0), int64(0), int64(0), 0.0, nil, nil, nil, nil, nil, nil, nil, nil},
		{nil, nil, int64(0), int64(0), int64(0), nil, false, int64(0), int64(0), int64(0), 0.0, nil, nil, nil, nil, nil, nil, nil, nil},
	} {
		var got []any
		for c := range rows.Table.Columns {
			got = append(got, rows.Value(i, c))
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("row %d\ngot  %v\nwant %v", i, got, want)
		}
	}
	if rows.String(0, 18) != "i" || rows.String(0, 13) != "" || rows.String(1, 18) != "" {
		t.Error("String does not give what Emit took")
	}
	full.OText = Some("given")
	kinds.Emit(&b, Ref{}, full)
	if got := b.Tables()[0].String(3, 13); got != "given" {
		t.Errorf("String of an optional text gives %q", got)
	}
}

func TestTables(t *testing.T) {
	var b Batch
	if len(b.Tables()) != 0 || b.Len() != 0 || kinds.Get(&b) != nil {
		t.Error("the zero batch is not empty")
	}
	plain.Add(&b, struct {
		Key string `col:"key" doc:"k"`
	}{"a"})
	for i := range 1000 { // grows past its first slice: views must be of the live one
		kinds.Emit(&b, Ref{Frame: uint32(i)}, every{Text: fmt.Sprint(i)})
	}
	plain.Add(&b, struct {
		Key string `col:"key" doc:"k"`
	}{"b"})
	got := b.Tables()
	if len(got) != 2 || got[0].Table.Name != "plain" || got[0].Len() != 2 || got[1].Len() != 1000 || b.Len() != 1002 || len(kinds.Get(&b)) != 1000 {
		t.Fatalf("%d tables, %d rows; want plain with 2 rows, then every with 1000", len(got), b.Len())
	}
	for i := range 1000 {
		if got[1].Value(i, 5) != fmt.Sprint(i) || got[1].Value(i, 3) != int64(i) {
			t.Fatalf("row %d: %v", i, got[1].Value(i, 5))
		}
	}
	if got[0].Value(1, 0) != "b" {
		t.Errorf("plain: %v", got[0].Value(1, 0))
	}
	for _, i := range []int{-1, 1000} {
		if why := panics(func() { got[1].Value(i, 5) }); !strings.Contains(why, "out of range") {
			t.Errorf("row %d was read: %s", i, why)
		}
	}
}

// TestFaults holds that a row struct which no table can hold is found when the program starts.
func TestFaults(t *testing.T) {
	for want, make := range map[string]func(){
		"no col tag": func() {
			New[struct {
				A string `doc:"x"`
			}]("t", "d")
		},
		"no column can hold": func() {
			New[struct {
				A map[string]int `col:"a"`
			}]("t", "d")
		},
		"can hold a []int": func() {
			New[struct {
				A []int `col:"a"`
			}]("t", "d")
		},
		"unknown phi kind": func() {
			New[struct {
				A string `col:"a" phi:"patient"`
			}]("t", "d")
		},
		"patient data must be text": func() {
			New[struct {
				A int `col:"a" phi:"id"`
			}]("t", "d")
		},
		"column a: patient data must be text": func() {
			New[struct {
				A []string `col:"a" phi:"name"`
			}]("t", "d")
		},
	} {
		if why := panics(make); !strings.Contains(why, want) {
			t.Errorf("%q, want a panic that says %q", why, want)
		}
	}
}

func panics(f func()) (why string) {
	defer func() { why = fmt.Sprint(recover()) }()
	f()
	return ""
}
