package tls

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ja3 is the MD5 of version, suites, extensions, groups and point formats in decimal, GREASE left out.
func (h *clientHello) ja3() string {
	points := make([]uint16, len(h.Points))
	for i, p := range h.Points {
		points[i] = uint16(p)
	}
	return md5Hex(strings.Join([]string{strconv.Itoa(int(h.Version)), decimals(h.Ciphers), decimals(h.Types),
		decimals(h.Groups), decimals(points)}, ","))
}

// ja3s is the MD5 of the version field, suite and extensions of a ServerHello.
func ja3s(v Version, c CipherSuite, types []uint16) string {
	return md5Hex(fmt.Sprintf("%d,%d,%s", uint16(v), uint16(c), decimals(types)))
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func decimals(list []uint16) string {
	var b strings.Builder
	for _, v := range list {
		if grease(v) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('-')
		}
		b.WriteString(strconv.Itoa(int(v)))
	}
	return b.String()
}

// ja4 is transport, version, SNI, counts and ALPN; the hash of the sorted suites; the hash of the sorted extensions
// (without SNI and ALPN, which part a counts) and of the signature algorithms in their order.
func (h *clientHello) ja4() string {
	transport, sni := "t", "i"
	if h.Version.dtls() {
		transport = "d"
	}
	if h.SNI {
		sni = "d"
	}
	suites, types := withoutGREASE(h.Ciphers), withoutGREASE(h.Types)
	a := fmt.Sprintf("%s%s%s%02d%02d%s", transport, ja4Version(h.highest()), sni, min(len(suites), 99), min(len(types), 99), h.ja4ALPN())
	slices.Sort(suites)
	types = slices.DeleteFunc(types, func(t uint16) bool { return t == extServerName || t == extALPN })
	slices.Sort(types)
	c := hexes(types)
	if algs := withoutGREASE(h.SigAlgs); len(algs) > 0 {
		c += "_" + hexes(algs)
	}
	if len(types) == 0 {
		c = ""
	}
	return a + "_" + sha12(hexes(suites)) + "_" + sha12(c)
}

func ja4Version(v Version) string {
	switch v {
	case versionTLS13:
		return "13"
	case versionTLS12:
		return "12"
	case versionTLS11:
		return "11"
	case versionTLS10:
		return "10"
	case versionSSL3:
		return "s3"
	case versionSSL2:
		return "s2"
	case versionDTLS10:
		return "d1"
	case versionDTLS12:
		return "d2"
	case versionDTLS13:
		return "d3"
	}
	return "00"
}

// ja4ALPN gives the first and last character of the first protocol offered, or of its hex if one is no letter or digit.
func (h *clientHello) ja4ALPN() string {
	if len(h.ALPN) == 0 {
		return "00"
	}
	name := string(h.ALPN[0])
	if !alphanumeric(name[0]) || !alphanumeric(name[len(name)-1]) {
		name = hex.EncodeToString([]byte(name))
	}
	return name[:1] + name[len(name)-1:]
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func withoutGREASE(list []uint16) []uint16 {
	return slices.DeleteFunc(slices.Clone(list), grease)
}

// hexes writes numbers as four digits each, joined by commas.
func hexes(list []uint16) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 0, 5*len(list))
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, digits[v>>12], digits[v>>8&15], digits[v>>4&15], digits[v&15])
	}
	return string(b)
}

// sha12 is the first 12 digits of the SHA-256; of nothing, zeros.
func sha12(s string) string {
	if s == "" {
		return "000000000000"
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
