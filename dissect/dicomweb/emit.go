package dicomweb

import (
	"net/netip"

	"wardtrace/dissect"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
)

// maxSeries bounds the series that are summed in one exchange; a study has some ten.
const maxSeries = 256

// maxUID bounds what is remembered of a UID; real ones have at most 64 characters (PS3.5 9.1).
const maxUID = 128

// rowOf copies the attributes of a data set.
func rowOf(a *dataset.Attr) *Dataset {
	row := &Dataset{PatientID: a.PatientID, PatientIssuer: a.PatientIssuer, PatientName: a.PatientName, BirthDate: a.BirthDate, Sex: a.Sex,
		PatientAddress: a.PatientAddress, PatientTel: a.PatientTel, Accession: a.Accession, RequestedProcedure: a.RequestedProcedure,
		AdmissionID: a.AdmissionID, ReferringPhysician: a.ReferringPhysician, PerformingPhysician: a.PerformingPhysician, Operator: a.Operator,
		IdentityRemoved: a.IdentityRemoved, BurnedIn: a.BurnedIn, StudyUID: a.StudyUID, StudyCount: int64(len(a.StudyUIDs)), SeriesUID: a.SeriesUID,
		SOPClass: a.SOPClass, SOPClassName: dataset.Name(a.SOPClass), SOPInstance: a.SOPInstance, Modality: either(a.Modality, a.ModalitiesInStudy),
		BodyPart: a.BodyPart, StudyDate: a.StudyDate, StudyTime: a.StudyTime, StudyDescription: a.StudyDescription,
		SeriesDescription: a.SeriesDescription, SeriesNumber: a.SeriesNumber, InstanceNumber: a.InstanceNumber, ImageType: a.ImageType,
		Manufacturer: a.Manufacturer, Model: a.Model, Serial: a.Serial, Software: a.Software, StationName: a.StationName,
		Institution: a.Institution, StepStatus: a.StateOfProcedure, DocumentType: a.DocumentType, Photometric: a.Photometric,
		Rows: some(a.Rows), Columns: some(a.Columns), Frames: some(a.Frames)}
	if row.StudyCount == 0 && a.StudyUID != "" {
		row.StudyCount = 1
	}
	return row
}

// fill says where a data set stood.
func (r *Dataset) fill(d *dissector, p *part, kind string) {
	r.TransDepth, r.Dir, r.Kind, r.Part, r.DatasetBytes, r.LostBytes = d.ex.Depth, p.dir.String(), kind, p.number, p.bytes, p.lost
}

