package dicom

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

// shelf keeps objects in memory.
type shelf struct{ objects []*keptObject }

type keptObject struct {
	bytes.Buffer
	dissect.Object
	ref              event.Ref
	closed, complete bool
}

func (s *shelf) Keep(o dissect.Object, ref event.Ref) dissect.ObjectWriter {
	k := &keptObject{Object: o, ref: ref}
	s.objects = append(s.objects, k)
	return k
}

func (k *keptObject) Lose(n int64) { k.Write(make([]byte, n)) }

func (k *keptObject) Close(complete bool) {
	if k.closed {
		panic("closed twice")
	}
	k.closed, k.complete = true, complete
}

// body splits a Part 10 file behind its group 0002.
func body(t *testing.T, file []byte) []byte {
	t.Helper()
	if len(file) < 144 || string(file[128:140]) != "DICM\x02\x00\x00\x00UL\x04\x00" {
		t.Fatalf("no Part 10 file: % x", file[:min(len(file), 150)])
	}
	n := 144 + int(binary.LittleEndian.Uint32(file[140:]))
	if n > len(file) {
		t.Fatalf("group 0002 of %d bytes in a file of %d", n-144, len(file))
	}
	return file[n:]
}

func keepAll(conv dissecttest.Conversation) []*keptObject {
	s := &shelf{}
	conv.Conn.Keeper = s
	dissecttest.Run(&Protocol, &conv)
	return s.objects
}

// TestKeep holds the objects that were kept against the files that were sent, byte by byte behind group 0002.
func TestKeep(t *testing.T) {
	const folder = samples + "objects-20"
	sent, err := filepath.Glob(folder + "/sent/*.dcm")
	if err != nil || len(sent) != 20 {
		t.Fatalf("%d objects were sent, %v", len(sent), err)
	}
	var got []*keptObject
	for _, c := range dissecttest.Load(t, nil, folder+"/capture.pcap") {
		got = append(got, keepAll(c)...)
	}
	if len(got) != len(sent) {
		t.Fatalf("%d objects of %d", len(got), len(sent))
	}
	syntaxes := map[string]bool{}
	for i, path := range sent {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		k := got[i]
		if !k.closed || !k.complete || k.Kind != "dicom" || k.Ext != ".dcm" || k.ref.Frame == 0 {
			t.Errorf("%s: %+v", path, k.Object)
		}
		if want := body(t, file); !bytes.Equal(body(t, k.Bytes()), want) {
			t.Errorf("%s: the data set is not the one that was sent", path)
		}
		var in, out dataset.File
		in.Write(file)
		in.Finish()
		out.Write(k.Bytes())
		out.Finish()
		if out.TransferSyntax != in.TransferSyntax || out.MediaClass != in.MediaClass || out.MediaInstance != in.MediaInstance || out.MediaInstance != k.Name {
			t.Errorf("%s: %s %s %s, sent as %s %s %s", path, out.TransferSyntax, out.MediaClass, out.MediaInstance, in.TransferSyntax, in.MediaClass, in.MediaInstance)
		}
		if out.SourceAE != "CT_1" || out.Implementation != implementation || !out.CleanPreamble {
			t.Errorf("%s: source %q, implementation %q", path, out.SourceAE, out.Implementation)
		}
		if out.Object.PixelDigest == "" || out.Object.PixelDigest != in.Object.PixelDigest || out.Object.PatientName != in.Object.PatientName {
			t.Errorf("%s: pixels or name differ", path)
		}
		syntaxes[out.TransferSyntax] = true
	}
	if len(syntaxes) != 13 {
		t.Errorf("%d transfer syntaxes", len(syntaxes))
	}
}

// TestKeepGet: what a C-GET fetches comes from the server.
func TestKeepGet(t *testing.T) {
	var sources []string
	for _, c := range dissecttest.Load(t, nil, samples+"move/capture.pcap") {
		for _, k := range keepAll(c) {
			var f dataset.File
			f.Write(k.Bytes())
			f.Finish()
			if !k.complete || f.NotAFile || f.Object.Fault != dataset.NoFault || f.Object.PatientID == "" {
				t.Errorf("%+v, fault %v", k.Object, f.Object.Fault)
			}
			sources = append(sources, f.SourceAE)
		}
	}
	if len(sources) != 3 { // two by C-MOVE, one by C-GET
		t.Errorf("%d objects", len(sources))
	}
	for _, s := range sources {
		if s != "PACS_LAB" {
			t.Errorf("source %q", s)
		}
	}
}

// TestKeepLoss: lost bytes are zeros, so that what follows stands where it did; the object is marked.
func TestKeepLoss(t *testing.T) {
	c := store(t)
	whole := keepAll(c)[0]
	cut := keepAll(without(c, 4))[0]
	if !whole.complete || cut.complete || !cut.closed {
		t.Errorf("complete: %v and %v", whole.complete, cut.complete)
	}
	if whole.Len() != cut.Len() || bytes.Equal(whole.Bytes(), cut.Bytes()) {
		t.Fatalf("%d and %d bytes", whole.Len(), cut.Len())
	}
	for i, b := range cut.Bytes() {
		if b != 0 && b != whole.Bytes()[i] {
			t.Fatalf("byte %d is neither the one that was sent nor zero", i)
		}
	}
}

// TestKeepUnknownSyntax: without the association nobody knows how the pixels are compressed. The file says what its first
// element shows, and is marked.
func TestKeepUnknownSyntax(t *testing.T) {
	c := talk(nil, nil, append(pduOf(4, pdvOf(1, 3, storeCommand(1)), pdvOf(1, 0, image(1)[:3]), pdvOf(1, 2, image(1)[3:])), released...))
	c.Conn.Midstream = true
	got := keepAll(c)
	if len(got) != 1 || got[0].complete || !got[0].closed {
		t.Fatalf("%d objects", len(got))
	}
	if !bytes.Equal(body(t, got[0].Bytes()), image(1)) || !bytes.Contains(got[0].Bytes(), []byte("UI\x12\x00"+implicit+"\x00")) {
		t.Errorf("% x", got[0].Bytes()[132:])
	}
}

// TestKeepHuge: a loss that no memory holds ends the file.
func TestKeepHuge(t *testing.T) {
	s := &shelf{}
	k := &kept{keeper: s, class: ctImage, instance: "1.2.3", syntax: implicit}
	k.write(image(1), event.Ref{Frame: 1})
	k.lose(maxFill + 1)
	k.write(image(1), event.Ref{Frame: 2})
	k.close(true)
	if o := s.objects[0]; o.complete || !bytes.Equal(body(t, o.Bytes()), image(1)) {
		t.Errorf("%d bytes, complete %v", o.Len(), o.complete)
	}
}
