package ftp

import (
	"strings"

	"wardtrace/dissect/event"
)

// banner tells the server's software from its greeting.
func (d *dissector) banner(text string, ref event.Ref, out *event.Batch) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	d.say("software", text[:min(len(text), 120)], "ftp.banner", 60, ref, out)
	if name, _, ok := strings.Cut(text, " FTP server"); ok && name != "" && !strings.ContainsAny(name, " ()[]") {
		d.say("hostname", name, "ftp.banner", 40, ref, out)
	}
	lower := strings.ToLower(text)
	for _, s := range [...]struct{ word, value string }{{"vxworks", "VxWorks"}, {"microsoft ftp", "Windows"}, {"qnx", "QNX"}, {"nucleus", "Nucleus RTOS"}} {
		if strings.Contains(lower, s.word) {
			d.say("os", s.value, "ftp.banner", 70, ref, out)
		}
	}
}

// system takes the reply to SYST: "215 UNIX Type: L8" says little, other names say more.
func (d *dissector) system(ref event.Ref, out *event.Batch) {
	name, _, _ := strings.Cut(strings.TrimSpace(d.text), " ")
	confidence := int64(60)
	if strings.EqualFold(name, "UNIX") {
		confidence = 20
	}
	if name != "" {
		d.say("os", strings.Trim(name, `"`), "ftp.syst", confidence, ref, out)
	}
}

func (d *dissector) say(attribute, value, source string, confidence int64, ref event.Ref, out *event.Batch) {
	event.Identities.Emit(out, ref, event.Identity{IP: d.conn.Server.Addr().String(), MAC: d.conn.ServerMAC.String(),
		Attribute: attribute, Value: value, Source: source, Confidence: confidence})
}
