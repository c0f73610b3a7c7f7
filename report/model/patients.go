package model

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"
)

// Patients are those whose data was seen in clear text, counted by identifier: a pseudonym, unless the case keeps patient data in
// clear. Then the report gives numbers alone: it is passed around, and nobody asked for names in it.
type Patients struct {
	Count     int64 // distinct identifiers
	Outside   int64 // of these, in conversations with an address outside the site
	Incidents int64 // of these, in conversations that are evidence of an incident
	Rows      int64 // messages and objects that named one
	Nameless  int64 // messages and objects that named a patient without an identifier: they are in no count
	Sources   []Source
	List      []Patient // at most maxPatients
	Addresses []Outside // at most maxOutside
	Readable  bool      // the case has tables that could show patients, and one of them has rows
}

// Source is a table in which patients were seen.
type Source struct {
	Table          string
	Patients, Rows int64
}

// Patient is one identifier.
type Patient struct {
	ID          string
	First, Last time.Time
	Rows, Flows int64
	Tables      []string
	Outside     []string // addresses outside the site, at most maxList
}

// Outside is an address outside the site to or from which patient data went.
type Outside struct {
	Address         string
	Patients, Flows int64
	Bytes           int64 // both ways, in conversations that carried patient data
	First, Last     time.Time
}

// asked leaves out rows whose identifier was asked for and not answered: a query for someone is no proof of a patient.
var asked = map[string]string{"dicom_dataset": " AND kind IS DISTINCT FROM 'query'"}

