package http

import (
	"net/netip"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// emit writes the row of an exchange and what it says about both hosts.
func (d *dissector) emit(ex *exchange, out *event.Batch) {
	d.unload(ex, out)
	exchanges.Emit(out, ex.ref, ex.row)
	d.identify(ex, out)
}

// How far evidence from HTTP can be trusted: all of it is configurable text.
const (
	confidenceServer = 60
	confidenceAgent  = 40
	confidenceRealm  = 30
	confidenceTitle  = 30
	confidenceHost   = 20
)

func (d *dissector) identify(ex *exchange, out *event.Batch) {
	client, server := d.c.Client.Addr(), d.c.Server.Addr()
	if ex.dir != dissect.FromClient {
		client, server = server, client
	}
	r := &ex.row
	say := func(ip netip.Addr, attribute, value, source string, confidence int64) {
		key := [2]string{source, value}
		if value == "" || !ip.IsValid() || d.said[key] || len(d.said) >= maxSaid {
			return
		}
		if d.said == nil {
			d.said = map[[2]string]bool{}
		}
		d.said[key] = true
		event.Identities.Emit(out, ex.ref, event.Identity{IP: ip.String(), Attribute: attribute, Value: value,
			Source: source, Confidence: confidence})
	}
	say(server, "software", r.Server, "http.server", confidenceServer)
	say(server, "software", ex.powered, "http.x_powered_by", confidenceAgent)
	say(server, "model", ex.realm, "http.realm", confidenceRealm)
	say(server, "model", ex.title, "http.title", confidenceTitle)
	if r.ResponseSeen && r.Method != "CONNECT" && r.Via == "" {
		say(server, "hostname", hostName(r.Host), "http.host", confidenceHost)
	}
	if r.Scanner == "" { // a scanner's User-Agent says nothing of the host, and often lies
		say(client, "software", r.UserAgent, "http.user_agent", confidenceAgent)
		say(client, "os", systemOf(r.UserAgent), "http.user_agent_os", confidenceAgent)
	}
}

// hostName gives the name in a Host header, "" if it is an address.
func hostName(host string) string {
	if _, err := netip.ParseAddrPort(host); err == nil {
		return ""
	}
	name, _, _ := strings.Cut(host, ":")
	if _, err := netip.ParseAddr(name); err == nil || strings.HasPrefix(host, "[") {
		return ""
	}
	if strings.ContainsFunc(name, func(r rune) bool {
		return !(r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) {
		return ""
	}
	return name
}
