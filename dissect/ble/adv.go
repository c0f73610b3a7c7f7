package ble

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/event"
)

// advert is an advertisement that is being counted.
type advert struct {
	row Advertisement
	ref event.Ref
}

// addressOf reads an address, least significant byte first, as it is written.
func addressOf(cur *cursor.Cursor) string {
	b := cur.Bytes(6)
	if len(b) < 6 {
		return ""
	}
	var m dissect.MAC
	for i, x := range b {
		m[5-i] = x
	}
	return m.String()
}

// addressType tells the kind of a device address by its two highest bits (Vol 6 Part B 1.3).
func addressType(random bool, address string) string {
	if !random {
		return "public"
	}
	b, err := hex.DecodeString(address[:min(2, len(address))])
	if err != nil || len(b) == 0 {
		return ""
	}
	switch cur := cursor.New(b); cur.U8() >> 6 {
	case 3:
		return "static"
	case 1:
		return "resolvable"
	}
	return "private"
}

// advertise counts an advertisement, and reads it when it is new.
func (d *dissector) advertise(address string, random bool, pdu string, connectable bool, data []byte, ref event.Ref, out *event.Batch) {
	key := address + pdu + string(data)
	if a := d.adverts[key]; a != nil {
		a.row.Count++
		a.row.Until = max(a.row.Until, ref.Time)
		return
	}
	limit := maxAdverts
	if d.c.Transport == dissect.HCI {
		limit = maxAdvertsHCI
	}
	if len(d.adverts) >= limit {
		if !d.crowded {
			d.crowded = true
			dissect.Anomaly(out, ref, protocolName, "ble_advertisements", int64(limit), "more different advertisements than are told apart")
		}
		return
	}
	a := &advert{ref: ref, row: Advertisement{Address: address, AddressType: addressType(random, address), PDU: pdu,
		Connectable: connectable, DataLen: int64(len(data)), Count: 1, Until: ref.Time}}
	a.row.read(data)
	d.adverts[key] = a
	d.order = append(d.order, a)
	d.introduce(&a.row, ref, out)
}

// introduce says what an advertisement tells of its sender.
func (d *dissector) introduce(r *Advertisement, ref event.Ref, out *event.Batch) {
	d.say(r.Address, "hostname", r.Name, "local_name", 60, ref, out)
	if r.Company != "" && !strings.HasPrefix(r.Company, "0x") {
		d.say(r.Address, "vendor", r.Company, "company", 40, ref, out) // of the radio module, often
	}
	for _, s := range r.Services {
		if role := healthServices[s]; role != "" {
			d.say(r.Address, "class", role, "service_uuid", 70, ref, out)
		}
	}
}

// The data types of advertisements (Supplement to the Core Specification, Part A; assigned numbers 2.3).
const (
	typeUUID16Some   = 0x02
	typeUUID16       = 0x03
	typeUUID128Some  = 0x06
	typeUUID128      = 0x07
	typeNameShort    = 0x08
	typeName         = 0x09
	typeTxPower      = 0x0a
	typeServiceData  = 0x16
	typeAppearance   = 0x19
	typeManufacturer = 0xff
)

const maxServices = 32 // advertising data has 31 bytes, extended 1650

// read takes the structures of advertising data: length, type, value.
func (r *Advertisement) read(data []byte) {
	cur := cursor.New(data)
	for cur.More() {
		n := int(cur.U8())
		if n == 0 || !cur.Need(n) {
			return
		}
		v := cur.Sub(n)
		switch v.U8() {
		case typeUUID16, typeUUID16Some:
			for v.Need(2) {
				r.service(serviceName(uuid16(v.U16LE())))
			}
		case typeUUID128, typeUUID128Some:
			for v.Need(16) {
				r.service(serviceName(uuid128(v.Bytes(16))))
			}
		case typeServiceData:
			if v.Need(2) {
				r.service(serviceName(uuid16(v.U16LE())))
			}
		case typeName, typeNameShort:
			r.name(v.Rest())
		case typeTxPower:
			r.TxPower = event.Some(int64(int8(v.U8())))
		case typeAppearance:
			r.Appearance = appearance(v.U16LE())
		case typeManufacturer:
			if v.Need(2) {
				r.Company = company(v.U16LE())
			}
		}
	}
}

func (r *Advertisement) service(name string) {
	if len(r.Services) < maxServices && !slices.Contains(r.Services, name) {
		r.Services = append(r.Services, name)
	}
}

// name keeps a local name. Products are called by a word and a number; a name with a blank or an apostrophe may be a
// person's ("Anna's watch").
func (r *Advertisement) name(b []byte) {
	if !utf8.Valid(b) || strings.ContainsFunc(string(b), unicode.IsControl) {
		return
	}
	r.OwnerName = string(b)
	if !strings.ContainsAny(r.OwnerName, " '\u2019") && strings.ContainsAny(r.OwnerName, "0123456789-_") {
		r.Name = r.OwnerName
	}
}

func uuid16(v uint16) string { return fmt.Sprintf("%04X", v) }

// baseUUID is what stands around a short UUID (Vol 3 Part B 2.5.1).
const baseUUID = "-0000-1000-8000-00805F9B34FB"

// uuid128 writes a UUID sent least significant byte first; those of the SIG by their four digits.
func uuid128(b []byte) string {
	r := slices.Clone(b)
	slices.Reverse(r)
	h := strings.ToUpper(hex.EncodeToString(r))
	cur := cursor.New([]byte(h))
	s := cur.String(8) + "-" + cur.String(4) + "-" + cur.String(4) + "-" + cur.String(4) + "-" + cur.String(12)
	if short, ok := strings.CutSuffix(s, baseUUID); ok && strings.HasPrefix(short, "0000") {
		return strings.TrimPrefix(short, "0000")
	}
	return s
}
