package tls

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// certificate reads a Certificate message up to TLS 1.2: RFC 5246 7.4.2.
func (d *dissector) certificate(dir dissect.Dir, ref event.Ref, cur cursor.Cursor) bool {
	h := &d.half[dir]
	list := cur.Sub(int(cur.U24()))
	for list.More() {
		der := list.Bytes(int(list.U24()))
		if list.Short() {
			return false
		}
		d.show(dir, ref, der)
	}
	if dir == d.client && len(h.chain) > 0 {
		d.row.ClientCertSeen = true
	}
	return !cur.Short()
}

// show keeps one certificate for the rows at the end of the connection.
func (d *dissector) show(dir dissect.Dir, ref event.Ref, der []byte) {
	h := &d.half[dir]
	if len(der) == 0 || len(h.chain) >= maxChain {
		return
	}
	c, subject, leaf := readCertificate(der, ref.Time)
	c.FromClient, c.Position = dir == d.client, int64(len(h.chain))
	if leaf != nil && c.Position == 0 && !c.FromClient && d.row.ServerName != "" {
		d.row.SNIMatchesCert = event.Some(leaf.VerifyHostname(d.row.ServerName) == nil)
	}
	h.chain = append(h.chain, shown{ref: ref, cert: c,
		commonName: attribute(subject, "2.5.4.3"), organization: attribute(subject, "2.5.4.10")})
}

// readCertificate reads a certificate; the parsed form is nil if it breaks RFC 5280, as devices' own do: then its plain
// fields are read alone.
func readCertificate(der []byte, now event.Time) (c Certificate, subject []byte, parsed *x509.Certificate) {
	sum, old := sha256.Sum256(der), sha1.Sum(der)
	c = Certificate{SHA256: hex.EncodeToString(sum[:]), SHA1: hex.EncodeToString(old[:]), Bytes: int64(len(der))}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		c.Partial = true
		return c, readPlain(&c, der, now), nil
	}
	c.Version = int64(x.Version)
	c.Serial = serial(x.SerialNumber)
	c.Subject, c.Issuer = name(x.RawSubject), name(x.RawIssuer)
	c.SelfSigned = string(x.RawSubject) == string(x.RawIssuer)
	c.validity(x.NotBefore, x.NotAfter, now)
	c.SAN = alternativeNames(x)
	c.CA = x.BasicConstraintsValid && x.IsCA
	c.SigAlg = x.SignatureAlgorithm.String()
	c.KeyAlg, c.KeyBits = publicKey(x)
	if c.KeyAlg == "" || x.SignatureAlgorithm == x509.UnknownSignatureAlgorithm {
		var p plainCertificate
		if _, err := asn1.Unmarshal(der, &p); err == nil {
			p.algorithms(&c)
		}
	}
	return c, x.RawSubject, x
}

// plainCertificate is a certificate read without judging it, RFC 5280 4.1.
type plainCertificate struct {
	TBS struct {
		Version   int           `asn1:"optional,explicit,default:0,tag:0"`
		Serial    asn1.RawValue // an INTEGER, read leniently
		Signature pkix.AlgorithmIdentifier
		Issuer    asn1.RawValue
		Validity  struct{ NotBefore, NotAfter time.Time }
		Subject   asn1.RawValue
		PublicKey struct {
			Algorithm pkix.AlgorithmIdentifier
			Key       asn1.BitString
		}
	}
	Algorithm asn1.RawValue
	Signature asn1.RawValue
}

func (p *plainCertificate) algorithms(c *Certificate) {
	if c.KeyAlg == "" {
		c.KeyAlg = p.TBS.PublicKey.Algorithm.Algorithm.String()
	}
	if c.SigAlg == "" || c.SigAlg == "0" {
		c.SigAlg = p.TBS.Signature.Algorithm.String()
	}
}

