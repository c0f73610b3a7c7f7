package analyze

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
	"wardtrace/dissect/nomenclature"
	"wardtrace/samples"
)

// TestClinicalView holds what the case promises about patients, over the samples in one case: one patient is one patient in every
// protocol, every row of the shared tables stands on one row of its source and has the words of the manual, and without --phi clear no
// patient can be read out of any column.
func TestClinicalView(t *testing.T) {
	names, err := samples.List("")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, name := range names {
		if name != "hostile-text" { // its patients have the words of markup and of programs for names
			paths = append(paths, samples.Dir(name))
		}
	}
	plain := run(t, "", func(o *Options) { o.Paths, o.PHI = paths, "clear" }).DB
	sealed := run(t, "", func(o *Options) { o.Paths = paths }).DB
	t.Run("patient", func(t *testing.T) { onePatient(t, plain, sealed) })
	t.Run("source", func(t *testing.T) { sourceRows(t, sealed) })
	t.Run("words", func(t *testing.T) { sharedWords(t, sealed) })
	t.Run("codes", func(t *testing.T) { sharedCodes(t, sealed) })
	t.Run("leak", func(t *testing.T) { noLeak(t, plain, sealed) })
}

// The invented patient that the samples of most protocols have, as the protocols write it.
const joinID, joinName, joinBirth = "LAB-4711", "LABPATIENT^JOIN", "19700102"

// carriers are the tables that must know that patient: DICOM, HL7 v2, HL7 v3 and CDA, FHIR, SDC (ISO/IEEE 11073), laboratories,
// payers, monitors, sensors. Of the shared ones, with the protocols that fill them.
var carriers = map[string][]string{
	"dicom_dataset": nil, "hl7_message": nil, "hl7_observation": nil, "hl7_order": nil, "hl7_patient_id": nil, "hl7v3_patient": nil, "cda_document": nil,
	"fhir": nil, "fhir_resource": nil, "sdc_context": nil, "astm_message": nil, "astm_order": nil, "astm_result": nil, "poct1a_result": nil, "x12_patient": nil,
	"intellivue_patient": nil, "contec_patient": nil, "coap": nil, "sensor_message": nil,
	"observation":      {"astm", "contec", "fhir", "hl7", "intellivue", "poct1a", "sdc", "sensor"},
	"alarm":            {"contec", "hl7", "intellivue", "sdc"},
	"therapy":          {"fhir", "hl7", "sdc"},
	"image_transfer":   {"dicom"},
	"patient_movement": {"fhir", "hl7"},
}

// onePatient holds that the patient has one pseudonym wherever the same text is in the case in clear, and that name and birth date go with it.
func onePatient(t *testing.T, plain, sealed *sql.DB) {
	pseudonym := column(t, sealed, "SELECT DISTINCT patient_id FROM hl7_message WHERE hl7_message.patient_name = (SELECT patient_name FROM contec_patient LIMIT 1) AND patient_id IS NOT NULL")
	if len(pseudonym) != 1 || !strings.HasPrefix(pseudonym[0], "id:") {
		t.Fatalf("the patient of HL7 and Contec has the pseudonyms %q", pseudonym)
	}
	for table, protocols := range carriers {
		protocol := "''"
		if protocols != nil {
			protocol = "protocol"
		}
		count := "SELECT p || ' ' || count(*) FROM (SELECT " + protocol + " AS p FROM %s WHERE patient_id = '%s') GROUP BY p ORDER BY p"
		clear, hidden := column(t, plain, fmt.Sprintf(count, table, joinID)), column(t, sealed, fmt.Sprintf(count, table, pseudonym[0]))
		if !slices.Equal(clear, hidden) || len(clear) == 0 {
			t.Errorf("%s: rows of the patient in clear %q, under the pseudonym %q", table, clear, hidden)
		}
		for _, p := range protocols {
			if !slices.ContainsFunc(hidden, func(s string) bool { return strings.HasPrefix(s, p+" ") }) {
				t.Errorf("%s: no row of the patient from %s, only %q", table, p, hidden)
			}
		}
	}
	for _, c := range [][3]string{{"patient_name", "name:", joinName}, {"birth_date", "birth:", joinBirth}} {
		var query []string
		for _, table := range column(t, sealed, "SELECT table_name FROM duckdb_columns() WHERE NOT internal AND column_name = '"+c[0]+"' ORDER BY 1") {
			if _, ok := carriers[table]; ok {
				query = append(query, fmt.Sprintf("SELECT DISTINCT %s FROM %s WHERE patient_id = '%%[1]s' AND %[1]s IS NOT NULL", c[0], table))
			}
		}
		union := strings.Join(query, " UNION ")
		hidden := column(t, sealed, strings.ReplaceAll(union, "%[1]s", pseudonym[0]))
		if len(query) < 9 || len(hidden) != 1 || !strings.HasPrefix(hidden[0], c[1]) {
			t.Errorf("%s in %d tables: pseudonyms %q, want one", c[0], len(query), hidden)
		}
		for _, v := range column(t, plain, strings.ReplaceAll(union, "%[1]s", joinID)) {
			if strings.ReplaceAll(v, "-", "") != c[2] {
				t.Errorf("%s in clear: %q, want %s", c[0], v, c[2])
			}
		}
	}
}

