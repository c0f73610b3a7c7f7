package terumo

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
	"wardtrace/dissect/event"
)

// Control characters of a frame.
const (
	stx = 0x02
	etx = 0x03
)

// Limits of a frame. Known ones have some hundred bytes.
const (
	maxFrame = 16 << 10
	maxNames = 32
	maxDepth = 16
	maxCell  = 64
)

// declaration is how the text begins.
const declaration = "<?xml"

// digits of the check.
const digits = 4

type result uint8

const (
	short  result = iota // more bytes are needed
	broken               // this is no frame
	whole
)

// next reads a frame that begins at c:
//
//	STX | <?xml ... | CRC, 4 hexadecimal digits | ETX
//
// Text holds neither STX nor ETX, so that the first of them tells.
func next(c *cursor.Cursor) (text []byte, ok bool, wire int, r result) {
	head := *c
	if head.U8() != stx {
		return nil, false, 0, broken
	}
	b := head.Rest()
	if n := min(len(b), len(declaration)); string(b[:n]) != declaration[:n] {
		return nil, false, 0, broken
	}
	b = b[:min(len(b), maxFrame)]
	at := bytes.IndexAny(b, "\x02\x03")
	switch {
	case at < 0 && len(b) >= maxFrame, at >= 0 && at < len(declaration)+digits:
		return nil, false, 0, broken
	case at < 0:
		return nil, false, 0, short
	}
	frame := *c
	frame.Skip(1)
	text = frame.Bytes(at - digits)
	sum, fine := hex4(frame.Bytes(digits))
	if frame.U8() != etx {
		return nil, false, 0, broken
	}
	return text, fine && sum == checksum(text), at + 2, whole
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (uint16, bool) {
	var v [2]byte
	_, err := hex.Decode(v[:], b)
	return uint16(v[0])<<8 | uint16(v[1]), err == nil
}

// checksum is CRC-16/XMODEM: polynomial 1021, from 0 on, neither reflected nor inverted.
func checksum(b []byte) uint16 {
	crc := uint16(0)
	for _, x := range b {
		crc ^= uint16(x) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// read fills a row from the XML text, as far as it is sound; it tells whether all of it is.
func read(text []byte, row *Frame) bool {
	d := xml.NewDecoder(bytes.NewReader(text))
	seen := map[string]bool{}
	var path []string
	for {
		t, err := d.RawToken()
		if err != nil {
			return err.Error() == "EOF" && len(path) == 0 && row.Root != ""
		}
		switch t := t.(type) {
		case xml.StartElement:
			name := dnsname.Clean([]byte(t.Name.Local), maxCell)
			if len(path) >= maxDepth {
				return false
			}
			if path = append(path, name); len(path) == 1 {
				row.Root = name
			}
			if !seen[name] && len(row.Names) < maxNames {
				seen[name] = true
				row.Names = append(row.Names, name)
			}
		case xml.EndElement:
			if len(path) == 0 {
				return false
			}
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) > 0 {
				content(path[len(path)-1], bytes.TrimSpace(t), row)
			}
		}
	}
}

// content takes the text of an element.
func content(name string, text []byte, row *Frame) {
	switch {
	case len(text) == 0:
	case name == "DEVID" && row.DeviceID == "":
		row.DeviceID = dnsname.Clean(text, maxCell)
	case name == "CMD" && !row.CommandLen.OK:
		command, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil {
			return
		}
		sum := sha256.Sum256(command)
		row.CommandLen, row.Command = event.Some(int64(len(command))), hex.EncodeToString(sum[:8])
	}
}
