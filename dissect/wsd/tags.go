package wsd

// typeKinds are the types that say what a device is: IEEE 11073-20702, WSD for printers and scanners, ONVIF Core, Windows' computers (pub:Computer).
var typeKinds = map[string]string{
	"MedicalDevice":           "medical",
	"PrintDeviceType":         "printer",
	"PrinterServiceType":      "printer",
	"PrinterServiceV20Type":   "printer",
	"ScanDeviceType":          "scanner",
	"ScannerServiceType":      "scanner",
	"NetworkVideoTransmitter": "camera",
	"NetworkVideoStorage":     "camera",
	"NetworkVideoDisplay":     "camera",
	"Computer":                "computer",
	"DiscoveryProxy":          "proxy",
}

// classes are what the kinds are called in the table device.
var classes = map[string]string{"printer": "printer", "scanner": "printer", "camera": "camera", "computer": "workstation"}
