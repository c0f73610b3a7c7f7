package lldp

import (
	"bytes"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// Protocol is LLDP and CDP.
var Protocol = &dissect.Protocol{
	Name:       "lldp",
	Spec:       "IEEE 802.1AB-2016 clause 8, ANSI/TIA-1057, CDP",
	Transports: []dissect.Transport{dissect.Ethernet},
	Tables:     []*event.Table{announcements.Desc()},
	Probe:      probe,
	New:        func(c *dissect.Conn) dissect.Dissector { return &dissector{conn: c} },
}

const (
	etherLLDP = 0x88cc
	snapCDP   = 0x2000 // protocol of CDP under Cisco's OUI
)

// llc is the LLC and SNAP header in front of CDP (IEEE 802.2), for callers that leave it on.
var llc = []byte{0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0}

// Caps of one announcement and of one conversation.
const (
	listCap     = 16
	textCap     = 512 // a software text of Cisco has some 250 bytes
	identityCap = 256
	complainCap = 16
)

type dissector struct {
	conn   *dissect.Conn
	told   map[event.Identity]struct{}
	faults int
}

func probe(c *dissect.Conn, _ dissect.Dir, first []byte) dissect.Match {
	if c.EtherType == etherLLDP || bytes.HasPrefix(first, llc) {
		return dissect.Yes
	}
	cur := cursor.New(first)
	if version := cur.U8(); c.EtherType == snapCDP && cur.Need(4) && (version == 1 || version == 2) {
		return dissect.Yes
	}
	return dissect.No
}

// Feed takes one announcement.
func (d *dissector) Feed(seg *dissect.Segment, out *event.Batch) (dissect.Progress, error) {
	mac := d.conn.ClientMAC
	if seg.Dir == dissect.FromServer {
		mac = d.conn.ServerMAC
	}
	a := Announcement{EthSrc: mac.String()}
	var fault string
	if d.conn.EtherType == etherLLDP {
		fault = a.lldp(seg.Data)
	} else {
		fault = a.cdp(bytes.TrimPrefix(seg.Data, llc))
	}
	if fault != "" {
		if d.faults++; d.faults <= complainCap {
			dissect.Anomaly(out, seg.Ref, a.Kind, "lldp_malformed", 1, fault)
		}
	}
	if a.ChassisID == "" && a.PortID == "" && a.SystemName == "" {
		return dissect.Progress{}, nil
	}
	announcements.Emit(out, seg.Ref, a)
	d.identify(&a, seg.Ref, out)
	return dissect.Progress{}, nil
}

// Close has nothing to do.
func (d *dissector) Close(*event.Batch) {}

// identify passes on what the speaker says of itself, for its management address where it gives one.
func (d *dissector) identify(a *Announcement, ref event.Ref, out *event.Batch) {
	ip := ""
	if len(a.Addresses) > 0 && !strings.Contains(a.Addresses[0], " ") {
		ip = a.Addresses[0]
	}
	say := func(attribute, value, field string, confidence int64) {
		id := event.Identity{IP: ip, MAC: a.EthSrc, Attribute: attribute, Value: value, Source: a.Kind + "." + field, Confidence: confidence}
		if _, ok := d.told[id]; ok || value == "" || len(d.told) >= identityCap {
			return
		}
		if d.told == nil {
			d.told = map[event.Identity]struct{}{}
		}
		d.told[id] = struct{}{}
		event.Identities.Emit(out, ref, id)
	}
	say("hostname", a.SystemName, "system_name", 90)
	if a.Kind == "cdp" && a.SystemName == "" {
		say("hostname", a.ChassisID, "device_id", 80)
	}
	say("vendor", a.Manufacturer, "manufacturer", 90)
	say("model", a.Model, "model", 90)
	say("model", a.Platform, "platform", 85)
	say("serial", a.Serial, "serial", 90)
	say("version", a.Firmware, "firmware", 80)
	say("version", a.Software, "software", 80)
	say("software", a.SystemDesc, "system_description", 80)
	for _, c := range a.Capabilities {
		switch c {
		case "bridge", "switch":
			say("role", "switch", "capabilities", 70)
		case "router":
			say("role", "router", "capabilities", 60)
		case "phone", "access point":
			say("class", c, "capabilities", 80)
		}
	}
}
