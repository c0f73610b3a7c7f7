package packet

import (
	"encoding/binary"

	"wardtrace/dissect"
)

// Bluetooth has no IP. A packet of the LE link layer has Transport BLE and a Payload that starts at the access address
// and ends before the CRC; a packet between a host and its own controller has Transport HCI and a Payload that starts
// at the packet type of the UART transport (Core 5.4, Vol 4 Part A 2).

// Radio says whose a Bluetooth packet is.
type Radio struct {
	Access uint32 // access address; 0 for HCI
	From   Sender
}

// Sender is who sent a Bluetooth packet, where the capture tells.
type Sender uint8

// The senders. The client of a connection is the central (who opened it), of HCI the host.
const (
	SenderUnknown Sender = iota
	SenderClient
	SenderServer
)

// advertisingAccess is the access address of the primary advertising channels (Core 5.4, Vol 6 Part B 2.1.2).
const advertisingAccess = 0x8E89BED6

// Lengths of what precedes the packet.
const (
	blePseudo   = 10 // LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR
	bleCRC      = 3
	ppiBLE      = 30006 // PPI field type that Ubertooth writes
	ppiUser     = 147   // DLT_USER0, which stands for the LE link layer behind such a field
	nordicEvent = 10    // length of the sniffer's own header in front of a packet
)

// The flags of LINKTYPE_BLUETOOTH_LE_LL_WITH_PHDR.
const (
	bleDewhitened = 0x0001
	bleTypeShift  = 7
	bleTypeMask   = 7
	bleToPeriph   = 2 // data from the central
	bleToCentral  = 3
	bleCRCChecked = 0x0400
	bleCRCValid   = 0x0800
)

// bluetooth decodes a frame of a Bluetooth link type.
func (d *Decoder) bluetooth(p *Packet, l LinkType, s part) {
	switch l {
	case LinkHCIH4:
		p.hci(s)
	case LinkHCIH4Dir: // direction, big-endian: 0 sent by the host
		if len(s.b) >= 4 {
			p.Radio.From = SenderClient
			if binary.BigEndian.Uint32(s.b)&1 == 1 {
				p.Radio.From = SenderServer
			}
		}
		p.hci(s.skip(4))
	case LinkBLE:
		p.ble(s)
	case LinkBLEPseudo:
		p.blePseudo(s)
	case LinkNordicBLE:
		p.nordic(s)
	}
}

// The packet types of the UART transport.
const (
	hciCommand = 1
	hciEvent   = 4
)

func (p *Packet) hci(s part) {
	p.Transport = dissect.HCI
	p.Payload, p.PayloadLen = s.b, s.wire
	if len(s.b) == 0 {
		p.Flags |= Truncated
		return
	}
	switch {
	case p.Radio.From != SenderUnknown:
	case s.b[0] == hciCommand:
		p.Radio.From = SenderClient
	case s.b[0] == hciEvent:
		p.Radio.From = SenderServer
	}
}

// blePseudo passes over channel, signal, noise, access address offenses, reference access address, flags: little-endian.
func (p *Packet) blePseudo(s part) {
	if len(s.b) < blePseudo {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	flags := binary.LittleEndian.Uint16(s.b[8:])
	switch flags >> bleTypeShift & bleTypeMask {
	case bleToPeriph:
		p.Radio.From = SenderClient
	case bleToCentral:
		p.Radio.From = SenderServer
	}
	p.ble(s.skip(blePseudo))
	if flags&bleDewhitened == 0 || flags&bleCRCChecked != 0 && flags&bleCRCValid == 0 { // noise: nobody's bytes
		p.badBLE()
	}
}

// badBLE keeps of a packet that was received with errors that it was there.
func (p *Packet) badBLE() {
	p.Flags |= BadSum
	p.SrcMAC, p.DstMAC, p.Radio, p.Payload, p.PayloadLen = dissect.MAC{}, dissect.MAC{}, Radio{}, nil, 0
}

// ble decodes a packet of the LE link layer: access address (4), header (2), payload, CRC (3), little-endian.
func (p *Packet) ble(s part) {
	p.Transport = dissect.BLE
	if len(s.b) < 6 {
		p.Flags |= Truncated
		p.Payload, p.PayloadLen = s.b, s.wire
		return
	}
	p.Radio.Access = binary.LittleEndian.Uint32(s.b)
	size := 6 + int(s.b[5])
	if size > s.wire {
		p.Flags |= BadHeader
		size = s.wire
	}
	s = s.limit(size)
	p.Payload, p.PayloadLen = s.b, s.wire
	if p.Radio.Access == advertisingAccess {
		p.advertising(s.b[4], s.b[6:])
	}
}

// The advertising PDU types whose payload begins with addresses (Core 5.4, Vol 6 Part B 2.3).
const (
	advInd     = 0
	advDirect  = 1
	advNonconn = 2
	scanReq    = 3
	scanRsp    = 4
	connectInd = 5
	advScan    = 6
)

// advertising takes the addresses of an advertising PDU: who advertises is the server of who scans or connects, and a
// flow is what one device advertises.
func (p *Packet) advertising(header byte, b []byte) {
	first, second := bleAddress(b, 0), bleAddress(b, 6)
	switch header & 0x0f {
	case advInd, advNonconn, advScan, scanRsp:
		p.SrcMAC = first
	case advDirect, scanReq, connectInd: // who is meant stands second
		p.SrcMAC, p.DstMAC = first, second
	}
}

func bleAddress(b []byte, at int) (m dissect.MAC) {
	if len(b) >= at+6 {
		for i := range m {
			m[i] = b[at+5-i]
		}
	}
	return m
}

// nordic passes over the header of Nordic's sniffer: board id, then by version 1: header length (6), payload length,
// version, counter (2), packet id; 2 and 3: payload length (2), version, counter (2), packet id. Then for a packet from
// the air: length (10), flags, channel, signal, event counter (2), time (4), and the packet of the link layer.
func (p *Packet) nordic(s part) {
	const adv, data = 0x02, 0x06
	if len(s.b) < 7+nordicEvent {
		p.Flags |= Truncated
		other(p, s)
		return
	}
	version := s.b[3]
	id := s.b[6]
	if version < 1 || version > 3 || id != adv && id != data || s.b[7] != nordicEvent {
		p.Flags |= BadHeader
		other(p, s)
		return
	}
	flags := s.b[8]
	const crcOK, fromCentral = 0x01, 0x02
	if id == data {
		p.Radio.From = SenderServer
		if flags&fromCentral != 0 {
			p.Radio.From = SenderClient
		}
	}
	p.ble(s.skip(7 + nordicEvent))
	if flags&crcOK == 0 {
		p.badBLE()
	}
}
