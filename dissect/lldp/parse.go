package lldp

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// tlv is a type of LLDP (IEEE 802.1AB, table 8-1).
type tlv uint8

const (
	tlvEnd tlv = iota
	tlvChassis
	tlvPort
	tlvTTL
	tlvPortDesc
	tlvSystemName
	tlvSystemDesc
	tlvCapabilities
	tlvManagement
	tlvOrganization tlv = 127
)

// capabilities8021 are the bits of TLV 7 (table 8-4).
var capabilities8021 = []string{"other", "repeater", "bridge", "access point", "router", "phone", "docsis", "station", "c-vlan", "s-vlan", "two-port relay"}

// lldp reads TLVs: a type of 7 bits, a length of 9 (clause 8.4).
func (a *Announcement) lldp(b []byte) string {
	a.Kind = "lldp"
	c := cursor.New(b)
	for c.More() {
		head := c.U16()
		kind, v := tlv(head>>9), c.Sub(int(head&0x1ff))
		if c.Short() || v.Short() {
			return "a TLV is longer than the frame"
		}
		if kind == tlvEnd {
			return ""
		}
		a.tlv(kind, v)
	}
	return "TLVs end without an end mark"
}

func (a *Announcement) tlv(kind tlv, v cursor.Cursor) {
	switch kind {
	case tlvChassis:
		sub := v.U8()
		a.ChassisID = identifier(v.Rest(), sub == 4, sub == 5)
	case tlvPort:
		sub := v.U8()
		a.PortID = identifier(v.Rest(), sub == 3, sub == 4)
	case tlvTTL:
		a.TTL = int64(v.U16())
	case tlvPortDesc:
		a.PortDesc = text(v.Rest())
	case tlvSystemName:
		a.SystemName = text(v.Rest())
	case tlvSystemDesc:
		a.SystemDesc = text(v.Rest())
	case tlvCapabilities:
		v.Skip(2) // what it could do; what is enabled follows
		a.Capabilities = bits(uint32(v.U16()), capabilities8021)
	case tlvManagement:
		n := int(v.U8())
		family := v.U8()
		if addr := address(family, v.Bytes(n-1)); addr != "" && len(a.Addresses) < listCap {
			a.Addresses = append(a.Addresses, addr)
		}
	case tlvOrganization:
		oui, sub := v.U24(), v.U8()
		a.organization(oui, sub, v)
	}
}

// organization reads TLVs of 802.1 (annex D) and of LLDP-MED (TIA-1057, 10.2).
func (a *Announcement) organization(oui uint32, sub uint8, v cursor.Cursor) {
	switch {
	case oui == 0x0080c2 && sub == 1:
		a.VLAN = vlan(v.U16())
	case oui == 0x0012bb && sub == 2:
		if app, bits := v.U8(), v.U24(); app == 1 && bits&0x800000 == 0 { // voice, policy known
			a.VoiceVLAN = vlan(uint16(bits >> 9 & 0xfff))
		}
	case oui == 0x0012bb && sub >= 5 && sub <= 11:
		field := [...]*string{&a.Hardware, &a.Firmware, &a.Software, &a.Serial, &a.Manufacturer, &a.Model, &a.AssetID}[sub-5]
		*field = text(v.Rest())
	}
}

// identifier gives an ID: an address where its subtype says so, else text.
func identifier(b []byte, mac, network bool) string {
	c := cursor.New(b)
	switch {
	case mac && len(b) == 6:
		return dissect.MAC(b).String()
	case network && len(b) > 1:
		family := c.U8()
		if s := address(family, c.Rest()); s != "" {
			return s
		}
	}
	return text(b)
}

// address reads an address of an IANA address family: 1 IPv4, 2 IPv6, 6 hardware.
func address(family uint8, b []byte) string {
	switch a, ok := netip.AddrFromSlice(b); {
	case ok && (family == 1 || family == 2):
		return a.String()
	case family == 6 && len(b) == 6:
		return dissect.MAC(b).String() + " (hardware)"
	}
	return ""
}

