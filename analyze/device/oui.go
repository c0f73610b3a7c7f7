package device

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

// prefixes and organisations: 6, 7 or 9 hex digits, tab, name; sorted.
//
//go:embed oui.tsv.gz
var ouiPacked []byte

// the same of medical makers: prefix, group, organisation, and whether the prefix is theirs alone (high) or shared with
// what is not medical.
//
//go:embed oui_medical.tsv
var ouiMedical string

// DataDate is the date of the embedded list of hardware addresses.
const DataDate = "2026-04 (28- and 36-bit prefixes 2022-08)"

// maker is who a hardware address was assigned to.
type maker struct {
	name    string
	medical bool // the prefix is a medical maker's alone
}

var makers = sync.OnceValues(loadMakers)

func loadMakers() (map[string]maker, error) {
	z, err := gzip.NewReader(bytes.NewReader(ouiPacked))
	if err != nil {
		return nil, fmt.Errorf("the embedded list of hardware addresses is damaged: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("the embedded list of hardware addresses is damaged: %w", err)
	}
	m := make(map[string]maker, 56_000)
	for line := range strings.Lines(string(text)) {
		if prefix, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			m[prefix] = maker{name: name}
		}
	}
	for line := range strings.Lines(ouiMedical) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 4 {
			name := f[1]
			if name == "Other medical" {
				name = f[2]
			}
			m[f[0]] = maker{name: name, medical: f[3] == "high"}
		}
	}
	return m, nil
}

// makerOf looks a hardware address (00:1b:21:...) up. Locally administered addresses have no maker.
func makerOf(mac string) (maker, bool) {
	m, err := makers()
	digits := strings.ToUpper(strings.ReplaceAll(mac, ":", ""))
	if err != nil || len(digits) != 12 || strings.ContainsRune("2367ABEF", rune(digits[1])) {
		return maker{}, false
	}
	for _, n := range []int{9, 7, 6} {
		if v, ok := m[digits[:n]]; ok {
			return v, true
		}
	}
	return maker{}, false
}
