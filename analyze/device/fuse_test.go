package device_test

import (
	"context"
	"database/sql"
	"fmt"
	"sort"
	"strings"
	"testing"

	"wardtrace/analyze"
	"wardtrace/analyze/device"
	"wardtrace/dissect/event"
)

const (
	macA, macB, macC, macF, macG = "00:0c:29:00:00:0a", "00:0c:29:00:00:0b", "00:0c:29:00:00:0c", "00:0c:29:00:00:0f", "00:0c:29:00:00:99"
)

// clock gives a minute of the night as SQL.
func clock(minute int) string {
	return fmt.Sprintf("TIMESTAMP '2026-11-20 00:00:00' + INTERVAL %d MINUTE", minute)
}

func arp(minute int, ip, mac string) string {
	return fmt.Sprintf("INSERT INTO arp (ts, src_ip, src_mac, probe) VALUES (%s, '%s', '%s', false)", clock(minute), ip, mac)
}

func says(minute int, ip, mac, attribute, value, source string, confidence int) string {
	null := func(s string) string { return strings.ReplaceAll("'"+s+"'", "''", "NULL") }
	return fmt.Sprintf("INSERT INTO identity (ts, ip, mac, attribute, value, source, confidence) VALUES (%s, %s, %s, '%s', '%s', '%s', %d)",
		clock(minute), null(ip), null(mac), attribute, value, source, confidence)
}

// talk is a flow from one address to another, each with its hardware address or none.
func talk(minute, until int, src, srcMAC, dst, dstMAC string, packets int) string {
	local := func(ip string) bool { return strings.HasPrefix(ip, "10.") || strings.HasPrefix(ip, "fe80") }
	null := func(s string) string { return strings.ReplaceAll("'"+s+"'", "''", "NULL") }
	return fmt.Sprintf(`INSERT INTO flow (ts, until, src_ip, src_mac, dst_ip, dst_mac, src_packets, dst_packets, src_local, dst_local)
		VALUES (%s, %s, '%s', %s, '%s', %s, %d, %d, %v, %v)`, clock(minute), clock(until), src, null(srcMAC), dst, null(dstMAC), packets, packets, local(src), local(dst))
}

