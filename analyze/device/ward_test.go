package device_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardtrace/analyze"
	"wardtrace/samples"
)

func caseOf(t *testing.T, name string) *sql.DB {
	t.Helper()
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("17", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := analyze.Run(context.Background(), analyze.Options{Paths: []string{samples.Dir(name)}, Case: filepath.Join(dir, "t.case"), PHI: "pseudonym",
		PHIKey: key, Workers: 1, Memory: 1 << 30}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Abandon() })
	return c.DB
}

// TestWard holds the devices of the quiet ward against what its hosts were set up to be; what gives no evidence stays unknown.
func TestWard(t *testing.T) {
	db := caseOf(t, "quiet-ward")
	for ip, want := range map[string][3]string{ // class, vendor, host name
		"10.20.0.1":  {"network", "Cisco Systems, Inc", ""},
		"10.20.0.2":  {"server", "VMware, Inc.", ""},
		"10.20.0.10": {"pacs", "Dell Inc.", ""},
		"10.20.0.20": {"interface engine", "VMware, Inc.", ""},
		"10.20.0.21": {"lab", "Roche", ""},
		"10.20.0.22": {"", "VMware, Inc.", ""},
		"10.20.0.31": {"server", "Dell Inc.", "pumpserver.ward.example"},
		"10.20.0.41": {"pump", "B. Braun", "pump-1"},
		"10.20.0.51": {"imaging", "Siemens Healthineers", "ct-1"},
		"10.20.0.53": {"workstation", "Dell Inc.", "read-1"},
		"10.20.0.81": {"monitor", "Philips", "mon-1"},
	} {
		var got [3]string
		err := db.QueryRow(`SELECT coalesce(class, ''), coalesce(vendor, ''), coalesce(hostname, '') FROM device WHERE ip = ?`, ip).Scan(&got[0], &got[1], &got[2])
		if err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", ip, got, err, want)
		}
	}
	var n, reasons int
	if err := db.QueryRow("SELECT count(*), count(*) FILTER (WHERE len(reasons) > 0) FROM device").Scan(&n, &reasons); err != nil || n != 21 || reasons != n {
		t.Errorf("%d devices, %d with reasons (%v); want 21, each with reasons", n, reasons, err)
	}
}

// TestForger holds that who claims an address by forged ARP does not become its owner.
func TestForger(t *testing.T) {
	db := caseOf(t, "arp-poison")
	for ip, mac := range map[string]string{"10.20.0.1": "00:00:0c:4a:10:01", "10.20.0.41": "00:12:21:07:41:01"} {
		var got string
		if err := db.QueryRow("SELECT device_id FROM device_address WHERE ip = ? ORDER BY since LIMIT 1", ip).Scan(&got); err != nil || got != mac {
			t.Errorf("%s is first held by %s (%v), want %s", ip, got, err, mac)
		}
		if err := db.QueryRow("SELECT mac FROM device WHERE ip = ?", ip).Scan(&got); err != nil || got != mac {
			t.Errorf("the device at %s is %s (%v), want %s", ip, got, err, mac)
		}
	}
}
