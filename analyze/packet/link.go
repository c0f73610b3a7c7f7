package packet

import "strconv"

// LinkType is a capture's link-layer header type, as in the registry at www.tcpdump.org/linktypes.html.
type LinkType uint16

// The link types that are decoded.
const (
	LinkNull       LinkType = 0
	LinkEthernet   LinkType = 1
	LinkPPP        LinkType = 9
	linkRaw12      LinkType = 12 // DLT_RAW where a writer forgot to translate it, and on OpenBSD
	linkRaw14      LinkType = 14
	LinkPPPHDLC    LinkType = 50
	LinkPPPEther   LinkType = 51
	LinkATMRFC1483 LinkType = 100
	LinkRaw        LinkType = 101
	LinkCHDLC      LinkType = 104
	Link80211      LinkType = 105
	LinkLoop       LinkType = 108
	LinkEnc        LinkType = 109
	LinkSLL        LinkType = 113
	LinkPFLog      LinkType = 117
	LinkRadiotap   LinkType = 127
	LinkPPPPPPD    LinkType = 166
	LinkHCIH4      LinkType = 187
	LinkPPI        LinkType = 192
	LinkHCIH4Dir   LinkType = 201
	LinkPPPWithDir LinkType = 204
	LinkIPv4       LinkType = 228
	LinkIPv6       LinkType = 229
	LinkNFLog      LinkType = 239
	LinkBLE        LinkType = 251
	LinkBLEPseudo  LinkType = 256
	LinkNordicBLE  LinkType = 272
	LinkSLL2       LinkType = 276
)

// Known tells whether packets of this link type are decoded.
func (l LinkType) Known() bool {
	switch l {
	case LinkNull, LinkEthernet, LinkPPP, linkRaw12, linkRaw14, LinkPPPHDLC, LinkPPPEther, LinkATMRFC1483, LinkRaw,
		LinkCHDLC, Link80211, LinkLoop, LinkEnc, LinkSLL, LinkPFLog, LinkRadiotap, LinkPPPPPPD, LinkPPI,
		LinkPPPWithDir, LinkIPv4, LinkIPv6, LinkNFLog, LinkSLL2,
		LinkHCIH4, LinkHCIH4Dir, LinkBLE, LinkBLEPseudo, LinkNordicBLE:
		return true
	}
	return false
}

// String is the registry's name without LINKTYPE_, in lower case, or the number.
func (l LinkType) String() string {
	if s, ok := linkNames[l]; ok {
		return s
	}
	return strconv.Itoa(int(l))
}