// fuse puts rows into an empty case and gives the devices that come of them.
func fuse(t *testing.T, rows ...string) (map[string]device.Device, []device.Address, *event.Batch) {
	t.Helper()
	ctx := context.Background()
	db, done, err := analyze.EmptyCase(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	return fuseDB(t, db, rows...)
}

func fuseDB(t *testing.T, db *sql.DB, rows ...string) (map[string]device.Device, []device.Address, *event.Batch) {
	t.Helper()
	for _, r := range rows {
		if _, err := db.Exec(r); err != nil {
			t.Fatalf("%s: %v", r, err)
		}
	}
	b, err := device.Fuse(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]device.Device{}
	for _, r := range device.Devices.Get(b) {
		byID[r.V.DeviceID] = r.V
	}
	var addrs []device.Address
	for _, r := range device.Addresses.Get(b) {
		addrs = append(addrs, r.V)
	}
	return byID, addrs, b
}

// TestTies holds which addresses make one device. A case is a list of devices, each with the address it is shown by.
func TestTies(t *testing.T) {
	for name, tt := range map[string]struct {
		rows []string
		want string
	}{
		"nothing":                  {nil, ""},
		"by ARP":                   {[]string{arp(1, "10.0.0.1", macA)}, macA + "=10.0.0.1"},
		"by a lease":               {[]string{says(1, "10.0.0.1", macA, "mac", macA, "dhcp.yiaddr", 90)}, macA + "=10.0.0.1"},
		"a weak claim ties nobody": {[]string{says(1, "10.0.0.1", macA, "mac", macA, "arp.sender", 20), talk(1, 2, "10.0.0.1", macB, "10.0.0.2", "", 1)}, macB + "=10.0.0.1 10.0.0.2=10.0.0.2"},
		"by frames":                {[]string{talk(1, 2, "10.0.0.1", macA, "10.0.0.2", macB, 3)}, macA + "=10.0.0.1 " + macB + "=10.0.0.2"},
		"both families":            {[]string{talk(1, 2, "10.0.0.1", macA, "10.0.0.2", macB, 1), talk(1, 2, "fe80::1", macA, "10.0.0.2", macB, 9)}, macA + "=10.0.0.1 " + macB + "=10.0.0.2"},
		"without link layer":       {[]string{talk(1, 2, "10.0.0.1", "", "10.0.0.2", "", 3)}, "10.0.0.1=10.0.0.1 10.0.0.2=10.0.0.2"},
		"who is outside is none":   {[]string{talk(1, 2, "10.0.0.1", macA, "203.0.113.9", "", 3)}, macA + "=10.0.0.1"},
		"behind a router": {[]string{arp(0, "10.0.0.254", macG), talk(1, 2, "10.0.0.1", macA, "203.0.113.9", macG, 3), talk(1, 2, "10.9.0.1", macG, "10.0.0.1", macA, 3)},
			macA + "=10.0.0.1 " + macG + "=10.0.0.254 10.9.0.1=10.9.0.1"},
		"many behind one hardware address": {[]string{talk(1, 2, "10.9.0.1", macG, "10.0.0.1", macA, 3), talk(1, 2, "10.9.0.2", macG, "10.0.0.1", macA, 3), talk(1, 2, "10.9.0.3", macG, "10.0.0.1", macA, 3),
			talk(1, 2, "10.9.0.4", macG, "10.0.0.1", macA, 3), talk(1, 2, "10.9.0.5", macG, "10.0.0.1", macA, 3)},
			macA + "=10.0.0.1 10.9.0.1=10.9.0.1 10.9.0.2=10.9.0.2 10.9.0.3=10.9.0.3 10.9.0.4=10.9.0.4 10.9.0.5=10.9.0.5"},
		"a probe claims nothing":        {[]string{"INSERT INTO arp (ts, src_ip, src_mac, probe) VALUES (" + clock(1) + ", '0.0.0.0', '" + macA + "', true)"}, ""},
		"the address used most":         {[]string{talk(1, 2, "10.0.0.1", macA, "203.0.113.9", "", 1), talk(1, 2, "10.0.0.2", macA, "203.0.113.9", "", 5)}, macA + "=10.0.0.2"},
		"two hosts that share with own": {[]string{arp(0, "10.0.0.1", macA), arp(0, "10.0.0.2", macB), arp(1, "10.0.0.9", macA), arp(5, "10.0.0.9", macB), arp(9, "10.0.0.9", macA)}, macA + "=10.0.0.1 " + macB + "=10.0.0.2"},
	} {
		got, _, _ := fuse(t, tt.rows...)
		var list []string
		for id, d := range got {
			list = append(list, id+"="+d.IP)
		}
		sort.Strings(list)
		want := strings.Fields(tt.want)
		sort.Strings(want)
		if strings.Join(list, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v, want %v", name, list, want)
		}
	}
}

// TestForgedClaims holds that who answers for a host's address does not become that host: neither while it claims the address, nor where it
// claims it before the host is heard of, nor by carrying its packets.
func TestForgedClaims(t *testing.T) {
	rows := []string{
		arp(0, "10.0.0.66", macF), arp(60, "10.0.0.66", macF), // the forger has an address of its own
		arp(5, "10.0.0.1", macF), arp(50, "10.0.0.1", macF), arp(5, "10.0.0.254", macF), arp(50, "10.0.0.254", macF),
		arp(20, "10.0.0.1", macA), arp(30, "10.0.0.1", macA), arp(1, "10.0.0.254", macG), arp(55, "10.0.0.254", macG),
		talk(6, 50, "10.0.0.1", macF, "203.0.113.9", macF, 100_000), talk(0, 3, "10.0.0.66", macF, "10.0.0.254", macG, 5),
		says(10, "10.0.0.1", "", "hostname", "pump-3", "dhcp.option12", 60), says(10, "10.0.0.254", "", "hostname", "gw", "dns.ptr", 60),
	}
	got, addrs, _ := fuse(t, rows...)
	if got[macA].Hostname != "pump-3" || got[macG].Hostname != "gw" || got[macF].Hostname != "" {
		t.Errorf("pump is %q, gateway %q, forger %q", got[macA].Hostname, got[macG].Hostname, got[macF].Hostname)
	}
	if got[macF].IP != "10.0.0.66" || got[macA].IP != "10.0.0.1" {
		t.Errorf("the forger is shown as %s, the pump as %s", got[macF].IP, got[macA].IP)
	}
	for _, a := range addrs {
		if a.DeviceID == macF && a.IP != "10.0.0.66" {
			t.Errorf("the forger has %s from %d to %d", a.IP, a.Since, a.Until)
		}
	}
}

// TestHands holds that evidence goes to who had the address when it was seen.
func TestHands(t *testing.T) {
	rows := []string{arp(0, "10.0.0.10", macA), arp(60, "10.0.0.10", macA), arp(61, "10.0.0.11", macA), arp(180, "10.0.0.11", macA), arp(120, "10.0.0.10", macB), arp(180, "10.0.0.10", macB)}
	for minute, want := range map[int]string{0: macA, 60: macA, 90: macA, 120: macB, 150: macB, 300: macB} {
		got, _, _ := fuse(t, append(rows, says(minute, "10.0.0.10", "", "hostname", "me", "x", 60))...)
		for id, d := range got {
			if (d.Hostname == "me") != (id == want) {
				t.Errorf("minute %d: %s is %q; the name is %s's", minute, id, d.Hostname, want)
			}
		}
	}
	_, addrs, _ := fuse(t, rows...)
	if len(addrs) != 3 || addrs[0].DeviceID != macA || addrs[1].DeviceID != macB || addrs[0].Until >= addrs[1].Since {
		t.Errorf("%+v, want A, then B at .10", addrs)
	}
}

// TestEvidence holds how pieces of evidence become an attribute: the strongest wins, agreement strengthens, contradictions are told, and
// unknown stays unknown.
func TestEvidence(t *testing.T) {
	class := func(d device.Device) string { return d.Class }
	model := func(d device.Device) string { return d.Model }
	for name, tt := range map[string]struct {
		says []string // attribute value source confidence
		get  func(device.Device) string
		want string
		not  string // part of a contradiction; "" = none
	}{
		"nothing":               {nil, class, "", ""},
		"too little":            {[]string{"class pump a 34"}, class, "", ""},
		"enough":                {[]string{"class pump a 35"}, class, "pump", ""},
		"two hints agree":       {[]string{"class pump a 20", "class pump b 20"}, class, "pump", ""},
		"the same hint twice":   {[]string{"class pump a 20", "class pump a 20"}, class, "", ""},
		"the strongest":         {[]string{"model X1 a 50", "model X2 b 90"}, model, "X2", "model: also X1 (50)"},
		"agreement wins":        {[]string{"model X1 a 60", "model x1 b 60", "model X2 c 80"}, model, "X1", "model: also X2 (80)"},
		"a weak contradiction":  {[]string{"model X1 a 39", "model X2 b 90"}, model, "X2", ""},
		"more precise is none":  {[]string{"model Space b 90", "model SpacePlus a 80"}, model, "Space", ""},
		"modality is imaging":   {[]string{"class modality·CT a 60"}, class, "imaging", ""},
		"order does not matter": {[]string{"model X2 b 70", "model X1 a 70"}, model, "X1", "model: also X2 (70)"},
	} {
		rows := []string{arp(0, "10.0.0.1", "02:00:00:00:00:01")}
		for i, s := range tt.says {
			f := strings.Fields(s)
			var confidence int
			fmt.Sscan(f[3], &confidence)
			rows = append(rows, says(i, "10.0.0.1", "", f[0], strings.ReplaceAll(f[1], "·", " "), f[2], confidence))
		}
		got, _, _ := fuse(t, rows...)
		d := got["02:00:00:00:00:01"]
		against := strings.Join(d.Contradictions, "; ")
		if tt.get(d) != tt.want || against != tt.not {
			t.Errorf("%s: %q, contradicted by %q; want %q and %q", name, tt.get(d), against, tt.want, tt.not)
		}
		if d.Vendor != "" {
			t.Errorf("%s: a locally administered address has the maker %q", name, d.Vendor)
		}
	}
}

// TestFlood holds that invented names and invented senders stay within their caps, take no long time, and leave a trace.
func TestFlood(t *testing.T) {
	db, done, err := analyze.EmptyCase(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	got, _, b := fuseDB(t, db, arp(0, "192.168.0.1", macA),
		says(0, "192.168.0.1", "", "hostname", "true-name", "dhcp", 90),
		"INSERT INTO identity (ts, ip, attribute, value, source, confidence) SELECT "+clock(1)+", '192.168.0.1', 'software', 'agent/' || i, 'http.user_agent', 30 FROM range(100000) r(i)",
		talk(1, 2, "192.168.0.1", macA, "203.0.113.9", macG, 500),
		"INSERT INTO flow (ts, until, src_ip, src_mac, dst_ip, src_packets, dst_packets, src_local, dst_local) SELECT "+clock(1)+", "+clock(1)+", '10.' || i // 65536 || '.' || i // 256 % 256 || '.' || i % 256, '"+macF+"', '192.168.0.1', 1, 0, true, true FROM range(60000) r(i)")
	if len(got) != 50_000 {
		t.Errorf("%d devices, want the cap of 50,000", len(got))
	}
	d := got[macA]
	if d.Hostname != "true-name" || d.IP != "192.168.0.1" || len(d.Software) > 40 || len(d.Reasons) != 41 || !strings.Contains(d.Reasons[40], "and 99") {
		t.Errorf("%q at %s with %d programs and %d reasons, last %q", d.Hostname, d.IP, len(d.Software), len(d.Reasons), d.Reasons[len(d.Reasons)-1])
	}
	if a := event.Anomalies.Get(b); len(a) != 1 || a[0].V.Kind != "device_limit" || a[0].V.Count != 60_001-50_000 {
		t.Errorf("%+v, want a row on the cap", a)
	}
}
