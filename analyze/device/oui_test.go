package device

import "testing"

func TestMakerOf(t *testing.T) {
	for mac, want := range map[string]maker{
		"00:12:21:07:41:01": {"B. Braun", true},             // medical list, 24 bits
		"00:50:c2:c1:c0:01": {"BD/CareFusion/Alaris", true}, // 36 bits go before 24
		"00:0c:29:10:44:20": {"VMware, Inc.", false},
		"02:0c:29:10:44:20": {}, // locally administered
		"":                  {},
		"nonsense":          {},
	} {
		if got, ok := makerOf(mac); got != want || ok != (want != maker{}) {
			t.Errorf("%s: %+v, %v; want %+v", mac, got, ok, want)
		}
	}
	m, err := makers()
	if err != nil || len(m) < 50_000 {
		t.Errorf("%d prefixes, %v: the embedded list is not whole", len(m), err)
	}
}
