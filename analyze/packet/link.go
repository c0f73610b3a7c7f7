package packet

// LinkType is a capture's link-layer header type, as in the registry at www.tcpdump.org/linktypes.html.
type LinkType uint16
