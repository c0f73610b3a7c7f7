package ssh

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const sample = "../../samples/ssh-sessions"

func overTCP(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestGolden(t *testing.T) { dissecttest.Golden(t, sample, Protocol) }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, overTCP, sample+"/capture.pcap"))
}

func FuzzSSH(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, dissecttest.Load(f, overTCP, sample+"/capture.pcap"))
}

// run feeds a hand-made conversation, messages alternating from the client.
func run(messages ...string) (Connection, *event.Batch) {
	raw := make([][]byte, len(messages))
	for i, m := range messages {
		raw[i] = []byte(m)
	}
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:22", raw...)
	b := dissecttest.Run(Protocol, &c)
	rows := connections.Get(b)
	if len(rows) != 1 {
		return Connection{}, b
	}
	return rows[0].V, b
}

// offer is a KEXINIT packet.
func offer(names ...string) string {
	payload := append([]byte{msgKexinit}, make([]byte, 16)...)
	for _, n := range names {
		payload = binary.BigEndian.AppendUint32(payload, uint32(len(n)))
		payload = append(payload, n...)
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(len(payload)+1+4))
	return string(head) + "\x04" + string(payload) + "\x00\x00\x00\x00"
}

func TestAgreementAndTerrapin(t *testing.T) {
	client := offer("a,curve25519-sha256", "ssh-rsa,ssh-ed25519", "chacha20-poly1305@openssh.com,aes128-ctr", "x", "hmac-md5", "x", "none", "none")
	server := offer("curve25519-sha256", "ssh-ed25519,ssh-rsa", "aes128-ctr,chacha20-poly1305@openssh.com", "x", "hmac-md5,hmac-sha1", "x", "none", "none")
	r, _ := run("SSH-2.0-a\r\n"+client, "SSH-2.0-b\r\n"+server)
	if r.KexAlg != "curve25519-sha256" || r.HostKeyAlg != "ssh-rsa" || r.CipherAlg != "chacha20-poly1305@openssh.com" || !r.Terrapin ||
		fmt.Sprint(r.Weak) != "[ssh-rsa]" || r.Encrypted {
		t.Fatalf("%+v", r)
	}
	client = offer("curve25519-sha256,kex-strict-c-v00@openssh.com", "ssh-rsa", "chacha20-poly1305@openssh.com", "x", "m", "x", "none", "none")
	server = offer("curve25519-sha256,kex-strict-s-v00@openssh.com", "ssh-rsa", "chacha20-poly1305@openssh.com", "x", "m", "x", "none", "none")
	if r, _ := run("SSH-2.0-a\r\n"+client, "SSH-2.0-b\r\n"+server); r.Terrapin {
		t.Fatalf("%+v", r)
	}
}

func TestVersions(t *testing.T) {
	for _, x := range []struct {
		client, server string
		want           event.Opt[int64]
	}{
		{"SSH-2.0-a", "SSH-1.99-b", event.Some(int64(2))}, {"SSH-1.5-a", "SSH-1.99-b", event.Some(int64(1))},
		{"SSH-2.0-a", "", event.Opt[int64]{}}, {"SSH-1.5-a", "SSH-1.5-b", event.Some(int64(1))},
	} {
		server := x.server
		if server != "" {
			server += "\n"
		}
		if r, _ := run(x.client+"\n", server); r.Version != x.want || r.Client != x.client || r.Server != x.server {
			t.Errorf("%s %s: %+v", x.client, x.server, r)
		}
	}
}

func TestLinesBeforeTheServersIdentification(t *testing.T) {
	r, _ := run("SSH-2.0-a\r\n", "Authorised use only.\r\nWard 7\r\nSSH-2.0-b x y\r\n")
	if r.Server != "SSH-2.0-b x y" {
		t.Fatalf("%+v", r)
	}
	if r, _ := run("SSH-2.0-a\r\n", strings.Repeat("line\r\n", maxLines+1)+"SSH-2.0-b\r\n"); r.Server != "" {
		t.Fatalf("%+v", r)
	}
}

func TestBadPacket(t *testing.T) {
	r, b := run("SSH-2.0-a\r\n", "SSH-2.0-b\r\n\xff\xff\xff\xff\x04garbage")
	a := event.Anomalies.Get(b)
	if len(a) != 1 || a[0].V.Kind != "ssh_bad_packet" || r.Server != "SSH-2.0-b" {
		t.Fatal(dissecttest.Dump(b))
	}
}

func TestLossWithinWhatIsEncryptedIsCounted(t *testing.T) {
	newkeys := "\x00\x00\x00\x0c\x0a\x15" + strings.Repeat("\x00", 10)
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:22",
		[]byte("SSH-2.0-a\r\n"+newkeys+"1234"), nil, []byte("5678"))
	c.Segments[2].Gap = 100
	rows := connections.Get(dissecttest.Run(Protocol, &c))
	if len(rows) != 1 || rows[0].V.ClientBytes != 108 || !rows[0].V.Encrypted {
		t.Fatalf("%+v", rows)
	}
}
