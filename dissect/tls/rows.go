package tls

import "wardtrace/dissect/event"

// Connection is a TLS connection.
type Connection struct {
	Version         string             `col:"version" doc:"Version the server chose: SSLv2, SSLv3, TLSv10 to TLSv13, DTLSv10 to DTLSv13; empty if no ServerHello was seen."`
	Cipher          string             `col:"cipher" doc:"Cipher suite the server chose (IANA name)."`
	Curve           string             `col:"curve" doc:"Group of the key exchange: an elliptic curve or a named finite field."`
	ServerName      string             `col:"server_name" doc:"Name the client asked for (SNI, RFC 6066 section 3)."`
	Resumed         bool               `col:"resumed" doc:"An earlier session was taken up again: no certificate crosses the wire."`
	LastAlert       string             `col:"last_alert" doc:"Description of the last readable alert."`
	NextProtocol    string             `col:"next_protocol" doc:"Application protocol the server chose (ALPN); encrypted in TLS 1.3."`
	Established     bool               `col:"established" doc:"The handshake was finished by both sides; for TLS 1.3 judged from record sizes."`
	CertChainFPs    []string           `col:"cert_chain_fps" doc:"SHA-256 of the server's certificates, leaf first."`
	ClientChainFPs  []string           `col:"client_cert_chain_fps" doc:"SHA-256 of the client's certificates, leaf first."`
	SNIMatchesCert  event.Opt[bool]    `col:"sni_matches_cert" doc:"Whether an alternative name of the server's certificate fits the server name asked for (the common name does not count, RFC 9525)."`
	Subject         string             `col:"subject" doc:"Subject of the server's certificate."`
	Issuer          string             `col:"issuer" doc:"Issuer of the server's certificate."`
	ClientSubject   string             `col:"client_subject" doc:"Subject of the client's certificate."`
	ClientIssuer    string             `col:"client_issuer" doc:"Issuer of the client's certificate."`
	CertNotBefore   event.Time         `col:"cert_not_before" doc:"The server's certificate is valid from."`
	CertNotAfter    event.Time         `col:"cert_not_after" doc:"The server's certificate is valid until; later than 2262 is stored as the last instant of 2262-04-11 that can be."`
	CertSerial      string             `col:"cert_serial" doc:"Serial number of the server's certificate, upper-case hex."`
	CertSAN         []string           `col:"cert_san" doc:"Alternative names in the server's certificate: DNS names, addresses, URIs."`
	CertKeyAlg      string             `col:"cert_key_alg" doc:"Kind of the server's public key: RSA, ECDSA, Ed25519, DSA, or an OID."`
	CertKeyBits     event.Opt[int64]   `col:"cert_key_bits" doc:"Size of the server's public key in bits."`
	CertSigAlg      string             `col:"cert_sig_alg" doc:"Signature algorithm of the server's certificate."`
	CertSHA256      string             `col:"cert_sha256" doc:"SHA-256 of the server's certificate, lower-case hex."`
	CertChainLen    int64              `col:"cert_chain_len" doc:"Certificates the server sent."`
	SelfSigned      event.Opt[bool]    `col:"self_signed" doc:"Issuer and subject of the server's certificate are the same."`
	CertExpired     event.Opt[bool]    `col:"cert_expired" doc:"The server's certificate was out of its time at the capture."`
	CertDaysLeft    event.Opt[int64]   `col:"cert_days_left" doc:"Whole days from the capture to the end of the server's certificate; negative once expired."`
	ClientVersion   string             `col:"client_version" doc:"Highest version the client offered."`
	ALPNOffered     []string           `col:"alpn_offered" doc:"Application protocols the client offered (ALPN)."`
	CiphersOffered  int64              `col:"ciphers_offered" doc:"Number of cipher suites the client offered, without GREASE."`
	WeakOffered     bool               `col:"weak_offered" doc:"The client offered a suite with NULL, EXPORT, RC4, DES, anonymous or MD5."`
	SNIMissing      bool               `col:"sni_missing" doc:"The ClientHello names no server."`
	JA3             string             `col:"ja3" doc:"JA3 fingerprint of the client."`
	JA3S            string             `col:"ja3s" doc:"JA3S fingerprint of the server's answer."`
	JA4             string             `col:"ja4" doc:"JA4 fingerprint of the client."`
	WeakCipher      bool               `col:"weak_cipher" doc:"Version, suite, key or signature agreed on is weak; weak_reason says which."`
	WeakReason      []string           `col:"weak_reason" doc:"Why it is weak: version, null, export, anonymous, rc4, des, 3des, md5, compression, dh_bits, key_bits, signature."`
	DHBits          event.Opt[int64]   `col:"dh_bits" doc:"Size of the Diffie-Hellman prime."`
	Compression     bool               `col:"compression" doc:"TLS compression was agreed on (CRIME)."`
	HelloRetry      bool               `col:"hello_retry" doc:"The server asked for another ClientHello (HelloRetryRequest)."`
	ECH             bool               `col:"ech" doc:"Encrypted ClientHello (or GREASE for it) was offered: server_name is the outer one."`
	TicketOffered   bool               `col:"session_ticket_offered" doc:"The client came with a session ticket or pre-shared key."`
	TicketIssued    bool               `col:"session_ticket_issued" doc:"The server gave a session ticket in clear (TLS 1.2 and older)."`
	ClientCertAsked bool               `col:"client_cert_requested" doc:"The server asked for a client certificate (visible up to TLS 1.2)."`
	ClientCertSeen  bool               `col:"client_cert_seen" doc:"The client sent a certificate."`
	Alerts          []string           `col:"alerts" doc:"Readable alerts: who, level, description."`
	AlertCount      int64              `col:"alert_count" doc:"Alert records, readable or encrypted."`
	Heartbeats      int64              `col:"heartbeats" doc:"Heartbeat records."`
	Heartbleed      bool               `col:"heartbleed" doc:"A readable heartbeat request claims more payload than it has (CVE-2014-0160)."`
	HeartbleedReply event.Opt[int64]   `col:"heartbleed_reply_bytes" doc:"Bytes the other side answered to such a request."`
	ClientAppBytes  int64              `col:"client_app_bytes" doc:"Bytes of application data records from the client, as their headers say."`
	ServerAppBytes  int64              `col:"server_app_bytes" doc:"Bytes of application data records from the server, as their headers say."`
	ClientHello     bool               `col:"client_hello" doc:"A ClientHello was read."`
	ServerHello     bool               `col:"server_hello" doc:"A ServerHello was read."`
	EarlyClose      bool               `col:"early_close" doc:"The connection ended after a ClientHello and before the handshake was finished."`
	Reversed        bool               `col:"reversed" doc:"The ClientHello came from the side that accepted the TCP connection."`
	AnswerMS        event.Opt[float64] `col:"answer_ms" doc:"Milliseconds from ClientHello to ServerHello at the place of capture."`
}

