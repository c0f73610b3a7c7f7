package tls

import (
	"net/netip"
	"strings"

	"wardtrace/dissect/event"
)

// Close emits the connection, its certificates, and what they say about the hosts.
func (d *dissector) Close(out *event.Batch) {
	if !d.begun {
		return
	}
	r := &d.row
	client, server := &d.half[d.client], &d.half[d.client.Other()]
	r.Established = d.established(client, server)
	r.EarlyClose = r.ClientHello && !r.Established
	d.summarize(client, server)
	r.WeakReason = d.weaknesses()
	r.WeakCipher = len(r.WeakReason) > 0
	parent := connections.Emit(out, d.ref, *r)
	for _, h := range []*half{server, client} {
		for _, s := range h.chain {
			s.cert.ParentSeq = parent
			certificates.Emit(out, s.ref, s.cert)
		}
	}
	d.identify(client, server, out)
}

// established: up to TLS 1.2 both sides sent an encrypted handshake record, the Finished; in TLS 1.3 both sent more than
// an alert after the ServerHello. Where one direction was not captured the other one speaks for both.
func (d *dissector) established(client, server *half) bool {
	if d.version.is13() {
		return client.data && (server.data || server.records == 0)
	}
	return (client.sealed || client.data || client.records == 0) && (server.sealed || server.data || server.records == 0) &&
		(client.sealed || server.sealed)
}

// summarize copies what the leaf certificates say into the connection's row.
func (d *dissector) summarize(client, server *half) {
	r := &d.row
	for _, s := range server.chain {
		r.CertChainFPs = append(r.CertChainFPs, s.cert.SHA256)
	}
	for _, s := range client.chain {
		r.ClientChainFPs = append(r.ClientChainFPs, s.cert.SHA256)
	}
	if len(client.chain) > 0 {
		r.ClientSubject, r.ClientIssuer = client.chain[0].cert.Subject, client.chain[0].cert.Issuer
	}
	r.CertChainLen = int64(len(server.chain))
	if len(server.chain) == 0 {
		return
	}
	c := &server.chain[0].cert
	r.Subject, r.Issuer, r.CertSerial, r.CertSHA256 = c.Subject, c.Issuer, c.Serial, c.SHA256
	r.CertNotBefore, r.CertNotAfter, r.CertSAN = c.NotBefore, c.NotAfter, c.SAN
	r.CertKeyAlg, r.CertKeyBits, r.CertSigAlg = c.KeyAlg, c.KeyBits, c.SigAlg
	r.CertExpired, r.CertDaysLeft = c.Expired, c.DaysLeft
	if c.Version != 0 {
		r.SelfSigned = event.Some(c.SelfSigned)
	}
}

// exchange is how a suite agrees on a key.
type exchange uint8

const (
	exchangeOther exchange = iota
	exchangeDHE
	exchangeECDHE
)

func exchangeOf(suite string) exchange {
	switch {
	case strings.HasPrefix(suite, "TLS_ECDHE_"), strings.HasPrefix(suite, "TLS_ECDH_anon_"):
		return exchangeECDHE
	case strings.HasPrefix(suite, "TLS_DHE_"), strings.HasPrefix(suite, "TLS_DH_anon_"):
		return exchangeDHE
	}
	return exchangeOther
}

// weakSuite gives the faults of a suite that make it worthless, by the words in its name.
func weakSuite(suite string) []string {
	var out []string
	for _, w := range []struct{ word, reason string }{
		{"_NULL_", "null"}, {"_EXPORT", "export"}, {"_anon_", "anonymous"}, {"_RC4_", "rc4"}, {"_RC2_", "rc2"},
		{"_DES_", "des"}, {"_DES40_", "des"}, {"_MD5", "md5"},
	} {
		if strings.Contains(suite, w.word) {
			out = append(out, w.reason)
		}
	}
	return out
}

// Floors below which what was agreed on counts as weak: NIST SP 800-52r2, RFC 8996, RFC 9155.
const (
	minModulus = 2048 // RSA, DSA, finite-field Diffie-Hellman
	minCurve   = 224
)

func (d *dissector) weaknesses() []string {
	var out []string
	r := &d.row
	v := d.version
	if v == versionSSL2 || v >= versionSSL3 && v <= versionTLS11 || v == versionDTLS10 {
		out = append(out, "version")
	}
	if r.Cipher != "" {
		out = append(out, weakSuite(r.Cipher)...)
		if strings.Contains(r.Cipher, "3DES") || strings.Contains(r.Cipher, "DES_192_EDE3") {
			out = append(out, "3des")
		}
	}
	if r.Compression {
		out = append(out, "compression")
	}
	if r.DHBits.OK && r.DHBits.V < minModulus {
		out = append(out, "dh_bits")
	}
	if r.CertKeyBits.OK {
		curve := r.CertKeyAlg == "ECDSA" || r.CertKeyAlg == "Ed25519"
		if bits := r.CertKeyBits.V; curve && bits < minCurve || !curve && bits < minModulus {
			out = append(out, "key_bits")
		}
	}
	if alg := strings.ToUpper(r.CertSigAlg); strings.Contains(alg, "MD5") || strings.Contains(alg, "MD2") || strings.Contains(alg, "SHA1") {
		out = append(out, "signature")
	}
	return out
}

// How far evidence from TLS can be trusted.
const (
	confidenceCertName = 50 // a name in a certificate: of the host, a group of hosts, or a vendor's sample
	confidenceOrg      = 25 // who ordered the certificate, or who built the device
	confidenceSNI      = 20 // what a client calls the host
	confidenceStack    = 30 // a fingerprint is shared by all users of a library
)

// identify emits evidence about both hosts.
func (d *dissector) identify(client, server *half, out *event.Batch) {
	clientIP, serverIP := d.c.Client.Addr(), d.c.Server.Addr()
	if d.row.Reversed {
		clientIP, serverIP = serverIP, clientIP
	}
	say := func(ip netip.Addr, attribute, value, source string, confidence int64) {
		if value != "" && ip.IsValid() {
			event.Identities.Emit(out, d.ref, event.Identity{IP: ip.String(), Attribute: attribute, Value: value,
				Source: source, Confidence: confidence})
		}
	}
	if hostLike(d.row.ServerName) {
		say(serverIP, "hostname", d.row.ServerName, "tls.server_name", confidenceSNI)
	}
	say(clientIP, "fingerprint", d.row.JA4, "tls.ja4", confidenceStack)
	for _, side := range []struct {
		half *half
		ip   netip.Addr
	}{{server, serverIP}, {client, clientIP}} {
		if len(side.half.chain) == 0 {
			continue
		}
		leaf := &side.half.chain[0]
		if hostLike(leaf.commonName) {
			say(side.ip, "hostname", leaf.commonName, "tls.certificate_cn", confidenceCertName)
		}
		say(side.ip, "vendor", leaf.organization, "tls.certificate_o", confidenceOrg)
	}
}

// hostLike tells whether a name can be a host's: letters, digits, hyphens and dots, no address and no wildcard.
func hostLike(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r == '-' || r == '.' || r == '_' || r < 0x80 && alphanumeric(byte(r)))
	}) < 0
}
