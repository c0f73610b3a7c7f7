package analyze

import (
	"context"
	"database/sql"

	"wardtrace/analyze/object"
	"wardtrace/dissect"
)

// plan asks the case which conversations are wanted, and which of them carry a file that was asked for in another one.
func (x *extraction) plan(ctx context.Context) error {
	db, _, err := Open(ctx, x.opt.Case)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := x.choose(ctx, db); err != nil {
		return err
	}
	x.transfers, x.commands = map[uint64]*transfer{}, map[rowKey]*transfer{}
	rows, err := db.QueryContext(ctx, `SELECT flow_id, seq, data_flow_id, protocol, command, data_dir, coalesce(complete, false)
		FROM file_transfer WHERE data_flow_id IS NOT NULL ORDER BY ALL`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		t, dir := &transfer{}, ""
		if err := rows.Scan(&t.flow, &t.seq, &t.data, &t.protocol, &t.command, &dir, &t.complete); err != nil {
			return err
		}
		if dir == dissect.FromServer.String() {
			t.from = dissect.FromServer
		}
		if x.only[t.flow] {
			x.only[t.data] = true
		}
		if x.only == nil || x.only[t.data] {
			x.transfers[t.data], x.commands[t.rowKey] = t, t
		}
	}
	return rows.Err()
}

// choose finds the conversations that the options ask for.
func (x *extraction) choose(ctx context.Context, db *sql.DB) error {
	c := &carving{db: db}
	var flows []uint64
	for _, err := range []error{add(&flows)(c.named(ctx, x.opt.Flows)), add(&flows)(c.devices(ctx, x.opt.Devices))} {
		if err != nil {
			return err
		}
	}
	findings, err := c.findings(ctx, &CarveOptions{Findings: x.opt.Findings, Incidents: x.opt.Incidents})
	if err != nil {
		return err
	}
	if len(findings) > 0 {
		if err := add(&flows)(column1[uint64](ctx, db, behind, list(findings))); err != nil {
			return err
		}
	}
	x.what = c.asked
	if len(c.asked) == 0 {
		return nil
	}
	x.only = map[uint64]bool{}
	for _, id := range flows {
		x.only[id] = true
	}
	return nil
}

// behind are the conversations behind findings.
const behind = "SELECT DISTINCT flow_id FROM finding_evidence WHERE flow_id IS NOT NULL AND finding_id IN " + unlistText

// objectPatients are the patients of objects, by what the wire calls the object. A message is the one whose last line stands on the frame.
const objectPatients = `
SELECT 'dicom', flow_id, sop_instance, patient_id, 0, 0 FROM dicom_dataset WHERE kind = 'object' AND patient_id IS NOT NULL AND sop_instance IS NOT NULL
UNION ALL SELECT 'dicom', flow_id, sop_instance, patient_id, 0, 0 FROM dicomweb_dataset WHERE kind = 'object' AND patient_id IS NOT NULL AND sop_instance IS NOT NULL
UNION ALL SELECT 'hl7', flow_id, coalesce(control_id, ''), patient_id, file, frame FROM hl7_message WHERE patient_id IS NOT NULL
ORDER BY ALL`

// patients fills in whose an object is, as the case says: pseudonyms, unless it was made with --phi clear.
func (x *extraction) patients(ctx context.Context, entries []object.Entry) error {
	type key struct {
		kind string
		flow uint64
		name string
	}
	objects := map[key][]*object.Entry{}
	for i := range entries {
		e := &entries[i]
		k := key{e.Kind, e.FlowID, e.Name}
		objects[k] = append(objects[k], e)
	}
	db, _, err := Open(ctx, x.opt.Case)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, objectPatients)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k key
		var patient string
		var file, frame uint32
		if err := rows.Scan(&k.kind, &k.flow, &k.name, &patient, &file, &frame); err != nil {
			return err
		}
		k.name = object.Text(k.name)
		for _, e := range objects[k] {
			if e.Patient == "" || e.LastFile == file && e.LastFrame == frame {
				e.Patient = object.Text(patient)
			}
		}
	}
	return rows.Err()
}
