package telnet

import "strings"

// claim is what a banner says of a device.
type claim struct {
	attribute, value string
}

// medical tells what the banners of medical devices say of them, as far as they are published. The wireless battery module of a
// Baxter SIGMA Spectrum pump (ICSMA-20-170-04; the banner is in the fingerprints of Recog) says
//
//	Welcome to the SIGMA Spectrum Diagnostic Terminal
//	Wireless Battery Module (802.11a/b/g/n)
//	MAC Address: 00-40-9d-12-34-56 SW: 20 D29
//	Sigma Spectrum SN: 1234567 SW: v8.00.01
//
// Of other pumps (ICU/Hospira LifeCare and Plum, Smiths Medfusion, Fresenius Agilia) neither a banner nor the protocol of their own is published, nor is
// that of the Spectrum, of a PCU with its Systems Manager (TCP 3613) or of a SpaceCom's TCP 1500: such hosts are known by hardware address and name, and the rules
// in rules/pump stand on who speaks to which of their services. Medtronic's pumps speak by radio, their monitors to the maker's cloud by TLS.
func medical(banner string) []claim {
	if !strings.Contains(banner, "SIGMA Spectrum Diagnostic Terminal") {
		return nil
	}
	out := []claim{{"vendor", "Baxter"}, {"model", "SIGMA Spectrum"}, {"class", "pump"}}
	_, pump, ok := strings.Cut(banner, "Sigma Spectrum SN:")
	if !ok {
		return out
	}
	serial, rest, _ := strings.Cut(strings.TrimSpace(pump), " ")
	if serial != "" && strings.Trim(serial, "0123456789") == "" && len(serial) <= 20 {
		out = append(out, claim{"serial", serial})
	}
	if version, ok := strings.CutPrefix(strings.TrimSpace(rest), "SW: v"); ok {
		version, _, _ = strings.Cut(version, " ")
		if strings.Trim(version, "0123456789.") == "" && version != "" && len(version) <= 20 {
			out = append(out, claim{"version", version})
		}
	}
	return out
}
