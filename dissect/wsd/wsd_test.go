package wsd

import (
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
)

const (
	clear = "../../samples/sdc-clear"
	tls   = "../../samples/sdc-tls"
)

func discovery(c *dissect.Conn) bool { return c.Transport == dissect.UDP }

func TestSuite(t *testing.T) {
	dissecttest.Suite(t, Protocol, dissecttest.Load(t, discovery, clear+"/capture.pcap")[:2])
}

func FuzzWSD(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, append(dissecttest.Load(f, discovery, clear+"/capture.pcap"), hand(onvif), hand(hello+hello)))
}

// TestPeers holds what the real provider and consumer said, and that repetitions give no row.
func TestPeers(t *testing.T) {
	for sample, secure := range map[string]bool{clear: false, tls: true} {
		count := map[string]int{}
		convs := dissecttest.Load(t, discovery, sample+"/capture.pcap")
		for i := range convs {
			b := dissecttest.Run(Protocol, &convs[i])
			for _, r := range messages.Get(b) {
				count[r.V.Message]++
				if r.V.Kind != "medical" && r.V.Message != "Bye" {
					t.Errorf("%s: %s of kind %q", sample, r.V.Message, r.V.Kind)
				}
				if r.V.Message == "Hello" && (r.V.TLS != event.Some(secure) || r.V.Bed != "Bed12" || r.V.PointOfCare != "ICU1" || r.V.Facility != "HOSP1" ||
					r.V.EPR != "urn:uuid:12345678-6f55-11ea-9697-000000000417") {
					t.Errorf("%s: Hello %+v", sample, r.V)
				}
			}
		}
		if count["Hello"] == 0 || count["Probe"] == 0 || count["ProbeMatches"] == 0 || count["Bye"] == 0 || count["Hello"] > 4 {
			t.Errorf("%s: %v", sample, count)
		}
	}
}

// hello is a printer's, of the older version.
const hello = `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:wsd="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof" xmlns:wprt="http://schemas.microsoft.com/windows/2006/08/wdp/print">
<soap:Header><wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To><wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Hello</wsa:Action>
<wsa:MessageID>urn:uuid:1</wsa:MessageID><wsd:AppSequence InstanceId="7" MessageNumber="3"/></soap:Header>
<soap:Body><wsd:Hello><wsa:EndpointReference><wsa:Address>urn:uuid:2</wsa:Address></wsa:EndpointReference><wsd:Types>wsdp:Device wprt:PrintDeviceType</wsd:Types>
<wsd:XAddrs>http://10.20.0.7:80/wsd</wsd:XAddrs><wsd:MetadataVersion>5</wsd:MetadataVersion></wsd:Hello></soap:Body></soap:Envelope>`

const onvif = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:MessageID>urn:uuid:3</a:MessageID><a:RelatesTo>urn:uuid:9</a:RelatesTo>
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:4</a:Address></a:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/hardware/CAM-9 onvif://www.onvif.org/name/Corridor%203</d:Scopes>
<d:XAddrs>http://10.20.0.5/onvif/device_service https://10.20.0.5/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>`

func hand(messages ...string) dissecttest.Conversation {
	var data [][]byte
	for _, m := range messages {
		data = append(data, []byte(m))
	}
	return dissecttest.Bytes(dissect.UDP, "10.20.0.5:3702", "10.20.0.66:50000", data...)
}

// TestOthers holds that printers and cameras are named as such, and who is meant where a message names another address.
func TestOthers(t *testing.T) {
	c := hand(hello, onvif)
	c.Segments[1].Dir = dissect.FromClient
	b := dissecttest.Run(Protocol, &c)
	rows := messages.Get(b)
	if len(rows) != 2 || rows[0].V.Kind != "printer" || rows[0].V.Version != "2005/04" || rows[0].V.InstanceID != event.Some[int64](7) ||
		rows[1].V.Kind != "camera" || rows[1].V.TLS != event.Some(false) || rows[1].V.RelatesTo != "urn:uuid:9" {
		t.Fatalf("rows %+v", rows)
	}
	got := map[string]bool{}
	for _, r := range event.Identities.Get(b) {
		got[fmt.Sprint(r.V.IP, " ", r.V.Attribute, " ", r.V.Value, " ", r.V.Confidence)] = true
	}
	for _, want := range []string{"10.20.0.7 class printer 40", "10.20.0.5 class camera 80", "10.20.0.5 model CAM-9 70", "10.20.0.5 hostname Corridor 3 40"} {
		if !got[want] {
			t.Errorf("%q was not said in %v", want, got)
		}
	}
}

