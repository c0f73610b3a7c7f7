package mix

import (
	"fmt"
	"sort"
	"strings"
)

// Profile is what a capture is made of.
type Profile struct {
	Name, Why string
	rate      int64 // bytes a second of capture time
	groups    []group
	incident  []string // samples played once as a whole: the largest one that stays under a twentieth of the capture
}

// group is a share of the bytes.
type group struct {
	name    string
	share   int // of 100
	sources []source
	large   large
	of      int // the sources get one part in so many, what is large the others
}

// large is what a group carries that no sample is large enough for.
type large int

const (
	none      large = iota
	images          // C-STORE of objects of real size
	downloads       // TLS
)

// source is a sample and how it is played. Zero clones are the profile's usual numbers.
type source struct {
	sample           string
	weight           int // against the other sources of its group, by bytes
	clients, servers uint32
	whole            bool // played as one scene, since its conversations lead to each other
	paired           bool // each client has a server of its own, as a monitor has one central station
}

const (
	usualClients = 12
	usualServers = 2
)

func of(weight int, names ...string) (out []source) {
	for _, n := range names {
		out = append(out, source{sample: n, weight: weight})
	}
	return out
}

// pairs are sources whose clients have a server each.
func pairs(weight int, clones uint32, names ...string) (out []source) {
	for _, n := range names {
		out = append(out, source{sample: n, weight: weight, clients: clones, paired: true})
	}
	return out
}

func join(parts ...[]source) (out []source) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// archive is the archive's smaller traffic: worklists, queries, retrievals by DIMSE and by DICOMweb.
var archive = join(of(2, "dicom-basic", "dicomweb-services"), of(1, "dicom-worklist", "dicom-worklist-keys", "dicom-tls", "dicom-negotiation"),
	[]source{{sample: "dicom-move", weight: 1, whole: true}})

// office is what people do: pages, mail and updates inside TLS, names, files, shells.
var office = []source{{sample: "tls-versions", weight: 8, clients: 300, servers: 12}, {sample: "http-pipelined", weight: 6, clients: 300, servers: 6},
	{sample: "dns-mixed", weight: 2, clients: 300, servers: 2}, {sample: "dns-local", weight: 1, clients: 100}, {sample: "tls-datagrams", weight: 1, clients: 60},
	{sample: "ftp-session", weight: 2, clients: 20}, {sample: "ssh-sessions", weight: 2, clients: 20}, {sample: "fhir-work", weight: 4, clients: 60},
	{sample: "fhir-smart", weight: 1, clients: 40}, {sample: "hl7v3-sharing", weight: 2, clients: 20}, {sample: "icmp-mixed", weight: 1, clients: 60}}

// ward is what stands at beds and in the laboratory, and what it speaks with. What says who it is by a number in its payload
// has one clone: a second one would be a forgery.
var ward = join([]source{{sample: "quiet-ward", weight: 24, clients: 30, servers: 3}},
	pairs(3, 20, "quiet-sdc", "sdc-tls", "hl7-pcd", "carescape-ward", "intellivue-monitor", "quiet-vista120", "medibus-ventilator"),
	pairs(2, 20, "bcc-ward", "alaris-asena", "astm-analyser", "quiet-contec", "dri-theatre"),
	pairs(1, 20, "poct1a-session", "nkv-ventilator", "terumo-te", "alaris-infupy"),
	of(2, "hl7-mllp-adt-oru", "hl7-tls"), of(6, "hl7-large-pdf"), of(1, "hl7-batch", "x12-claims", "arp-vrrp", "lldp-switch"),
	pairs(1, 1, "ieee11073-ward", "dhcp-lease"))

// things publish their readings.
var things = []source{{sample: "mqtt-vitals", weight: 4, clients: 80}, {sample: "quiet-mqtt-bridge", weight: 4, clients: 80}, {sample: "mqtt-v5", weight: 2, clients: 80},
	{sample: "coap-vitals", weight: 3, clients: 80}, {sample: "tls-datagrams", weight: 1, clients: 40}, {sample: "dns-local", weight: 1, clients: 60}}