// sourceRows holds that every row of a shared table names one row of its source, in the same flow, and that a flow's seq is never given twice.
func sourceRows(t *testing.T, db *sql.DB) {
	for _, shared := range clinical.Tables() {
		sources := column(t, db, "SELECT DISTINCT source FROM "+shared.Name+" ORDER BY 1")
		if len(sources) == 0 {
			t.Errorf("%s is empty", shared.Name)
		}
		if n := number(t, db, "SELECT count(*) FROM "+shared.Name+" WHERE source IS NULL OR protocol IS NULL OR parent_seq IS NULL OR flow_id IS NULL"); n > 0 {
			t.Errorf("%s: %d rows name no source", shared.Name, n)
		}
		for _, source := range sources {
			query := fmt.Sprintf(`SELECT x.protocol || ' flow ' || x.flow_id || ' seq ' || x.seq || ' parent ' || x.parent_seq || ': ' || count(s.seq) FROM %s x
				LEFT JOIN %s s ON s.flow_id = x.flow_id AND s.seq = x.parent_seq WHERE x.source = '%s' GROUP BY x.protocol, x.flow_id, x.seq, x.parent_seq HAVING count(s.seq) <> 1 ORDER BY 1 LIMIT 3`,
				shared.Name, source, source)
			if odd := column(t, db, query); len(odd) > 0 {
				t.Errorf("%s: not one row of %s: %q", shared.Name, source, odd)
			}
		}
	}
	var all []string
	for _, table := range Tables() {
		joined := table.Name == "dicom_move" || table.Name == "file_transfer" // their seq is that of the message they were made from
		if !joined && slices.ContainsFunc(table.Columns, func(c event.Column) bool { return c.Name == "seq" }) {
			all = append(all, fmt.Sprintf("SELECT flow_id, seq, '%s' AS t FROM %q WHERE flow_id IS NOT NULL AND seq > 0", table.Name, table.Name))
		}
	}
	twice := column(t, db, "SELECT l || ': ' || count(*) FROM (SELECT list(t ORDER BY t)::VARCHAR AS l FROM ("+strings.Join(all, " UNION ALL ")+
		") GROUP BY flow_id, seq HAVING count(*) > 1) GROUP BY l ORDER BY 1 LIMIT 5")
	if len(twice) > 0 {
		t.Errorf("rows of one flow with the same seq, by tables: %q", twice)
	}
}

// sharedWords holds the shared tables to the words that their manual promises.
func sharedWords(t *testing.T, db *sql.DB) {
	for where, words := range map[string]string{
		"observation.dir":        "client server",
		"alarm.dir":              "client server",
		"therapy.dir":            "client server",
		"alarm.phase":            "start ongoing silenced off on limits end",
		"alarm.priority":         "high medium low info",
		"alarm.kind":             "physiological technical advisory",
		"therapy.action":         "order cancel start stop pause bolus change report given",
		"image_transfer.mode":    "push pull",
		"patient_movement.event": "admit register transfer discharge leave return update merge cancel_admit cancel_transfer cancel_discharge swap",
	} {
		table, col, _ := strings.Cut(where, ".")
		got := column(t, db, fmt.Sprintf("SELECT DISTINCT %s FROM %s WHERE %[1]s IS NOT NULL ORDER BY 1", col, table))
		for _, w := range got {
			if !slices.Contains(strings.Fields(words), w) {
				t.Errorf("%s has the word %q", where, w)
			}
		}
		if len(got) == 0 {
			t.Errorf("%s is empty", where)
		}
	}
	for _, need := range []string{"alarm.phase", "therapy.action", "patient_movement.event", "observation.dir", "alarm.dir", "therapy.dir", "image_transfer.mode"} {
		table, col, _ := strings.Cut(need, ".")
		if got := column(t, db, fmt.Sprintf("SELECT protocol || ' ' || count(*) FROM %s WHERE %s IS NULL GROUP BY protocol ORDER BY 1", table, col)); len(got) > 0 {
			t.Errorf("%s is not said: %q", need, got)
		}
	}
}

