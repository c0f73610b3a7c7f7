package analyze

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardtrace/analyze/custody"
	"wardtrace/analyze/store"
	"wardtrace/samples"
)

// TestCutOff holds what a program of its own leaves when it ends as no program should.
func TestCutOff(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "wardtrace")
	if out, err := exec.Command("go", "build", "-o", bin, "wardtrace").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Run("killed", func(t *testing.T) { killedAnywhere(t, bin) })
	t.Run("no space", func(t *testing.T) { noSpace(t, bin) })
}

// What is left of a case.
const (
	absent = "absent"
	marked = "marked"
	whole  = "whole"
)

// leftOf tells what is left of a case, and fails if it is none of the three. A whole one must hold what it says of itself, and have
// the tables wanted; two runs of the rules may be in the log or one.
func leftOf(t *testing.T, dir string, want map[string]string) string {
	t.Helper()
	ctx := context.Background()
	db, state, err := Open(ctx, dir)
	switch {
	case err != nil && (errors.Is(err, store.ErrNoCase) || os.IsNotExist(err)):
		if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil && unfinished(dir) == "" {
			t.Errorf("%s has a manifest and no database, and nothing marks it", dir)
		}
		return absent
	case err != nil && strings.Contains(err.Error(), "not complete"):
		return marked
	case err != nil:
		t.Errorf("%s: %v", dir, err)
		return ""
	}
	db.Close()
	if state != "complete" {
		if _, err := Verify(ctx, VerifyOptions{Case: dir, Quick: true}, nil); err == nil || !strings.Contains(err.Error(), "not complete") {
			t.Errorf("%s is %s, and verify says %v", dir, state, err)
		}
		return marked
	}
	m, err := parseManifest(dir)
	if err != nil {
		t.Errorf("%s says it is complete: %v", dir, err)
		return ""
	}
	got, err := Verify(ctx, VerifyOptions{Case: dir, Quick: true, Rules: m.Rules}, nil)
	if err != nil || got.Worst() != Holds {
		t.Errorf("%s says it is complete: %v, %+v", dir, err, got)
	}
	for name := range want {
		if m.Digests[name] != want[name] {
			t.Errorf("%s says it is complete, and table %s is not what it should be", dir, name)
		}
	}
	return whole
}

// stable leaves out what names the case's own run.
func stable(t *testing.T, dir string) map[string]string {
	t.Helper()
	m, err := parseManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m.Digests
}

// killedAnywhere holds that a run that is killed at any moment leaves the case whole, absent or marked, and that it can be begun anew.
// The moments are spread over the run; their number is small here, and large in the long run (WARDTRACE_KILLS).
func killedAnywhere(t *testing.T, bin string) {
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	input := filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap")
	analyse := func(c string) *exec.Cmd {
		return exec.Command(bin, "analyze", "-q", "-C", "-o", c, "--phi-key", key, input)
	}
	rules := func(c string) *exec.Cmd { return exec.Command(bin, "rules", "run", c) }
	sound := filepath.Join(dir, "sound.case")
	begun := time.Now()
	if out, err := analyse(sound).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	took := time.Since(begun)
	want := stable(t, sound)
	kills, r := 20, rand.New(rand.NewPCG(5, 8))
	if testing.Short() {
		kills = 5
	}
	if n := os.Getenv("WARDTRACE_KILLS"); n != "" {
		fmt.Sscan(n, &kills)
	}
	seen := map[string]int{}
	for i := range kills {
		c := filepath.Join(dir, fmt.Sprintf("%d.case", i))
		begin := analyse
		if i%4 == 3 { // over a case that is there, and every other time with the rules
			if err := os.CopyFS(c, os.DirFS(sound)); err != nil {
				t.Fatal(err)
			}
			if i%8 == 7 {
				begin = rules
			}
		}
		cmd := begin(c)
		killAt(t, cmd, time.Duration((float64(i)+r.Float64())/float64(kills)*1.1*float64(took)))
		left := leftOf(t, c, want)
		seen[left]++
		if i%5 == 0 || left != whole && i%8 == 7 {
			out, err := begin(c).CombinedOutput()
			if err != nil && bytes.Contains(out, []byte("not as it was left")) { // killed between manifest and log
				out, err = analyse(c).CombinedOutput()
			}
			if err != nil || leftOf(t, c, want) != whole {
				t.Errorf("begun anew after kill %d (%s): %v\n%s", i, left, err, out)
			}
		}
		os.RemoveAll(c)
	}
	t.Logf("%d kills in %v: %v", kills, took, seen)
	if seen[marked] == 0 {
		t.Error("no kill met a run at work: the moments are wrong")
	}
}