// cdpType is a type of CDP.
type cdpType uint16

const (
	cdpDevice       cdpType = 1
	cdpAddresses    cdpType = 2
	cdpPort         cdpType = 3
	cdpCapabilities cdpType = 4
	cdpSoftware     cdpType = 5
	cdpPlatform     cdpType = 6
	cdpNativeVLAN   cdpType = 10
	cdpVoiceVLAN    cdpType = 14
	cdpSystemName   cdpType = 20
	cdpManagement   cdpType = 22
)

var cdpCaps = []string{"router", "bridge", "source route bridge", "switch", "station", "igmp", "repeater", "phone", "remote"}

// cdp reads version, time to live, checksum, then fields with a length that counts their own head.
func (a *Announcement) cdp(b []byte) string {
	a.Kind = "cdp"
	c := cursor.New(b)
	version := c.U8()
	a.TTL = int64(c.U8())
	c.Skip(2)
	if c.Short() || version == 0 || version > 2 {
		return "frame is too short for CDP, or of a version other than 1 and 2"
	}
	for c.More() {
		kind, size := cdpType(c.U16()), int(c.U16())
		v := c.Sub(size - 4)
		if c.Short() || v.Short() {
			return "a field is longer than the frame, or shorter than its head"
		}
		a.cdpField(kind, v)
	}
	return ""
}

func (a *Announcement) cdpField(kind cdpType, v cursor.Cursor) {
	switch kind {
	case cdpDevice:
		a.ChassisID = text(v.Rest())
	case cdpPort:
		a.PortID = text(v.Rest())
	case cdpSoftware:
		a.SystemDesc = text(v.Rest())
	case cdpPlatform:
		a.Platform = text(v.Rest())
	case cdpSystemName:
		a.SystemName = text(v.Rest())
	case cdpCapabilities:
		a.Capabilities = bits(v.U32(), cdpCaps)
	case cdpNativeVLAN:
		a.VLAN = vlan(v.U16())
	case cdpVoiceVLAN:
		v.Skip(1)
		a.VoiceVLAN = vlan(v.U16())
	case cdpAddresses, cdpManagement:
		a.cdpAddresses(v)
	}
}

// cdpAddresses reads a count, then protocol type and name and an address each, all with lengths.
func (a *Announcement) cdpAddresses(v cursor.Cursor) {
	for n := v.U32(); n > 0 && v.More() && len(a.Addresses) < listCap; n-- {
		v.Skip(1)
		v.Skip(int(v.U8()))
		b := v.Bytes(int(v.U16()))
		if addr, ok := netip.AddrFromSlice(b); ok {
			s := addr.String()
			known := false
			for _, x := range a.Addresses {
				known = known || x == s
			}
			if !known {
				a.Addresses = append(a.Addresses, s)
			}
		}
	}
}

func vlan(v uint16) event.Opt[int64] {
	if v == 0 || v >= 4095 {
		return event.Opt[int64]{}
	}
	return event.Some(int64(v))
}

func bits(set uint32, names []string) []string {
	var out []string
	for i, name := range names {
		if set&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	if rest := set >> len(names); rest != 0 {
		out = append(out, "0x"+strconv.FormatUint(uint64(rest)<<len(names), 16))
	}
	return out
}

// text gives text for a reader, hex where it is none; line ends of a description become spaces.
func text(b []byte) string {
	b = []byte(strings.TrimRight(string(b), "\x00"))
	odd := 0
	for _, x := range b {
		if x < ' ' && x != '\n' && x != '\r' && x != '\t' {
			odd++
		}
	}
	if odd > 0 {
		return hex.EncodeToString(b[:min(len(b), textCap)])
	}
	return dnsname.Clean([]byte(strings.Join(strings.Fields(string(b)), " ")), textCap)
}