// patientTables gives the tables whose rows name a patient: every one with rows and a column patient_id, whatever protocol it belongs to.
func (r *reader) patientTables() (tables []string) {
	for table, cols := range r.columns {
		if r.filled[table] && cols["patient_id"] && cols["flow_id"] && cols["ts"] {
			tables = append(tables, table)
		}
	}
	sort.Strings(tables)
	return tables
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (r *reader) patients(c *Case) error {
	tables := r.patientTables()
	if len(tables) == 0 || !r.has("flow") {
		return nil
	}
	p := &c.Patients
	one, done, err := r.seen(tables)
	if err != nil {
		return err
	}
	defer done()
	err = one.scan(`SELECT count(*), count(*) FILTER (WHERE out), coalesce(sum(n), 0)::BIGINT FROM (SELECT id, bool_or(out) AS out, sum(n) AS n FROM seen GROUP BY id)`, nil,
		number(&p.Count), number(&p.Outside), number(&p.Rows))
	if err != nil {
		return err
	}
	for _, t := range tables {
		var any int64
		if err := r.scan(`SELECT count(*) FROM (SELECT 1 FROM `+quoted(t)+` LIMIT 1)`, nil, number(&any)); err != nil {
			return err
		}
		p.Readable = p.Readable || any > 0
		if !r.columns[t]["patient_name"] {
			continue
		}
		var n int64
		err := r.scan(`SELECT count(*) FROM `+quoted(t)+` WHERE coalesce(trim(patient_id::VARCHAR, '*?% '), '') = '' AND trim(patient_name::VARCHAR, '*?^% ') <> ''`+asked[t], nil, number(&n))
		if err != nil {
			return err
		}
		p.Nameless += n
	}
	for _, step := range []func(*Case) error{one.patientSources, one.patientList, one.patientsOutside, one.patientsOfIncidents} {
		if err := step(c); err != nil {
			return err
		}
	}
	return nil
}

// seen puts who was named in which conversation into a temporary table, which all questions about patients are asked of: to gather it from
// every table anew for each took most of a report's time. The tables are counted one after the other: a flood that invents millions of
// patients fills each of them, and all at once fit no memory. A temporary table belongs to a connection, and can be made in a case that is
// read only.
func (r *reader) seen(tables []string) (one *reader, done func(), err error) {
	conn, err := r.pool.Conn(r.ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the case: %w", err)
	}
	into := "CREATE OR REPLACE TEMP TABLE seen AS"
	for _, t := range tables {
		_, err = conn.ExecContext(r.ctx, fmt.Sprintf(`%s
			SELECT s.*, coalesce(NOT (f.src_local AND f.dst_local), false) AS out, f.src_local, f.dst_local, f.src_ip, f.dst_ip, f.src_bytes + f.dst_bytes AS bytes
			FROM (SELECT '%s' AS tab, patient_id::VARCHAR AS id, flow_id, min(ts) AS first, max(ts) AS last, count(*) AS n FROM %s
				WHERE trim(patient_id::VARCHAR, '*?%% ') <> ''%s GROUP BY ALL) s LEFT JOIN flow f USING (flow_id)`,
			into, strings.ReplaceAll(t, "'", "''"), quoted(t), asked[t]))
		if err != nil {
			conn.Close()
			return nil, nil, fmt.Errorf("reading the case: %w", err)
		}
		into = "INSERT INTO seen"
	}
	one = &reader{ctx: r.ctx, pool: r.pool, db: conn, columns: r.columns}
	return one, func() { conn.ExecContext(context.WithoutCancel(r.ctx), "DROP TABLE temp.seen"); conn.Close() }, nil
}

func (r *reader) patientSources(c *Case) error {
	return r.each(`SELECT tab, count(*), sum(n)::BIGINT FROM (SELECT tab, id, sum(n) AS n FROM seen GROUP BY ALL) GROUP BY tab ORDER BY 2 DESC, tab`, nil, func(scan scanner) error {
		var s Source
		if err := scan(text(&s.Table), number(&s.Patients), number(&s.Rows)); err != nil {
			return err
		}
		c.Patients.Sources = append(c.Patients.Sources, s)
		return nil
	})
}

// patientList asks for the lists of those patients alone that are shown: of millions, which a flood may invent, they fit no memory. Who is
// shown is asked for before: in one statement with the lists, DuckDB was seen to crash when it ran out of memory.
func (r *reader) patientList(c *Case) error {
	var shown []any
	err := r.each(`SELECT id FROM seen GROUP BY id ORDER BY bool_or(out) DESC, sum(n) DESC, id LIMIT ?`, []any{maxPatients}, func(scan scanner) error {
		var id string
		shown = append(shown, &id)
		return scan(text(&id))
	})
	if err != nil || len(shown) == 0 {
		return err
	}
	for i, id := range shown {
		shown[i] = *id.(*string)
	}
	return r.each(`SELECT id, min(first), max(last), sum(n)::BIGINT, count(DISTINCT flow_id), list(DISTINCT tab ORDER BY tab),
		list(DISTINCT CASE WHEN NOT dst_local THEN dst_ip WHEN NOT src_local THEN src_ip END ORDER BY CASE WHEN NOT dst_local THEN dst_ip WHEN NOT src_local THEN src_ip END)
			FILTER (WHERE out)[1:?]
		FROM seen WHERE id IN (?`+strings.Repeat(", ?", len(shown)-1)+`) GROUP BY id ORDER BY bool_or(out) DESC, 4 DESC, id`, append([]any{maxList}, shown...), func(scan scanner) error {
		var p Patient
		if err := scan(text(&p.ID), moment(&p.First), moment(&p.Last), number(&p.Rows), number(&p.Flows), list(&p.Tables), list(&p.Outside)); err != nil {
			return err
		}
		if c.Clear {
			p.ID = ""
		}
		c.Patients.List = append(c.Patients.List, p)
		return nil
	})
}

func (r *reader) patientsOutside(c *Case) error {
	return r.each(`WITH far AS (SELECT CASE WHEN NOT dst_local THEN dst_ip ELSE src_ip END AS address, id, flow_id, first, last, bytes FROM seen WHERE out),
		size AS (SELECT address, sum(bytes)::BIGINT AS bytes FROM (SELECT DISTINCT address, flow_id, bytes FROM far) GROUP BY address)
		SELECT address, count(DISTINCT id), count(DISTINCT flow_id), any_value(size.bytes), min(first), max(last) FROM far JOIN size USING (address) WHERE address IS NOT NULL
		GROUP BY address ORDER BY 2 DESC, address LIMIT ?`, []any{maxOutside}, func(scan scanner) error {
		var o Outside
		if err := scan(text(&o.Address), number(&o.Patients), number(&o.Flows), number(&o.Bytes), moment(&o.First), moment(&o.Last)); err != nil {
			return err
		}
		c.Patients.Addresses = append(c.Patients.Addresses, o)
		return nil
	})
}

func (r *reader) patientsOfIncidents(c *Case) error {
	if !r.has("finding", "finding_evidence") {
		return nil
	}
	err := r.scan(`SELECT count(DISTINCT s.id) FROM seen s JOIN finding_evidence e USING (flow_id) JOIN finding f USING (finding_id)
		WHERE f.incident_id IS NOT NULL`, nil, number(&c.Patients.Incidents))
	if err != nil {
		return err
	}
	return r.each(`SELECT f.incident_id, count(DISTINCT s.id) FROM seen s JOIN finding_evidence e USING (flow_id) JOIN finding f USING (finding_id)
		WHERE f.incident_id IS NOT NULL GROUP BY 1 ORDER BY 1`, nil, func(scan scanner) error {
		var number_, n int64
		if err := scan(number(&number_), number(&n)); err != nil {
			return err
		}
		for _, i := range c.Incidents {
			if i.Number == number_ {
				i.Patients = n
			}
		}
		return nil
	})
}

// PatientLine is the patients in one line. Where no message could be read that names patients, it says that and not none.
func (c *Case) PatientLine() string {
	p := c.Patients
	var s string
	switch {
	case p.Count == 0 && !p.Readable:
		s = "none counted: the capture holds no clinical message that could be read"
	case p.Count == 0:
		s = "no patient identifier in what could be read in clear text"
	default:
		s = Count(p.Count) + " seen in clear text, "
		if p.Incidents > 0 {
			s += Count(p.Incidents) + " of them in conversations of an incident, "
		}
		if p.Outside == 0 {
			s += "none in a readable conversation with an address outside the site"
		} else {
			s += Count(p.Outside) + " in conversations with an address outside the site"
		}
	}
	if p.Nameless > 0 {
		s += "; " + Of(p.Nameless, "more message names", "more messages name") + " a patient without identifier"
	}
	return s
}
