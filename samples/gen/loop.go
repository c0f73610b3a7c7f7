package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// loop is the baseline of measurements: gopacket reads a classic Ethernet capture and decodes its headers into a map of
// flows, one thread, nothing else.
func loop(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		return err
	}
	var eth layers.Ethernet
	var vlan layers.Dot1Q
	var ip4 layers.IPv4
	var ip6 layers.IPv6
	var tcp layers.TCP
	var udp layers.UDP
	p := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &eth, &vlan, &ip4, &ip6, &tcp, &udp)
	p.IgnoreUnsupported = true
	type key struct{ net, transport gopacket.Flow }
	flows := map[key]int{}
	var decoded []gopacket.LayerType
	begin, packets, bytes := time.Now(), 0, 0
	for {
		data, _, err := r.ZeroCopyReadPacketData()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		packets++
		bytes += len(data)
		p.DecodeLayers(data, &decoded) // what it cannot decode counts as far as it went
		var k key
		for _, l := range decoded {
			switch l {
			case layers.LayerTypeIPv4:
				k.net = ip4.NetworkFlow()
			case layers.LayerTypeIPv6:
				k.net = ip6.NetworkFlow()
			case layers.LayerTypeTCP:
				k.transport = tcp.TransportFlow()
			case layers.LayerTypeUDP:
				k.transport = udp.TransportFlow()
			}
		}
		flows[k]++
	}
	fmt.Printf("%d packets, %d bytes, %d one-way flows, %.2f s\n", packets, bytes, len(flows), time.Since(begin).Seconds())
	return nil
}
