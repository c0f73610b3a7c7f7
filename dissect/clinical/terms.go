package clinical

import (
	"strconv"
	"strings"

	"wardtrace/dissect/event"
	"wardtrace/dissect/nomenclature"
)

// table is a shared table whose rows are brought to one spelling on their way in, so that no dissector can differ from the others.
type table[T any] struct {
	*event.Kind[T]
	tidy func(T) T // by value: a row that is pointed to would be moved to memory of its own
}

// Emit adds a row, as event.Kind does.
func (t table[T]) Emit(b *event.Batch, ref event.Ref, v T) uint32 {
	return t.Kind.Emit(b, ref, t.tidy(v))
}

func tidyObservation(o Observation) Observation {
	o.Code, o.CodingSystem, o.Name = Term(o.Code, o.CodingSystem, o.Name)
	o.Unit = Unit(o.Unit)
	return o
}

func tidyAlarm(a Alarm) Alarm {
	a.Code, a.CodingSystem, a.Text = Term(a.Code, a.CodingSystem, a.Text)
	return a
}

func tidyTherapy(t Therapy) Therapy {
	t.Code, t.CodingSystem, t.Drug = Term(t.Code, t.CodingSystem, t.Drug)
	t.Unit = Unit(t.Unit)
	return t
}

// systems are the coding systems that are spelled in several ways: HL7's table 0396 has them in capitals, some senders in words.
var systems = [...]struct{ as, is string }{{"RXNORM", "RxNorm"}, {"LOINC", "LN"}, {"SNOMED-CT", "SCT"}, {"SNOMEDCT", "SCT"}}

// Term gives a code, its coding system and its name as the shared tables have them. A number of MDC becomes its reference identifier; one
// that the nomenclature does not know becomes the identifier that the source gives as its name (IHE PCD writes both), else it stays. A
// name that is no more than an identifier becomes words.
func Term(code, system, name string) (string, string, string) {
	for i := range systems {
		if strings.EqualFold(systems[i].as, system) {
			system = systems[i].is
			break
		}
	}
	if system != "MDC" {
		return code, system, name
	}
	term, ok := lookup(code)
	if isID(code) && !ok {
		term, ok = nomenclature.Term{RefID: code}, true
	}
	if id, _, _ := strings.Cut(name, " "); !ok && isID(id) { // an alarm's name may go on: MDC_EVT_HI of MDC_ECG_HEART_RATE
		if term, ok = nomenclature.ByRefID(id); !ok {
			term, ok = nomenclature.Term{RefID: id}, true
		}
	}
	if !ok {
		return code, system, name
	}
	if name == "" || isID(name) && !strings.Contains(name, " ") && term.Name != "" {
		name = term.Name
	}
	return term.RefID, system, name
}

// isID says whether a text is a reference identifier: MDC_..., or MDCX_... of IHE for terms that have no number yet.
func isID(s string) bool { return strings.HasPrefix(s, "MDC_") || strings.HasPrefix(s, "MDCX_") }

func lookup(code string) (nomenclature.Term, bool) {
	if n, err := strconv.ParseUint(code, 10, 32); err == nil {
		return nomenclature.Lookup(uint32(n))
	}
	return nomenclature.ByRefID(code)
}

// Unit gives a unit of ISO/IEEE 11073 in UCUM, any other as it is.
func Unit(unit string) string {
	if !strings.HasPrefix(unit, "MDC_DIM_") {
		return unit
	}
	if t, ok := nomenclature.ByRefID(unit); ok && t.UCUM != "" {
		return t.UCUM
	}
	return unit
}