func readPlain(c *Certificate, der []byte, now event.Time) (subject []byte) {
	var p plainCertificate
	if _, err := asn1.Unmarshal(der, &p); err != nil {
		return nil
	}
	c.Version = int64(p.TBS.Version) + 1
	c.Serial = serial(integer(p.TBS.Serial.Bytes))
	c.Subject, c.Issuer = name(p.TBS.Subject.FullBytes), name(p.TBS.Issuer.FullBytes)
	c.SelfSigned = string(p.TBS.Subject.FullBytes) == string(p.TBS.Issuer.FullBytes)
	c.validity(p.TBS.Validity.NotBefore, p.TBS.Validity.NotAfter, now)
	p.algorithms(c)
	return p.TBS.Subject.FullBytes
}

func (c *Certificate) validity(from, until time.Time, now event.Time) {
	c.NotBefore, c.NotAfter = stamp(from), stamp(until)
	if now == 0 {
		return
	}
	at := time.Unix(0, int64(now))
	c.Expired = event.Some(at.Before(from) || at.After(until))
	c.DaysLeft = event.Some(int64(math.Floor(float64(until.Unix()-at.Unix()) / 86400)))
}

// stamp keeps a time within what the case can hold: 9999-12-31 means "no end" (RFC 5280 4.1.2.5).
func stamp(t time.Time) event.Time {
	switch {
	case t.Year() > 2261:
		return math.MaxInt64
	case t.Year() < 1679:
		return math.MinInt64 + 1
	}
	return event.Time(t.UnixNano())
}

// serial gives the number in hex, two digits a byte.
func serial(n *big.Int) string {
	if n == nil {
		return ""
	}
	s := strings.ToUpper(hex.EncodeToString(new(big.Int).Abs(n).Bytes()))
	if s == "" {
		s = "00"
	}
	if n.Sign() < 0 {
		s = "-" + s
	}
	return s[:min(len(s), maxText)]
}

// integer reads a two's complement number, minimal or not.
func integer(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && n.BitLen() == 8*len(b) {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func publicKey(x *x509.Certificate) (string, event.Opt[int64]) {
	switch k := x.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA", event.Some(int64(k.N.BitLen()))
	case *ecdsa.PublicKey:
		return "ECDSA", event.Some(int64(k.Params().BitSize))
	case ed25519.PublicKey:
		return "Ed25519", event.Some(int64(len(k) * 8))
	}
	if x.PublicKeyAlgorithm != x509.UnknownPublicKeyAlgorithm {
		return x.PublicKeyAlgorithm.String(), event.Opt[int64]{}
	}
	return "", event.Opt[int64]{}
}

func alternativeNames(x *x509.Certificate) []string {
	var out []string
	add := func(s string) {
		if len(out) < maxNames {
			out = append(out, text([]byte(s)))
		}
	}
	for _, s := range x.DNSNames {
		add(s)
	}
	for _, ip := range x.IPAddresses {
		add(ip.String())
	}
	for _, u := range x.URIs {
		add(u.String())
	}
	for _, s := range x.EmailAddresses {
		add(s)
	}
	return out
}

// name writes a distinguished name as RFC 4514 does, most specific part first, with the order of the parts kept.
func name(der []byte) string {
	var seq pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &seq); err != nil {
		return ""
	}
	var parts []string
	for _, set := range slices.Backward(seq) {
		var one []string
		for _, a := range set {
			one = append(one, attributeName(a.Type)+"="+escapeDN(a.Value))
		}
		parts = append(parts, strings.Join(one, "+"))
	}
	return text([]byte(strings.Join(parts, ",")))
}

// attribute gives the first value of an attribute of a distinguished name.
func attribute(der []byte, oid string) string {
	var seq pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &seq); err != nil {
		return ""
	}
	for _, set := range slices.Backward(seq) {
		for _, a := range set {
			if s, ok := a.Value.(string); ok && a.Type.String() == oid {
				return text([]byte(s))
			}
		}
	}
	return ""
}

func attributeName(oid asn1.ObjectIdentifier) string {
	if n, ok := attributeNames[oid.String()]; ok {
		return n
	}
	return oid.String()
}

var dnEscaper = strings.NewReplacer(`\`, `\\`, ",", `\,`, "+", `\+`, `"`, `\"`, "<", `\<`, ">", `\>`, ";", `\;`)

func escapeDN(v any) string {
	s, ok := v.(string)
	if !ok {
		s = fmt.Sprint(v)
	}
	return dnEscaper.Replace(s)
}
