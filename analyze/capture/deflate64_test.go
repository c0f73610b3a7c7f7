package capture

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// deflated packs with Go's Deflate.
func deflated(t testing.TB, level int, data []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err == nil {
		_, err = w.Write(data)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unlike gives n bytes of five different ones with copies of up to 100, so that hardly anything of 258 bytes comes twice: what Deflate
// makes of them has the same meaning in Deflate64.
func unlike(n int) []byte {
	r := rand.New(rand.NewPCG(6, 4))
	var out []byte
	for len(out) < n {
		if from := r.IntN(len(out) + 1); r.IntN(20) == 0 {
			out = append(out, out[from:min(from+r.IntN(100), len(out))]...)
		}
		out = append(out, "wards"[r.IntN(5)])
	}
	return out[:n]
}

// TestInflate64 holds the unpacker to Go's Deflate, in blocks that are stored, with fixed codes and with codes of their own, and holds that
// it takes no byte behind the stream.
func TestInflate64(t *testing.T) {
	for name, data := range map[string][]byte{"long": unlike(300_000), "short": []byte("ward"), "none": nil, "window": unlike(1 << 16)} {
		for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.DefaultCompression, flate.HuffmanOnly} {
			packed := deflated(t, level, data)
			file := append(bytes.Clone(packed), "behind"...)
			c := &counting{r: io.NewSectionReader(bytes.NewReader(file), 0, int64(len(file)))}
			z, _ := newInflate64(c)
			got, err := io.ReadAll(iotest.OneByteReader(z))
			if err != nil || !bytes.Equal(got, data) || c.n != int64(len(packed)) {
				t.Errorf("%s, level %d: %v, %d of %d bytes, took %d of %d", name, level, err, len(got), len(data), c.n, len(packed))
			}
			z, _ = newInflate64(bytes.NewReader(packed[:len(packed)-1]))
			if got, err := io.ReadAll(z); !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(data, got) {
				t.Errorf("%s, level %d, cut off: %v", name, level, err)
			}
		}
	}
}

// TestInflate64Damaged holds that what cannot be is refused: a third kind of block, a stored length without its complement, a distance
// before the beginning, more codes than there are, and a length of 286.
func TestInflate64Damaged(t *testing.T) {
	for name, packed := range map[string][]byte{
		"kind":         {0b111},
		"stored":       {0b001, 5, 0, 5, 0},
		"distance":     {0b10000011, 0b00000011, 0, 0}, // fixed codes, a copy of 3 from 1 before
		"codes":        {0b101, 0, 0xff, 0xff, 0xff, 0xff},
		"length":       {0b00011011, 0b00000011, 0, 0},
		"nothing said": {},
	} {
		z, _ := newInflate64(bytes.NewReader(packed))
		if got, err := io.ReadAll(z); err == nil || len(got) > 0 {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

// FuzzInflate64 holds that no input makes it fail in another way than by its error, and that it unpacks the same however it is read.
func FuzzInflate64(f *testing.F) {
	for _, name := range []string{"d64.zip", "d64-far.zip"} {
		z, err := zip.OpenReader(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		raw, err := z.File[0].OpenRaw()
		if err != nil {
			f.Fatal(err)
		}
		packed, err := io.ReadAll(raw)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
		z.Close()
	}
	for _, level := range []int{flate.NoCompression, flate.BestSpeed, flate.HuffmanOnly} {
		f.Add(deflated(f, level, unlike(2000)))
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		const most = 1 << 20
		once, _ := newInflate64(bytes.NewReader(packed))
		a, _ := io.ReadAll(io.LimitReader(once, most))
		slow, _ := newInflate64(iotest.OneByteReader(bytes.NewReader(packed)))
		b, _ := io.ReadAll(io.LimitReader(iotest.HalfReader(slow), most))
		if !bytes.Equal(a, b) {
			t.Errorf("%d bytes at once, %d in parts", len(a), len(b))
		}
	})
}

func BenchmarkInflate64(b *testing.B) {
	data := unlike(4 << 20)
	packed := deflated(b, flate.DefaultCompression, data)
	b.SetBytes(int64(len(data)))
	for range b.N {
		z, _ := newInflate64(bytes.NewReader(packed))
		if n, err := io.Copy(io.Discard, z); err != nil || n != int64(len(data)) {
			b.Fatal(n, err)
		}
	}
}
