package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"wardtrace/samples/mix"
)

const usage = `gen -profile NAME -size BYTES [-seed N] OUT
  writes a large capture of the samples' conversations, held by other hosts at other times; same arguments, same bytes
gen -loop FILE
  reads a capture with gopacket alone, one thread: the baseline of measurements
gen -hash FILE
  hashes a file with SHA-256, one thread

NAME is one of
%s
BYTES may end in K, M or G (powers of 1024). In the mixed profile a packet has about %d bytes and a flow %d packets; the public captures
that the first figures were measured on have 304 bytes a packet and 9 packets a flow: they hold no images and more scans.

`

// What the mixed profile comes to, for the help.
const bytesPacket, packetsFlow = 352, 26

// measure does what its flags say.
func measure(args []string) error {
	f := flag.NewFlagSet("gen", flag.ContinueOnError)
	profile := f.String("profile", "", "what the capture is made of")
	size := f.String("size", "1G", "bytes to write")
	seed := f.Uint64("seed", 1, "another seed, another capture")
	read := f.String("loop", "", "capture to read with gopacket")
	hash := f.String("hash", "", "file to hash")
	f.Usage = func() {
		fmt.Fprintf(f.Output(), usage, mix.Help(), bytesPacket, packetsFlow)
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return nil
		}
		return err
	}
	switch {
	case *read != "":
		return loop(*read)
	case *hash != "":
		return digest(*hash)
	case *profile == "" || f.NArg() != 1:
		f.Usage()
		return fmt.Errorf("-profile needs a name and one file to write")
	}
	n, err := amount(*size)
	if err != nil {
		return err
	}
	return mixed(f.Arg(0), *profile, n, *seed)
}

// amount reads a size such as 200M.
func amount(s string) (int64, error) {
	unit := -1
	if s != "" {
		unit = strings.IndexByte("KMG", s[len(s)-1])
	}
	n, err := strconv.ParseInt(strings.TrimRight(s, "KMG"), 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("-size %q: give a number of bytes such as 1073741824 or 200M", s)
	}
	return n << (10 * (unit + 1)), nil
}

// mixed writes beside its file and renames at the end: a broken run leaves no capture that looks whole.
func mixed(path, profile string, size int64, seed uint64) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".gen-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	begin := time.Now()
	sum, err := mix.Write(f, profile, size, seed)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %s  written at %.0f MB/s\n", path, sum, float64(sum.Bytes)/1e6/time.Since(begin).Seconds())
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// digest is a baseline: what merely hashing the evidence costs.
func digest(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	begin, h := time.Now(), sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{f}, make([]byte, 1<<20))
	if err != nil {
		return err
	}
	fmt.Printf("%d bytes, sha256 %x, %.2f s\n", n, h.Sum(nil), time.Since(begin).Seconds())
	return nil
}