var connections = event.New[Connection]("tls", "TLS connections: what was offered, agreed on and shown before encryption began.")

// Certificate is a certificate that crossed the wire in clear.
type Certificate struct {
	ParentSeq  uint32           `col:"parent_seq" doc:"seq of the tls row."`
	FromClient bool             `col:"from_client" doc:"Shown by the client; otherwise by the server."`
	Position   int64            `col:"position" doc:"Place in the chain, 0 is the leaf."`
	SHA256     string           `col:"sha256" doc:"SHA-256 of the certificate, lower-case hex."`
	SHA1       string           `col:"sha1" doc:"SHA-1 of the certificate, as block lists have it."`
	Bytes      int64            `col:"bytes" doc:"Size of the certificate."`
	Version    int64            `col:"version" doc:"X.509 version, 1 to 3; 0 if it could not be read."`
	Serial     string           `col:"serial" doc:"Serial number, upper-case hex."`
	Subject    string           `col:"subject" doc:"Subject, most specific part first."`
	Issuer     string           `col:"issuer" doc:"Issuer, most specific part first."`
	NotBefore  event.Time       `col:"not_before" doc:"Valid from."`
	NotAfter   event.Time       `col:"not_after" doc:"Valid until."`
	SAN        []string         `col:"san" doc:"Alternative names: DNS names, addresses, URIs, mail addresses."`
	KeyAlg     string           `col:"key_alg" doc:"Kind of the public key: RSA, ECDSA, Ed25519, DSA, or an OID."`
	KeyBits    event.Opt[int64] `col:"key_bits" doc:"Size of the public key in bits."`
	SigAlg     string           `col:"sig_alg" doc:"Signature algorithm, or its OID."`
	CA         bool             `col:"is_ca" doc:"May issue certificates (basic constraints)."`
	SelfSigned bool             `col:"self_signed" doc:"Issuer and subject are the same."`
	Expired    event.Opt[bool]  `col:"expired" doc:"Out of its time at the capture."`
	DaysLeft   event.Opt[int64] `col:"days_left" doc:"Whole days from the capture to the end; negative once expired."`
	Partial    bool             `col:"partial" doc:"The certificate breaks RFC 5280; only its plain fields were read, or none."`
}

var certificates = event.New[Certificate]("tls_certificate", "Certificates that crossed the wire in clear (TLS 1.2 and older), one row each.")
