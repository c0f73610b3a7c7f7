package analyze

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wardtrace/analyze/custody"
)

// log checks the chain, and that it still has the line that somebody noted.
func (v *verifier) log() {
	f, err := custody.Open(filepath.Join(v.opt.Case, custody.FileName))
	if err != nil {
		v.say("custody log", Fails, "%v", err)
		return
	}
	defer f.Close()
	lines, err := custody.Read(f)
	v.outputs(lines)
	switch {
	case err != nil:
		v.say("custody log", Fails, "%v", err)
	case len(lines) == 0:
		v.say("custody log", Fails, "it is empty")
	default:
		last := lines[len(lines)-1]
		v.say("custody log", Holds, "each entry follows from the one before; the last, number %d, is of %s by %s on %s and has the hash %s",
			last.Number, last.Time, last.Who, last.Host, last.Hash)
	}
	v.clocks(lines)
	if v.opt.Head == "" {
		return
	}
	at := slices.IndexFunc(lines, func(l custody.Line) bool { return l.Hash == strings.ToLower(v.opt.Head) })
	if at < 0 {
		v.say("noted head", Fails, "no entry of the log has the hash %s: the log is not the one it was noted of, or its end was cut off", v.opt.Head)
		return
	}
	v.say("noted head", Holds, "it is entry %d of the log", at+1)
}

// outputs takes from the log what it says of files in the case. What was written elsewhere has a name from the root on.
func (v *verifier) outputs(lines []custody.Line) {
	v.carved = map[string]string{}
	for _, l := range lines {
		for name, sum := range l.Outputs {
			switch {
			case name == manifestName:
				v.logged = sum
			case filepath.Dir(name) == carvedFolder:
				v.carved[name] = sum
			}
		}
	}
}

// clockSlack is how far a machine's clock may be set back between two entries without a word: that much is its keeping of time.
const clockSlack = time.Minute

// clocks looks for an entry of a time before that of the entry before it. The chain vouches for the order of all entries but nothing for
// their times.
func (v *verifier) clocks(lines []custody.Line) {
	var before time.Time
	for _, l := range lines {
		at, err := time.Parse(time.RFC3339Nano, l.Time)
		if err != nil {
			v.say("times in the log", Fails, "entry %d has none", l.Number)
			return
		}
		if at.Before(before.Add(-clockSlack)) {
			v.say("times in the log", Unchecked, "entry %d is of a time before that of entry %d: a clock was set, or somebody wrote it anew", l.Number, l.Number-1)
			return
		}
		before = at
	}
}

// readManifest checks the manifest against the log. What is hashed is what is read.
func (v *verifier) readManifest() {
	f, err := custody.Open(filepath.Join(v.opt.Case, manifestName))
	if err != nil {
		v.say("manifest", Fails, "%v", plainPath(err))
		return
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		v.say("manifest", Fails, "%v", plainPath(err))
		return
	}
	h := sha256.Sum256(text)
	switch sum := hex.EncodeToString(h[:]); {
	case v.logged == "":
		v.say("manifest", Unchecked, "the log has no sound entry that names its hash")
	case sum != v.logged:
		v.say("manifest", Fails, "its SHA-256 is %s, the log says %s", sum, v.logged)
	default:
		v.say("manifest", Holds, "it is the one that the log names")
	}
	if v.m, err = decodeManifest(v.opt.Case, bytes.NewReader(text)); err != nil {
		v.say("manifest", Fails, "%v", err)
	}
}
