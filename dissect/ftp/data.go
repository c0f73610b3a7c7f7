package ftp

import (
	"net/netip"
	"strconv"
	"strings"

	"wardtrace/dissect/event"
)

// listen reads the address in PORT and EPRT: the client listens there.
func (d *dissector) listen(p *pending) {
	var addr netip.AddrPort
	switch p.row.Command {
	case "PORT":
		addr = numbers(p.arg)
	case "EPRT":
		addr = extended(p.arg)
	}
	if addr.IsValid() {
		c := channel{addr: addr, third: addr.Addr() != d.conn.Client.Addr().Unmap()}
		p.row.data(&c)
	}
}

// agreed takes the reply to a command that arranges a data connection.
func (d *dissector) agreed(p *pending, n int64) {
	switch {
	case n >= 300:
		return
	case p.row.Command == "PASV" && n == 227: // "Entering Passive Mode (h1,h2,h3,h4,p1,p2)", with or without the brackets
		text := d.text
		if at := strings.IndexByte(text, '('); at >= 0 {
			text = text[at+1:]
		} else if at := strings.IndexAny(text, "0123456789"); at >= 0 {
			text = text[at:]
		}
		if addr := numbers(text); addr.IsValid() {
			d.data = channel{passive: true, addr: addr, third: addr.Addr() != d.conn.Server.Addr().Unmap()}
			p.row.data(&d.data)
		}
	case p.row.Command == "EPSV" && n == 229: // "Entering Extended Passive Mode (|||port|)" (RFC 2428, section 3)
		if at := strings.IndexByte(d.text, '('); at >= 0 {
			parts := strings.Split(d.text[at+1:], d.text[at+1:min(at+2, len(d.text))])
			if len(parts) >= 4 {
				if port, err := strconv.ParseUint(parts[3], 10, 16); err == nil {
					d.data = channel{passive: true, addr: netip.AddrPortFrom(d.conn.Server.Addr().Unmap(), uint16(port))}
					p.row.data(&d.data)
				}
			}
		}
	case p.row.DataIP != "":
		if a, err := netip.ParseAddr(p.row.DataIP); err == nil {
			d.data = channel{addr: netip.AddrPortFrom(a, uint16(p.row.DataPort.V)), third: p.row.ThirdParty}
		}
	}
}

func (row *Command) data(c *channel) {
	row.Passive, row.ThirdParty = event.Some(c.passive), c.third
	row.DataIP, row.DataPort = c.addr.Addr().String(), event.Some(int64(c.addr.Port()))
}

// numbers reads h1,h2,h3,h4,p1,p2 (RFC 959, 4.1.2); what follows the sixth number does not matter.
func numbers(s string) netip.AddrPort {
	var v [6]byte
	for i := range v {
		end := 0
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		n, err := strconv.ParseUint(s[:end], 10, 8)
		if err != nil || (i < 5 && !strings.HasPrefix(s[end:], ",")) {
			return netip.AddrPort{}
		}
		v[i] = byte(n)
		s = s[min(end+1, len(s)):]
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(v[:4])), uint16(v[4])<<8|uint16(v[5]))
}

// extended reads |family|address|port| with any delimiter (RFC 2428, section 2).
func extended(s string) netip.AddrPort {
	if s == "" {
		return netip.AddrPort{}
	}
	parts := strings.Split(s, s[:1])
	if len(parts) < 4 {
		return netip.AddrPort{}
	}
	a, err := netip.ParseAddr(parts[2])
	port, err2 := strconv.ParseUint(parts[3], 10, 16)
	if err != nil || err2 != nil || a.Zone() != "" {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(port))
}