// sharedCodes holds that the same thing has the same code and unit whatever carried it: reference identifiers, not numbers, and UCUM.
func sharedCodes(t *testing.T, db *sql.DB) {
	for _, table := range []string{"observation", "alarm", "therapy"} {
		for _, code := range column(t, db, "SELECT DISTINCT code FROM "+table+" WHERE coding_system = 'MDC' AND code IS NOT NULL") {
			if n, err := strconv.ParseUint(code, 10, 32); err == nil {
				if term, ok := nomenclature.Lookup(uint32(n)); ok {
					t.Errorf("%s: %s stands as the number %s", table, term.RefID, code)
				}
			} else if !strings.HasPrefix(code, "MDC_") && !strings.HasPrefix(code, "MDCX_") {
				t.Errorf("%s: %q is no code of ISO/IEEE 11073-10101", table, code)
			}
		}
		for _, system := range column(t, db, "SELECT DISTINCT coding_system FROM "+table+" WHERE coding_system IS NOT NULL") {
			if u := strings.ToUpper(system); u == "MDC" && system != "MDC" || u == "LOINC" || u == "RXNORM" && system != "RxNorm" {
				t.Errorf("%s: the coding system %s has another spelling elsewhere", table, system)
			}
		}
		if table == "alarm" {
			continue
		}
		for _, unit := range column(t, db, "SELECT DISTINCT unit FROM "+table+" WHERE unit LIKE 'MDC%'") {
			if term, ok := nomenclature.ByRefID(unit); ok && term.UCUM != "" {
				t.Errorf("%s: the unit %s is not %s", table, unit, term.UCUM)
			}
		}
	}
	if got := column(t, db, "SELECT DISTINCT protocol FROM observation WHERE code = 'MDC_ECG_HEART_RATE' ORDER BY 1"); len(got) < 6 {
		t.Errorf("only %q tell a heart rate by one code", got)
	}
}

// word is what an identifier, a part of a name or a date can be: letters, digits and hyphens.
var word = regexp.MustCompile(`[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*`)

// loinc is a code of LOINC. Where a sender's fields are shifted, one may stand for a patient's identifier; it names nobody.
var loinc = regexp.MustCompile(`^[0-9]{1,5}-[0-9]$`)

// noLeak holds that what is patient data in one column stands in clear in none: every identifier, family name and birth date of the case in clear is
// looked for in every text of the other one, beside those that the samples' readmes name.
func noLeak(t *testing.T, plain, sealed *sql.DB) {
	secret := map[string]string{"LABPATIENT": "readme", joinID: "readme", "LAB4711": "readme", joinBirth: "readme", "1970-01-02": "readme"}
	for _, table := range Tables() {
		for _, c := range table.Columns {
			if c.PHI != event.PHIID && c.PHI != event.PHIName && c.PHI != event.PHIBirth {
				continue
			}
			for _, v := range column(t, plain, fmt.Sprintf("SELECT DISTINCT %q FROM %q WHERE %[1]q IS NOT NULL", c.Name, table.Name)) {
				for _, w := range sensitive(c.PHI, v) {
					if _, ok := secret[w]; !ok {
						secret[w] = table.Name + "." + c.Name
					}
				}
			}
		}
	}
	if len(secret) < 200 {
		t.Fatalf("only %d words of patients: the test does not see them", len(secret))
	}
	for _, table := range column(t, sealed, "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND table_name <> 'phi_vault' ORDER BY 1") {
		for _, col := range column(t, sealed, "SELECT column_name FROM duckdb_columns() WHERE table_name = '"+table+"' AND data_type LIKE 'VARCHAR%' ORDER BY 1") {
			for _, v := range column(t, sealed, fmt.Sprintf("SELECT DISTINCT %q::VARCHAR FROM %q WHERE %[1]q IS NOT NULL", col, table)) {
				for _, w := range word.FindAllString(strings.ToUpper(v), -1) {
					if from, ok := secret[w]; ok {
						t.Errorf("%s.%s holds %q, patient data by %s: %.80q", table, col, w, from, v)
					}
				}
			}
		}
	}
}

// sensitive gives the words of a value that alone name a patient: identifiers with digits, family names, whole dates. Short numbers and given names
// do not, nor does the model in a device's name that its owner's name is part of.
func sensitive(kind event.PHI, value string) []string {
	value = strings.ToUpper(value)
	switch kind {
	case event.PHIName:
		value, _, _ = strings.Cut(value, "^")
	case event.PHIBirth:
		digits := strings.ReplaceAll(value, "-", "")
		if len(digits) < 8 || strings.Trim(digits[:8], "0123456789") != "" {
			return nil
		}
		return []string{digits[:8], digits[:4] + "-" + digits[4:6] + "-" + digits[6:8]}
	}
	var out []string
	for _, w := range word.FindAllString(value, -1) {
		if digit := strings.ContainsAny(w, "0123456789"); len(w) >= 6 && digit != (kind == event.PHIName) && !loinc.MatchString(w) {
			out = append(out, w)
		}
	}
	return out
}
