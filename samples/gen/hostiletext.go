package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// attacks are texts that want to harm who reads them: a page, a spreadsheet, a terminal, a ticket, a database. In a page they would set
// window.pwned or ask for an address.
var attacks = []string{
	`<script>window.pwned=1</script>`, `"><img src=x onerror=window.pwned=1>`, `' onmouseover='window.pwned=1'`, `</title></style></script><script>window.pwned=1</script>`,
	`<svg onload=window.pwned=1>`, `javascript:window.pwned=1`, `{{.Policy}}`, `=cmd|'/C calc'!A0`, `+1+cmd|'/C calc'!A0`, `-2+3+cmd|'/C calc'!A0`, "@SUM(1+1)*cmd|'/C calc'!A0",
	"\t=1+1", "\x1b]8;;http://attacker.example\x1b\\click", "\x1b[2J\x1b[1;31mroot#\x07", "\u202egpj.exe\u202c", "\u009b31mC1", "a\x00b", "\xff\xfe\xc3(", "'; DROP TABLE finding; --",
	"![x](http://attacker.example/p.png)", "`code` | **bold**", "../../../../etc/passwd", "CON", strings.Repeat("A", 60), "\u2028\u2029line", "\ufeffBOM", "\x7f\x08\x08\x08", "%s%n%x",
}

// hostileText: an intruder writes each attack into every text that devices, servers and people are known by.
func hostileText(w *wire) {
	w.snap = 65535
	for i, s := range attacks {
		at := w.now.Add(time.Duration(i) * time.Minute)
		src, dst := fmt.Sprintf("10.20.1.%d", i+1), fmt.Sprintf("10.20.2.%d", i+1)
		flat := strings.NewReplacer("\r", "", "\n", "").Replace(s)
		w.hostileWeb(at, src, dst, flat)
		w.hostileNames(at.Add(time.Second), src, dst, s)
		w.hostileClinic(at.Add(2*time.Second), src, dst, flat)
	}
}

// hostileWeb: HTTP, FTP, Telnet and SSH.
func (w *wire) hostileWeb(at time.Time, src, dst, s string) {
	c := w.tcp(at, src, dst, 40001, 80)
	c.says(true, "GET /"+strings.ReplaceAll(s, " ", "%20")+"?"+strings.ReplaceAll(s, " ", "+")+"=1 HTTP/1.1\r\nHost: "+s+"\r\nUser-Agent: "+s+"\r\nReferer: "+s+"\r\nCookie: "+s+"=1\r\nAuthorization: Basic eDp5\r\n\r\n")
	c.says(false, "HTTP/1.1 401 "+s+"\r\nServer: "+s+"\r\nX-Powered-By: "+s+"\r\nWWW-Authenticate: Basic realm=\""+s+"\"\r\nLocation: "+s+"\r\nContent-Type: text/html\r\nContent-Length: 40\r\n\r\n<title>"+fmt.Sprintf("%-33.33s", s))
	c.close()
	c = w.tcp(at.Add(100*time.Millisecond), src, dst, 40002, 21)
	c.says(false, "220 "+s+"\r\n")
	for _, line := range []string{"USER " + s, "PASS x", "STOR " + s, s} {
		c.says(true, line+"\r\n")
		c.says(false, "530 "+s+"\r\n")
	}
	c.close()
	w.telnet(at.Add(200*time.Millisecond), src, dst, 40003, s+"\r\n", s, s)
	c = w.tcp(at.Add(300*time.Millisecond), src, dst, 40004, 22)
	c.says(false, "SSH-2.0-"+s+"\r\n")
	c.says(true, "SSH-2.0-"+s+"\r\n")
	c.close()
}

// hostileNames: DHCP, DNS and MQTT.
func (w *wire) hostileNames(at time.Time, src, dst, s string) {
	short := s[:min(len(s), 60)]
	mac := macOf(netip.MustParseAddr(src))
	b := make([]byte, 236, 500)
	b[0], b[1], b[2] = 1, 1, 6
	copy(b[28:], mac)
	b = append(b, 0x63, 0x82, 0x53, 0x63, 53, 1, 3)
	for _, option := range []byte{12, 15, 60, 81} { // host name, domain, vendor class, full name
		text := short
		if option == 81 {
			text = "\x00\x00\x00" + short
		}
		b = append(append(b, option, byte(len(text))), text...)
	}
	w.datagram(at, src, dst, 68, 67, string(append(b, 255)))
	name := append(append([]byte{byte(len(short))}, short...), 0)
	query := append([]byte{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, append(name, 0, 16, 0, 1)...)
	w.datagram(at.Add(time.Millisecond), src, dst, 40005, 53, string(query))
	answer := append([]byte{0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0}, append(name, 0, 16, 0, 1)...)
	answer = append(answer, 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9, 0, byte(len(short)+1), byte(len(short)))
	w.datagram(at.Add(2*time.Millisecond), dst, src, 53, 40005, string(answer)+short)
	c := w.tcp(at.Add(10*time.Millisecond), src, dst, 40006, 1883)
	text := func(s string) string { return string(binary.BigEndian.AppendUint16(nil, uint16(len(s)))) + s }
	body := "\x00\x04MQTT\x04\xc6\x00\x3c" + text(s) + text(s) + text(s) + text(s) + text("x")
	c.says(true, string(binary.AppendUvarint([]byte{0x10}, uint64(len(body))))+body)
	c.says(false, "\x20\x02\x00\x00")
	c.says(true, string(mqttPublish(s, `{"`+s+`":1}`)))
	c.close()
}

// hostileClinic: HL7 and DICOM.
func (w *wire) hostileClinic(at time.Time, src, dst, s string) {
	c := w.tcp(at, src, dst, 40007, 2575)
	c.says(true, "\x0bMSH|^~\\&|"+s+"|"+s+"|"+s+"|"+s+"|20260302||ORU^R01|"+s+"|P|2.5\rPID|1||"+s+"||"+s+"^LABPATIENT||19700101\rOBR|1|"+s+"|"+s+"|"+s+"^"+s+"\r"+
		"OBX|1|ST|"+s+"^"+s+"^L||"+s+"|"+s+"|||||F|||||||"+s+"\rNTE|1||"+s+"\r\x1c\r")
	c.says(false, "\x0bMSH|^~\\&|"+s+"|"+s+"|||20260302||ACK|1|P|2.5\rMSA|AE|"+s+"|"+s+"\r\x1c\r")
	c.close()
	c = w.tcp(at.Add(100*time.Millisecond), src, dst, 40008, 104)
	title := fmt.Sprintf("%-16.16s", s)
	for kind := range byte(2) {
		pdu := associate(kind + 1)
		copy(pdu[10:], title)
		copy(pdu[26:], title)
		c.says(kind == 0, string(pdu))
	}
	c.says(true, string(pdata(pdv(1, 3, command(0x0020, 1, "1.2.840.10008.5.1.4.1.2.2.1", "")))))
	keys := element(element(element(nil, 0x00080052, "CS", []byte("STUDY")), 0x00100010, "PN", []byte(s)), 0x00100020, "LO", []byte(s))
	c.says(true, string(pdata(pdv(1, 2, keys))))
	c.close()
}
