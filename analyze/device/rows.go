package device

import "wardtrace/dissect/event"

// Device is a host of the site.
type Device struct {
	DeviceID       string     `col:"device_id" doc:"The hardware address if it is known, else the IP address: the same device has the same id on another night."`
	IP             string     `col:"ip" doc:"The address it used most."`
	MAC            string     `col:"mac" doc:"Hardware address; NULL if the device was only seen through a router."`
	Hostname       string     `col:"hostname" doc:"Name."`
	Vendor         string     `col:"vendor" doc:"Maker."`
	Model          string     `col:"model" doc:"Model."`
	Version        string     `col:"version" doc:"Version of firmware or software."`
	Serial         string     `col:"serial" doc:"Serial number."`
	Class          string     `col:"class" doc:"What it is: imaging, pacs, monitor, pump, ventilator, anaesthesia, lab, interface engine, server, workstation, printer, network, phone, iot, wearable (body-worn or bedside sensor of its own); NULL if unknown."`
	Role           string     `col:"role" doc:"What it does on the network, from its traffic: such as dicom server, hl7 sender."`
	OS             string     `col:"os" doc:"Operating system."`
	AETitles       []string   `col:"ae_titles" doc:"DICOM application entity titles it used."`
	Software       []string   `col:"software" doc:"Programs it said it runs."`
	FirstTS        event.Time `col:"first_ts" doc:"First packet from it, UTC."`
	LastTS         event.Time `col:"last_ts" doc:"Last packet from it, UTC."`
	Reasons        []string   `col:"reasons" doc:"Why each attribute is as it is: attribute, value, source, confidence."`
	Contradictions []string   `col:"contradictions" doc:"Evidence that says otherwise."`
}

// Address is a time in which a device had an address.
type Address struct {
	DeviceID string     `col:"device_id" doc:"The device."`
	IP       string     `col:"ip" doc:"Its IP address."`
	MAC      string     `col:"mac" doc:"Its hardware address."`
	Since    event.Time `col:"since" doc:"First packet that shows it, UTC."`
	Until    event.Time `col:"until" doc:"Last packet that shows it, UTC."`
}

// The tables.
var (
	Devices   = event.NewPlain[Device]("device", "The hosts of the site, with what is known of them and why.")
	Addresses = event.NewPlain[Address]("device_address", "Which device had which address, and when.")
)
