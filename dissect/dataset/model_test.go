package dataset

import (
	"strings"
	"testing"
)

func TestParseTag(t *testing.T) {
	for s, want := range map[string]Tag{"PatientID": 0x00100020, "00100020": 0x00100020, "0020000d": 0x0020000D, "60003000": 0x60003000} {
		if got, ok := ParseTag(s); !ok || got != want {
			t.Errorf("%s gives %v %v, want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "limit", "includefield", "0010002", "001000200", "patientid", "zzzzzzzz"} {
		if got, ok := ParseTag(s); ok {
			t.Errorf("%q gives %v, want none", s, got)
		}
	}
	if !Tag(0x00080018).IsUID() || Tag(0x00100020).IsUID() || !Tag(0x00100020).Known() || Tag(0x00091001).Known() || !Tag(0x00100010).Identifying() {
		t.Error("what PS3.6 says of a tag")
	}
}

func TestSetAndAdd(t *testing.T) {
	var a Attr
	a.Set(0x00100020, "LAB-1")
	a.Set(0x00100020, "LAB-2")
	a.Set(0x0020000D, `1.2\1.3`)
	a.Set(0x00280010, "512")
	a.Set(0x00280008, "3")
	if a.PatientID != "LAB-1" || a.StudyUID != "1.2" || len(a.StudyUIDs) != 2 || a.Rows != 512 || a.Frames != 3 {
		t.Errorf("%+v", a)
	}
	var k Keys
	for _, x := range []struct {
		t Tag
		s string
	}{{0x00100010, "LAB*"}, {0x00100020, ""}, {0x00080020, "20260101-20260110"}, {0x00080052, "STUDY"}, {0x0020000D, "1.2"}} {
		k.Add(x.t, x.s)
	}
	if got := strings.Join(k.Named, " "); got != "PatientName=wildcard PatientID=universal StudyDate=range StudyInstanceUID=single" || k.Days != 10 || k.Narrowing != 3 || !k.Wildcard {
		t.Errorf("%q %+v", got, k)
	}
}