// TestResolve holds that a proxy which answers for another device is not taken for it.
func TestResolve(t *testing.T) {
	asks := `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:d="` + space2009 + `"><s:Header>
<a:Action>` + space2009 + `/Resolve</a:Action><a:MessageID>urn:uuid:7</a:MessageID></s:Header><s:Body><d:Resolve><a:EndpointReference><a:Address>urn:uuid:8</a:Address></a:EndpointReference></d:Resolve></s:Body></s:Envelope>`
	answers := `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:d="` + space2009 + `"><s:Header>
<a:Action>` + space2009 + `/ResolveMatches</a:Action><a:MessageID>urn:uuid:70</a:MessageID><a:RelatesTo>urn:uuid:7</a:RelatesTo></s:Header><s:Body><d:ResolveMatches><d:ResolveMatch>
<a:EndpointReference><a:Address>urn:uuid:8</a:Address></a:EndpointReference><d:Types>x:MedicalDevice</d:Types><d:XAddrs>https://[fd00::9]:6464/x</d:XAddrs></d:ResolveMatch></d:ResolveMatches></s:Body></s:Envelope>`
	c := hand(asks, answers)
	b := dissecttest.Run(Protocol, &c)
	rows := messages.Get(b)
	if len(rows) != 2 || rows[0].V.Message != "Resolve" || rows[0].V.EPR != "urn:uuid:8" || rows[1].V.Message != "ResolveMatches" || rows[1].V.TLS != event.Some(true) || rows[1].V.Dir != "server" {
		t.Fatalf("rows %+v", rows)
	}
	for _, r := range event.Identities.Get(b) {
		if r.V.IP != "fd00::9" || r.V.Confidence > 50 {
			t.Errorf("said of the proxy: %+v", r.V)
		}
	}
}

func TestProbe(t *testing.T) {
	for text, want := range map[string]dissect.Match{
		hello:                              dissect.Yes,
		" \n" + onvif:                      dissect.Yes,
		"":                                 dissect.No,
		"M-SEARCH * HTTP/":                 dissect.No,
		`<?xml version="1.0"?><Envelope/>`: dissect.No,
		"<a>" + space2009 + "</a>":         dissect.No,
		"x" + hello:                        dissect.No,
		strings.Replace(hello, "2005/04/disc", "2005/04", -1): dissect.No,
	} {
		if got := probe(nil, 0, []byte(text)); got != want {
			t.Errorf("%.40q: %v, want %v", text, got, want)
		}
	}
}

// TestHostile holds what must not grow or mislead.
func TestHostile(t *testing.T) {
	many := strings.Replace(onvif, "</d:ProbeMatches>", strings.Repeat("<d:ProbeMatch/>", 200)+"</d:ProbeMatches>", 1)
	dtd := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>` + strings.Replace(hello[21:], "urn:uuid:2", "urn:uuid:&a;", 1)
	c := hand(hello, many, dtd, "no xml at all", hello[:len(hello)/2])
	b := dissecttest.Run(Protocol, &c)
	if n := len(messages.Get(b)); n > 1+matchCap+1 {
		t.Errorf("%d rows", n)
	}
	kinds := map[string]int{}
	for _, a := range event.Anomalies.Get(b) {
		kinds[a.V.Kind]++
	}
	for _, k := range []string{"wsd_match_limit", "wsd_dtd", "wsd_not_soap", "wsd_malformed"} {
		if kinds[k] == 0 {
			t.Errorf("no anomaly %s in %v", k, kinds)
		}
	}
}
