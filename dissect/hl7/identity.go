package hl7

import (
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// identity keeps an assertion about the sender until the message's end. A claim: HL7 has no authentication.
func (m *message) identity(attribute, value, source string, confidence int64) {
	if value == "" || len(value) > 128 || len(m.identities) >= 64 {
		return
	}
	m.identities = append(m.identities, event.Identity{Attribute: attribute, Value: value, Source: source, Confidence: confidence})
}

// equipment takes an equipment instance, id^namespace^universal id^type. The device may stand behind the sender, a
// gateway: hence the low confidence.
func (m *message) equipment(raw, source string) {
	if raw == "" {
		return
	}
	first := m.first(raw)
	if strings.EqualFold(m.comp(first, 4), "EUI-64") {
		m.identity("serial", pick(m.comp(first, 3), m.comp(first, 1)), source, 20)
		return
	}
	m.identity("serial", m.comp(first, 1), source, 20)
}

// product takes observations that say what the device is (ISO/IEEE 11073-10101, by mnemonic: the numbers differ between
// editions). "531970^MDC_ID_MODEL_MANUFACTURER^MDC".
func (m *message) product(o *Observation, raw string) {
	attribute, ok := productCodes[o.Text]
	if !ok {
		attribute, ok = productCodes[o.Code]
	}
	if !ok {
		return
	}
	value := m.comp(raw, 1)
	if value == "" {
		value = m.comp(raw, 2)
	}
	m.identity(attribute, value, "hl7.obx."+strings.ToLower(strings.TrimPrefix(o.Text, "MDC_")), 60)
}

// identify emits what the message says about its sender, each assertion once a conversation.
func (r *reader) identify(out *event.Batch, m *message) {
	role := "hl7 sender"
	if m.row.Type == "ACK" {
		role = "hl7 receiver"
	}
	if m.row.Type != "" {
		m.identity("role", role, "hl7.msh9", 60)
	}
	host, mac := r.v.conn.Client, r.v.conn.ClientMAC
	if r.dir == dissect.FromServer {
		host, mac = r.v.conn.Server, r.v.conn.ServerMAC
	}
	if len(m.identities) > 0 && r.host.ip == "" && r.host.mac == "" {
		if r.host.mac = mac.String(); host.IsValid() {
			r.host.ip = host.Addr().String()
		}
	}
	for _, id := range m.identities {
		id.IP, id.MAC = r.host.ip, r.host.mac
		if _, old := r.v.known[id]; old || len(r.v.known) >= maxIdentity {
			continue
		}
		r.v.known[id] = struct{}{}
		event.Identities.Emit(out, m.ref, id)
	}
}