// gathered copies what was gathered of an object beside its attributes.
func (r *Dataset) gathered(o *dataset.Object) {
	r.PatientFields, r.CharacterSet, r.CharacterSetGuessed = o.PatientFields, o.Charset, o.CharsetGuessed
	r.PixelBytes, r.PixelDigest, r.ContentDigest, r.DocumentBytes = o.PixelBytes, o.PixelDigest, o.ContentDigest, o.DocumentBytes
	r.Foreign, r.Executable, r.Elements, r.PrivateElements = o.Foreign, o.Executable, int64(o.Elements), int64(o.PrivateElements)
	r.InvalidUID, r.PathCharacters, r.ActiveText, r.Fault = o.InvalidUID, o.PathCharacters, o.ActiveText, o.Fault.String()
	s := o.Syntax()
	r.Encoding = "explicit_le"
	switch {
	case s.Implicit:
		r.Encoding = "implicit_le"
	case s.BigEndian:
		r.Encoding = "explicit_be"
	}
	if o.Deflated {
		r.Encoding = "deflated_" + r.Encoding
	}
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// transfers sums the objects of an exchange by series.
type transfers struct {
	order  []*transfer
	series map[seriesKey]*transfer
	of     map[string]*transfer // by instance, for the answer
	full   bool
}

// seriesKey names a series: its UID should be unique, but who sends may lie.
type seriesKey struct {
	dir           dissect.Dir
	study, series string
}

type transfer struct {
	row clinical.ImageTransfer
	ref event.Ref
}

// moved counts an object that crossed.
func (d *dissector) moved(p *part, a *dataset.Attr, instance string, seq uint32) {
	m := &d.moves
	k := seriesKey{p.dir, clip(a.StudyUID, maxUID), clip(a.SeriesUID, maxUID)}
	t := m.series[k]
	if t == nil {
		if len(m.order) >= maxSeries {
			if !m.full {
				m.full = true
				d.anomaly("dicomweb_series_limit", maxSeries, "more series in one exchange than are summed: the table image_transfer has not all")
			}
			return
		}
		t = &transfer{ref: d.ref, row: clinical.ImageTransfer{Protocol: Protocol.Name, Source: datasets.Name, ParentSeq: int64(seq), Study: k.study,
			Series: k.series, Modality: a.Modality}}
		d.ways(&t.row, p.dir)
		if m.series == nil {
			m.series, m.of = map[seriesKey]*transfer{}, map[string]*transfer{}
		}
		m.series[k] = t
		m.order = append(m.order, t)
	}
	t.row.Objects++
	t.row.Bytes += p.bytes
	t.row.Until = max(t.row.Until, d.ref.Time)
	t.row.PatientID = either(t.row.PatientID, a.PatientID)
	if len(m.of) < maxRefused && len(instance) <= maxUID {
		m.of[instance] = t
	}
	if p.dir == dissect.FromClient {
		d.maker.add(a, d.ref)
	}
}

// ways fills in from where to where.
func (d *dissector) ways(row *clinical.ImageTransfer, dir dissect.Dir) {
	row.FromIP, row.ToIP, row.Mode = text(d.conn.Client.Addr()), text(d.conn.Server.Addr()), "push"
	if dir == dissect.FromServer {
		row.FromIP, row.ToIP, row.Mode = row.ToIP, row.FromIP, "pull"
	}
}

func text(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// transfer writes what moved. Stored objects that the answer does not vouch for have failed.
func (d *dissector) transfer() {
	for _, i := range d.refused {
		if t := d.moves.of[i]; t != nil && t.row.Mode == "push" && t.row.Failed < t.row.Objects {
			t.row.Failed++
		}
	}
	for _, t := range d.moves.order {
		if t.row.Mode == "push" && !d.row.Stored.OK && d.ex.Status/100 != 2 {
			t.row.Failed = t.row.Objects
		}
		clinical.ImageTransfers.Emit(d.out, t.ref, t.row)
	}
}

// maker is the device that stored objects name, as long as all of an exchange name one.
type maker struct {
	set, several                   bool
	vendor, model, serial, version string
	ref                            event.Ref
}

func (m *maker) add(a *dataset.Attr, ref event.Ref) {
	if a.Manufacturer+a.Model+a.Serial == "" {
		return
	}
	is := maker{set: true, vendor: a.Manufacturer, model: a.Model, serial: a.Serial, version: a.Software, ref: ref}
	switch {
	case !m.set:
		*m = is
	case m.vendor != is.vendor || m.model != is.model || m.serial != is.serial || m.version != is.version:
		m.several = true
	}
}

// identify writes the evidence of who both sides are, once a connection.
func (d *dissector) identify() {
	if d.ex.Status/100 != 2 || d.t.service == "file" {
		return
	}
	client, server := d.conn.Client.Addr(), d.conn.Server.Addr()
	d.say(server, "role", "dicomweb_server", "dicomweb.service", 80)
	d.say(client, "role", "dicomweb_client", "dicomweb.service", 70)
	if d.t.operation == "system" && d.facts["ApiVersion"] != "" {
		d.say(server, "software", "Orthanc "+d.facts["Version"], "dicomweb.system", 90)
		d.say(server, "ae_title", d.facts["DicomAet"], "dicomweb.system", 80)
	}
	if d.t.product == "dcm4chee-arc" {
		d.say(server, "software", "dcm4chee-arc", "dicomweb.path", 60)
	}
	// Who stores by HTTP is a gateway as often as the device itself.
	if m := &d.maker; m.set && !m.several {
		d.say(client, "vendor", m.vendor, "dicomweb.manufacturer", 40)
		d.say(client, "model", m.model, "dicomweb.model_name", 40)
		d.say(client, "serial", m.serial, "dicomweb.device_serial_number", 40)
		d.say(client, "version", m.version, "dicomweb.software_versions", 40)
	}
}

// saidLimit bounds what is remembered of a connection as said.
const saidLimit = 256

func (d *dissector) say(ip netip.Addr, attribute, value, source string, confidence int64) {
	if value == "" || !ip.IsValid() {
		return
	}
	said, _ := d.ex.Connection.Kept(Protocol.Name).(map[string]bool)
	if said == nil {
		said = map[string]bool{}
		d.ex.Connection.Keep(Protocol.Name, said)
	}
	key := attribute + "\x00" + value + "\x00" + ip.String()
	if said[key] {
		return
	}
	if len(said) < saidLimit {
		said[key] = true
	}
	event.Identities.Emit(d.out, d.ex.Ref, event.Identity{IP: ip.String(), Attribute: attribute, Value: value, Source: source, Confidence: confidence})
}
