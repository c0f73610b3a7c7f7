package flow

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"

	"wardtrace/dissect"
)

// communityID gives the flow's Community ID, version 1, seed 0 (github.com/corelight/community-id-spec): a hash of
// the addresses, protocol and ports with the smaller end first, so that other tools' records of the same conversation can be found.
// ICMP types stand for ports; one-way messages keep their direction. What is not IP has none.
func (f *Flow) communityID() string {
	src, dst := f.Client.Addr(), f.Server.Addr()
	if !src.IsValid() || !dst.IsValid() {
		return ""
	}
	a, b := src.AsSlice(), dst.AsSlice()
	aPort, bPort := f.Client.Port(), f.Server.Port()
	ports, oneWay := !f.loose, false
	switch f.Transport {
	case dissect.TCP, dissect.UDP, dissect.SCTP:
	case dissect.ICMP, dissect.ICMPv6:
		aPort, bPort, oneWay = f.icmp[0], f.icmp[1], f.oneWay
	default:
		ports = false
	}
	c := bytes.Compare(a, b)
	if !oneWay && (c > 0 || c == 0 && ports && aPort > bPort) {
		a, b, aPort, bPort = b, a, bPort, aPort
	}
	const seed = 0
	buf := binary.BigEndian.AppendUint16(make([]byte, 0, 64), seed)
	buf = append(append(buf, a...), b...)
	buf = append(buf, f.Proto, 0)
	if ports {
		buf = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(buf, aPort), bPort)
	}
	sum := sha1.Sum(buf)
	return "1:" + base64.StdEncoding.EncodeToString(sum[:])
}
