package dicom

import (
	"net/netip"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// roleSet is what a side was seen to do.
type roleSet uint32

const (
	roleStorageSCU roleSet = 1 << iota
	roleStorageSCP
	roleQuerySCU
	roleQuerySCP
	roleRetrieveSCU
	roleRetrieveSCP
	roleWorklistSCU
	roleWorklistSCP
	roleStepSCU // modality performed procedure step
	roleStepSCP
	roleCommitSCU
	roleCommitSCP
	rolePrintSCU
	rolePrintSCP
	roleUPSSCU // unified procedure step
	roleUPSSCP
	roleForwarder
	roleEnd
)

var roleNames = map[roleSet]string{
	roleStorageSCU: "dicom_storage_scu", roleStorageSCP: "dicom_storage_scp", roleQuerySCU: "dicom_query_scu",
	roleQuerySCP: "dicom_query_scp", roleRetrieveSCU: "dicom_retrieve_scu", roleRetrieveSCP: "dicom_retrieve_scp",
	roleWorklistSCU: "dicom_worklist_scu", roleWorklistSCP: "dicom_worklist_scp", roleStepSCU: "dicom_mpps_scu",
	roleStepSCP: "dicom_mpps_scp", roleCommitSCU: "dicom_commitment_scu", roleCommitSCP: "dicom_commitment_scp",
	rolePrintSCU: "dicom_print_scu", rolePrintSCP: "dicom_print_scp", roleUPSSCU: "dicom_ups_scu",
	roleUPSSCP: "dicom_ups_scp", roleForwarder: "dicom_forwarder",
}

// maker is the device that stored objects name, as long as all of an association name one.
type maker struct {
	set     bool
	several bool
	dev     device
	ref     event.Ref
}

// device is what an object says of the device that made it.
type device struct{ vendor, model, serial, software, station, stationAE, modality string }

// acquires are the modalities (0008,0060) that stand for a device which makes images or waveforms of patients; the others
// are documents, reports, plans and what workstations make (PS3.3 C.7.3.1.1.1).
var acquires = map[string]bool{"BI": true, "BMD": true, "CR": true, "CT": true, "DX": true, "ECG": true, "EPS": true, "ES": true,
	"GM": true, "HD": true, "IO": true, "IVOCT": true, "IVUS": true, "MG": true, "MR": true, "NM": true, "OCT": true, "OP": true,
	"OPT": true, "PT": true, "PX": true, "RF": true, "RG": true, "RTIMAGE": true, "SM": true, "US": true, "XA": true, "XC": true}

// act notes what a message shows of both sides' roles. An SCU's is its request, an SCP's its success.
func (a *association) act(m *message) {
	c := &m.command
	done := c.field&response != 0 && (c.status == success || c.status.pending() || c.status.category() == "warning")
	scu, scp := rolesFor(c.field&^response, either(c.class, a.abstract(m.ctx)))
	switch {
	case c.field == 0 || scu == 0:
	case c.field&response == 0:
		a.roles[m.dir] |= scu
	case done:
		a.roles[m.dir] |= scp
	}
	if c.field == cStore && m.done && m.obj != nil {
		a.made(m)
	}
}

func rolesFor(f commandField, class string) (scu, scp roleSet) {
	if strings.HasPrefix(class, upsFamily) && f != nEventReport { // which the provider sends
		return roleUPSSCU, roleUPSSCP
	}
	switch f {
	case cStore:
		return roleStorageSCU, roleStorageSCP
	case cMove, cGet:
		return roleRetrieveSCU, roleRetrieveSCP
	case cFind:
		if class == "1.2.840.10008.5.1.4.31" {
			return roleWorklistSCU, roleWorklistSCP
		}
		return roleQuerySCU, roleQuerySCP
	case nCreate, nSet:
		switch class {
		case "1.2.840.10008.3.1.2.3.3":
			return roleStepSCU, roleStepSCP
		case "1.2.840.10008.5.1.1.1", "1.2.840.10008.5.1.1.2", "1.2.840.10008.5.1.1.4", "1.2.840.10008.5.1.1.4.1":
			return rolePrintSCU, rolePrintSCP
		}
	case nAction:
		if class == "1.2.840.10008.1.20.1" {
			return roleCommitSCU, roleCommitSCP
		}
	}
	return 0, 0
}

// made compares the device that an object names with those before. What a C-MOVE caused, or a C-GET's provider sends,
// comes from an archive.
func (a *association) made(m *message) {
	o, c := m.obj, &m.command
	if !a.known || m.dir != a.requestor || c.originator != "" || o.Manufacturer+o.Model+o.Serial+o.StationName == "" {
		return
	}
	dev := device{vendor: o.Manufacturer, model: o.Model, serial: o.Serial, software: o.Software, station: o.StationName,
		stationAE: o.PerformedStationAE, modality: o.Modality}
	k := &a.maker
	if !k.set {
		*k = maker{set: true, dev: dev, ref: m.ref}
		return
	}
	one, two := k.dev, dev
	one.stationAE, two.stationAE, one.modality, two.modality = "", "", "", "" // reports and images of one device differ there
	k.several = k.several || one != two
}

// identify writes the evidence of who both sides are.
func (d *dissector) identify(a *association, out *event.Batch) {
	if a.row.Result == "" {
		d.roles(a, out)
	}
	if !a.known || (a.row.Result != "accepted" && a.row.Result != "rejected") {
		return
	}
	rq, ac := d.address(a.requestor), d.address(a.requestor.Other())
	r := &a.row
	d.say(out, a.ref, rq, "software", r.CallingVersion, "dicom.implementation_version", 80)
	d.say(out, a.ref, rq, "software", r.CallingUID, "dicom.implementation_class_uid", 60)
	if r.Result != "accepted" {
		return
	}
	d.say(out, a.ref, rq, "ae_title", r.CallingAE, "dicom.calling_ae", 70)
	d.say(out, a.ref, ac, "ae_title", r.CalledAE, "dicom.called_ae", 80)
	d.say(out, a.ref, ac, "software", r.CalledVersion, "dicom.implementation_version", 80)
	d.say(out, a.ref, ac, "software", r.CalledUID, "dicom.implementation_class_uid", 60)
	if k := &a.maker; k.several {
		a.roles[a.requestor] |= roleForwarder
	} else if k.set {
		d.device(k, r.CallingAE, rq, out)
	}
	d.roles(a, out)
}

func (d *dissector) roles(a *association, out *event.Batch) {
	for _, side := range []dissect.Dir{dissect.FromClient, dissect.FromServer} {
		for bit := roleStorageSCU; bit < roleEnd; bit <<= 1 {
			if a.roles[side]&bit != 0 {
				d.say(out, a.ref, d.address(side), "role", roleNames[bit], "dicom.command", 80)
			}
		}
	}
}

// device writes what the objects of a sender say of it.
func (d *dissector) device(k *maker, callingAE string, ip netip.Addr, out *event.Batch) {
	confidence := int64(50)
	if k.dev.stationAE != "" && k.dev.stationAE == callingAE {
		confidence = 85
	}
	v := &k.dev
	d.say(out, k.ref, ip, "vendor", v.vendor, "dicom.manufacturer", confidence)
	d.say(out, k.ref, ip, "model", v.model, "dicom.model_name", confidence)
	d.say(out, k.ref, ip, "serial", v.serial, "dicom.device_serial_number", confidence)
	d.say(out, k.ref, ip, "version", v.software, "dicom.software_versions", confidence)
	d.say(out, k.ref, ip, "hostname", v.station, "dicom.station_name", confidence-10)
	if acquires[v.modality] {
		d.say(out, k.ref, ip, "class", "modality "+v.modality, "dicom.modality", confidence)
	}
}

func (d *dissector) address(side dissect.Dir) netip.Addr {
	if side == dissect.FromClient {
		return d.conn.Client.Addr()
	}
	return d.conn.Server.Addr()
}

func (d *dissector) say(out *event.Batch, ref event.Ref, ip netip.Addr, attribute, value, source string, confidence int64) {
	if value == "" {
		return
	}
	event.Identities.Emit(out, ref, event.Identity{IP: ip.String(), Attribute: attribute, Value: value, Source: source, Confidence: confidence})
}
