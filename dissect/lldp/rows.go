package lldp

import "wardtrace/dissect/event"

// Announcement is one LLDP or CDP frame.
type Announcement struct {
	Kind         string           `col:"kind" doc:"lldp or cdp."`
	EthSrc       string           `col:"eth_src" doc:"Source address of the frame: the port's."`
	ChassisID    string           `col:"chassis_id" doc:"Chassis ID (LLDP TLV 1), or CDP's device ID."`
	PortID       string           `col:"port_id" doc:"Port ID."`
	TTL          int64            `col:"ttl" doc:"Seconds the announcement holds; 0 withdraws it."`
	PortDesc     string           `col:"port_description" doc:"Port description (TLV 4)."`
	SystemName   string           `col:"system_name" doc:"System name."`
	SystemDesc   string           `col:"system_description" doc:"System description; CDP's software text."`
	Platform     string           `col:"platform" doc:"CDP: platform."`
	Capabilities []string         `col:"capabilities" doc:"What the system does: bridge, router, phone, access point, station."`
	Addresses    []string         `col:"addresses" doc:"Management addresses."`
	VLAN         event.Opt[int64] `col:"vlan" doc:"Port VLAN (802.1), or CDP's native VLAN."`
	VoiceVLAN    event.Opt[int64] `col:"voice_vlan" doc:"VLAN for telephones (LLDP-MED policy of voice, CDP)."`
	Manufacturer string           `col:"manufacturer" doc:"LLDP-MED inventory: manufacturer."`
	Model        string           `col:"model" doc:"LLDP-MED inventory: model."`
	Serial       string           `col:"serial" doc:"LLDP-MED inventory: serial number."`
	Hardware     string           `col:"hardware" doc:"LLDP-MED inventory: hardware revision."`
	Firmware     string           `col:"firmware" doc:"LLDP-MED inventory: firmware revision."`
	Software     string           `col:"software" doc:"LLDP-MED inventory: software revision."`
	AssetID      string           `col:"asset_id" doc:"LLDP-MED inventory: asset number."`
}

var announcements = event.New[Announcement]("lldp", "What switches, access points and phones announce about themselves by LLDP and CDP.")