func killAt(t *testing.T, cmd *exec.Cmd, after time.Duration) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	cmd.Process.Kill()
	cmd.Wait()
}

// noSpace holds that a disk that is full at any point of a run leaves the case absent or marked, and is told as such.
func noSpace(t *testing.T, bin string) {
	if err := exec.Command("unshare", "-rm", "true").Run(); err != nil {
		samples.Skip(t, "a small file system of its own needs a namespace, and unshare -rm says %v", err)
	}
	dir := t.TempDir()
	input := filepath.Join(samples.Dir("hl7-mllp-adt-oru"), "capture.pcap")
	script := `mount -t tmpfs -o size="$1"k none "$2" || exit 99
"$3" analyze -q -o "$2/x.case" "$4"; code=$?
cp -a "$2" "$2.kept" || exit 98
exit $code`
	sizes := []int{4, 64, 512, 2048, 8192, 12288, 14336, 15360, 65536}
	if testing.Short() {
		sizes = []int{4, 2048, 65536}
	}
	seen := map[string]int{}
	for _, kib := range sizes {
		mnt := filepath.Join(dir, fmt.Sprint(kib))
		if err := os.Mkdir(mnt, 0o700); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("unshare", "-rm", "sh", "-c", script, "sh", fmt.Sprint(kib), mnt, bin, input)
		out, err := cmd.CombinedOutput()
		code := cmd.ProcessState.ExitCode()
		left := leftOf(t, filepath.Join(mnt+".kept", "x.case"), nil)
		seen[left]++
		switch {
		case code == 0 && left == whole && kib > 4096:
		case code == 4 && left != whole && (bytes.Contains(out, []byte("no space")) || bytes.Contains(out, []byte("full")) || bytes.Contains(out, []byte("No space"))):
		default:
			t.Errorf("%d KiB: exit code %d (%v), the case is %s\n%s", kib, code, err, left, out)
		}
	}
	t.Logf("%v", seen)
	if seen[whole] == 0 || seen[marked] == 0 {
		t.Errorf("%v: the sizes are wrong", seen)
	}
}

// TestShrinks holds that a capture that is cut while it is read gives a case of what was read, which says so.
func TestShrinks(t *testing.T) {
	for name, cut := range map[string]int{"between packets": 24 + 1016*8000, "in a packet": 24 + 1016*8000 + 500} {
		path := filepath.Join(t.TempDir(), "x.pcap")
		if err := os.WriteFile(path, wide(0, 16*1000), 0o600); err != nil {
			t.Fatal(err)
		}
		early, late := wide(1, 1), wide(20_000, 1)[24:]
		from, to := io.Pipe() // an input that waits until the file was cut, at a time by which not all of the file is read
		go func() {
			to.Write(early)
			if err := os.Truncate(path, int64(cut)); err != nil {
				t.Error(err)
			}
			to.Write(late)
			to.Close()
		}()
		dir := filepath.Join(t.TempDir(), "x.case")
		opt := Options{Case: dir, memory: "256MiB", PHI: "pseudonym"}
		if err := opt.Complete([]string{path, "-"}); err != nil {
			t.Fatal(err)
		}
		c, err := Run(context.Background(), opt, from, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Complete(context.Background(), "test", nil, nil); err != nil {
			t.Fatal(err)
		}
		m, err := parseManifest(dir)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := custody.HashFile(path)
		if in := m.Inputs[0]; err != nil || !c.Damaged() || !strings.Contains(in.Damage, "changed meanwhile") || in.SHA256 != sum || in.Bytes != int64(cut) {
			t.Errorf("%s: %v, %+v; want %d bytes and SHA-256 %s", name, err, in, cut, sum)
		}
		piped := filepath.Join(t.TempDir(), "piped.pcap")
		if err := os.WriteFile(piped, append(early, late...), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Verify(context.Background(), VerifyOptions{Case: dir, Paths: []string{path, piped}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkVerdicts(t, got, Unchecked, []string{"derived again: 1 captures could not be read, or changed"})
	}
}

// wide writes a pcap of n packets of 1000 bytes, one a second.
func wide(begin uint32, n int) []byte {
	le := binary.LittleEndian
	b := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0}
	frame := make([]byte, 1000)
	copy(frame, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 3, 0xda, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 4, 0, 4, 1, 3, 0xc6})
	for i := range n {
		b = le.AppendUint32(b, 1_700_000_000+begin+uint32(i))
		b = le.AppendUint32(b, 0)
		b = le.AppendUint32(b, 1000)
		b = le.AppendUint32(b, 1000)
		b = append(b, frame...)
	}
	return b
}
