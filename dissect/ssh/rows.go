package ssh

import "wardtrace/dissect/event"

// Connection is an SSH connection.
type Connection struct {
	Version        event.Opt[int64]   `col:"version" doc:"Major version both sides agree on: 1 or 2; absent if only one side was seen."`
	Client         string             `col:"client" doc:"Identification string of the client."`
	Server         string             `col:"server" doc:"Identification string of the server."`
	KexAlg         string             `col:"kex_alg" doc:"Key exchange that follows from both KEXINIT messages."`
	HostKeyAlg     string             `col:"host_key_alg" doc:"Host key algorithm that follows from them."`
	CipherAlg      string             `col:"cipher_alg" doc:"Cipher from client to server that follows from them."`
	MACAlg         string             `col:"mac_alg" doc:"Message authentication from client to server that follows from them; without meaning for AEAD ciphers."`
	CompressionAlg string             `col:"compression_alg" doc:"Compression from client to server that follows from them."`
	HostKeyFP      string             `col:"host_key_fingerprint" doc:"SHA-256 of the server's host key, as OpenSSH writes it."`
	HostKeyBits    event.Opt[int64]   `col:"host_key_bits" doc:"Size of an RSA host key."`
	HASSH          string             `col:"hassh" doc:"HASSH fingerprint of the client."`
	HASSHServer    string             `col:"hassh_server" doc:"HASSH fingerprint of the server."`
	Weak           []string           `col:"weak" doc:"What is weak: version1, or names of agreed algorithms that should no longer be used."`
	WeakOffered    []string           `col:"weak_offered" doc:"Algorithms the server offers that should no longer be used."`
	Terrapin       bool               `col:"terrapin" doc:"The agreed algorithms can be attacked by CVE-2023-48795: no strict key exchange on both sides."`
	Encrypted      bool               `col:"encrypted" doc:"Both sides sent NEWKEYS, as far as both were seen."`
	ClientBytes    int64              `col:"client_encrypted_bytes" doc:"Bytes of the client after its NEWKEYS."`
	ServerBytes    int64              `col:"server_encrypted_bytes" doc:"Bytes of the server after its NEWKEYS."`
	Seconds        event.Opt[float64] `col:"encrypted_seconds" doc:"Seconds from the first to the last encrypted packet."`
}

var connections = event.New[Connection]("ssh", "SSH connections: who both sides are and what they agreed on before encryption began.")
