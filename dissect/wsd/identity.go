package wsd

import (
	"net/netip"
	"net/url"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// identify says what an endpoint tells of itself. A proxy answers for others: then the endpoint's own address is in its XAddrs.
func (d *dissector) identify(row *Message, seg *dissect.Segment, out *event.Batch) {
	sender := d.conn.Client.Addr()
	if seg.Dir == dissect.FromServer {
		sender = d.conn.Server.Addr()
	}
	ip, confidence := sender, int64(90)
	if at := address(row.XAddrs); at.IsValid() && at != sender {
		ip, confidence = at, 50
	}
	if !ip.IsValid() {
		return
	}
	say := func(attribute, value, source string, confidence int64) {
		if value != "" {
			d.tell(event.Identity{IP: ip.String(), Attribute: attribute, Value: value, Source: source, Confidence: confidence}, seg, out)
		}
	}
	say("class", classes[row.Kind], "wsd.types", confidence-10)
	if row.Kind == "medical" {
		say("role", "sdc provider", "wsd.types", confidence)
		if row.TLS.OK {
			say("service", map[bool]string{true: "sdc-tls", false: "sdc"}[row.TLS.V], "wsd.xaddrs", confidence)
		}
	}
	for _, s := range row.Scopes {
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "onvif" {
			continue
		}
		switch key, value, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/"); key {
		case "hardware":
			say("model", clip(value), "wsd.onvif_hardware", confidence-20)
		case "name":
			say("hostname", clip(value), "wsd.onvif_name", confidence-50)
		}
	}
}

func (d *dissector) tell(id event.Identity, seg *dissect.Segment, out *event.Batch) {
	if _, ok := d.told[id]; ok || len(d.told) >= identityCap {
		return
	}
	d.told[id] = struct{}{}
	event.Identities.Emit(out, seg.Ref, id)
}

// address is the first numeric host of the addresses.
func address(xaddrs []string) netip.Addr {
	for _, x := range xaddrs {
		if u, err := url.Parse(x); err == nil {
			if a, err := netip.ParseAddr(u.Hostname()); err == nil {
				return a.WithZone("")
			}
		}
	}
	return netip.Addr{}
}