// noise is what a switch sees beside: half-open connections, lone datagrams, pings. One host floods one other.
var noise = []source{{sample: "flood-syn", weight: 2, clients: 1, servers: 1, whole: true}, {sample: "flood-udp", weight: 1, clients: 1, servers: 1, whole: true}}

// Profiles are all there are.
var Profiles = []Profile{
	{Name: "ward", rate: 2 << 20, Why: "bedside devices, laboratory, pumps, HL7, names and leases: many small messages, every dissector at work",
		groups: []group{{name: "ward", share: 90, sources: ward}, {name: "office", share: 10, sources: office}}},
	{Name: "imaging", rate: 40 << 20, Why: "modalities that store to an archive, several at a time: C-STORE of 512 KiB to 8 MiB in PDUs of 16 to 64 KiB",
		groups: []group{{name: "imaging", share: 100, large: images}}},
	{Name: "iot", rate: 2 << 20, Why: "MQTT, CoAP and their like: hundreds of sensors with a message now and then",
		groups: []group{{name: "iot", share: 95, sources: things}, {name: "names", share: 5, sources: of(1, "dns-local")}}},
	{Name: "flood", rate: 2 << 20, Why: "SYN floods, scans, lone datagrams, pings, MQTT connections: most flows have one packet; the worst case of a flow table",
		groups: []group{{name: "flood", share: 90, sources: attacks}, {name: "office", share: 10, sources: office}}},
	{Name: "mixed", rate: 4 << 20, incident: incidents, groups: site(35, 35, 20, 8, 2),
		Why: "all of it: images and what people do in browsers are most of the bytes, bedside devices and sensors most of the " +
			"packets, a small flood, and one intrusion (ward-night) or, in a small capture, a scan"},
	{Name: "core", rate: 16 << 20, incident: incidents, groups: site(50, 42, 5, 2, 1),
		Why: "the same as a core switch of a large site counts it: a thousand monitors and pumps at 2 kB/s are 16 Mbit/s beside some " +
			"hundreds of Mbit/s of images and office"},
}

// incidents are tried from the largest.
var incidents = []string{"ward-night", "hl7-port-sweep", "scan-flags"}

// site divides the bytes of a whole site.
func site(imaging, browsing, beds, sensors, floods int) []group {
	return []group{
		{name: "imaging", share: imaging, sources: archive, large: images, of: 16},
		{name: "office", share: browsing, sources: office, large: downloads, of: 4},
		{name: "ward", share: beds, sources: ward}, {name: "iot", share: sensors, sources: things}, {name: "flood", share: floods, sources: noise}}
}

// attacks are drawn from a pool of hosts: tens of thousands of flows to be kept.
var attacks = []source{{sample: "flood-syn", weight: 4, clients: 40, servers: 20}, {sample: "flood-udp", weight: 4, clients: 40, servers: 20},
	{sample: "flood-distributed", weight: 3, clients: 12, servers: 10}, {sample: "icmp-flood", weight: 2, clients: 40, servers: 20},
	{sample: "scan-ports", weight: 3, clients: 40, servers: 200}, {sample: "scan-addresses", weight: 1, clients: 40, servers: 60},
	{sample: "scan-flags", weight: 1, clients: 40}, {sample: "arp-sweep", weight: 1, clients: 20}, {sample: "mqtt-connect-flood", weight: 2, clients: 40},
	{sample: "dns-tunnel", weight: 1, clients: 20}}

// Help tells what there is to choose from.
func Help() string {
	var b strings.Builder
	for _, p := range Profiles {
		fmt.Fprintf(&b, "  %-8s %s;\n           by bytes:", p.Name, p.Why)
		for i, g := range p.groups {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, " %s %d %%", g.name, g.share)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func find(name string) (*Profile, error) {
	var names []string
	for i := range Profiles {
		if Profiles[i].Name == name {
			return &Profiles[i], nil
		}
		names = append(names, Profiles[i].Name)
	}
	sort.Strings(names)
	return nil, fmt.Errorf("no profile is called %q: choose one of %s", name, strings.Join(names, ", "))
}
