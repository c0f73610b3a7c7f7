package hl7

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
)

// blocks cuts what a direction said at the bytes of MLLP: another way than the dissector's.
func blocks(c *dissecttest.Conversation, dir dissect.Dir) (out []string) {
	var all []byte
	for _, s := range c.Segments {
		if s.Dir == dir {
			all = append(all, s.Data...)
		}
	}
	for _, b := range bytes.Split(all, []byte("\x0b"))[1:] {
		text, _, _ := bytes.Cut(b, []byte("\x1c\r"))
		out = append(out, string(text))
	}
	return out
}

// TestKeep holds that every message of a block is kept byte for byte: all character sets, those of two bytes too, and a line of 100 KB.
func TestKeep(t *testing.T) {
	n := 0
	for _, name := range []string{"mllp-adt-oru", "charsets", "large-pdf", "pcd"} {
		for _, c := range dissecttest.Load(t, nil, "../../samples/hl7-"+name+"/capture.pcap") {
			var want, got [2][]string
			want[0], want[1] = blocks(&c, dissect.FromClient), blocks(&c, dissect.FromServer)
			for _, k := range dissecttest.Keep(Protocol, &c) {
				got[k.From] = append(got[k.From], k.String())
				if !k.Complete || !k.Closed || k.Kind != "hl7" || k.Ext != ".hl7" || k.Name == "" {
					t.Errorf("%s: %+v complete %v", name, k.Object, k.Complete)
				}
			}
			for dir := range want {
				n += len(want[dir])
				for i := range want[dir] {
					if i >= len(got[dir]) || got[dir][i] != want[dir][i] {
						t.Errorf("%s, from %v: message %d is not what crossed\n%.300q\n%.300q", name, dissect.Dir(dir), i, want[dir][i], got[dir])
						break
					}
				}
			}
		}
	}
	if n < 40 {
		t.Fatalf("only %d messages were looked at", n)
	}
}

// TestKeepUnframed holds that messages without blocks, with all line ends, come out as they crossed, and that cut ones say so.
func TestKeepUnframed(t *testing.T) {
	head := `MSH|^~\&|A|B|C|D|20260101||ADT^A01|M%d|P|2.5`
	one, two := fmt.Sprintf(head, 1)+"\r\nPID|1||L1\r\n\r\nPV1|1\r\n", fmt.Sprintf(head, 2)+"\rPID|1||L2\r\rOBX|1|TX|x||a\nb\r"
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.90:4000", "10.20.0.43:2575", []byte(one+two))
	got := dissecttest.Keep(Protocol, &c)
	if len(got) != 2 || got[0].String() != one || got[1].String() != two || got[0].Via != "ADT^A01" || got[1].Name != "M2" {
		t.Fatalf("%d kept: %q", len(got), show(got))
	}
	c = dissecttest.Bytes(dissect.TCP, "10.20.0.90:4000", "10.20.0.43:2575", []byte("\x0b"+one+"\x1c\r\x0b"+two))
	if got = dissecttest.Keep(Protocol, &c); len(got) != 2 || !got[0].Complete || got[1].Complete || got[1].String() != two {
		t.Fatalf("a block without its end: %q", show(got))
	}
	c = dissecttest.Bytes(dissect.TCP, "10.20.0.90:4000", "10.20.0.43:2575", []byte("\x0b"+two), nil, []byte("PV1|1\rOBX|2\r\x1c\r"))
	c.Segments[2].Gap = 10
	if got = dissecttest.Keep(Protocol, &c); len(got) != 2 || got[0].Complete || got[1].Complete || !strings.HasPrefix(got[1].String(), "PV1|1\rOBX|2\r") {
		t.Fatalf("around a loss: %q", show(got))
	}
}

func show(kept []*dissecttest.Kept) (out []string) {
	for _, k := range kept {
		out = append(out, k.String())
	}
	return out
}

// TestKeepSplit holds that what is kept does not depend on how a stream is cut.
func TestKeepSplit(t *testing.T) {
	for _, c := range dissecttest.Load(t, nil, "../../samples/hl7-charsets/capture.pcap", "../../samples/hl7-no-mllp/capture.pcap", "../../samples/hl7-batch/capture.pcap") {
		want := show(dissecttest.Keep(Protocol, &c))
		v := c
		v.Segments = nil
		for _, s := range c.Segments {
			for i := range s.Data {
				one := s
				one.Data = s.Data[i : i+1]
				v.Segments = append(v.Segments, one)
			}
		}
		if got := show(dissecttest.Keep(Protocol, &v)); strings.Join(got, "\x00") != strings.Join(want, "\x00") {
			t.Errorf("in single bytes:\n%.200q\n%.200q", got, want)
		}
	}
}
