package sdc

import (
	"strconv"

	"wardtrace/dissect/nomenclature"
)

// term gives the reference identifier of a code and its name: the message's own, else the nomenclature's.
func term(system, code, name string) (refID, words string) {
	t, ok := lookup(system, code)
	if ok && name == "" {
		name = t.Name
	}
	return t.RefID, name
}

// unit gives the unit a code stands for: UCUM if the nomenclature knows it, else its reference identifier, else the message's own words.
func unit(system, code, name string) string {
	switch t, ok := lookup(system, code); {
	case ok && t.UCUM != "":
		return t.UCUM
	case ok:
		return t.RefID
	}
	return name
}

func lookup(system, code string) (nomenclature.Term, bool) {
	n, err := strconv.ParseUint(code, 10, 32)
	if err != nil || system != "MDC" {
		return nomenclature.Term{}, false
	}
	return nomenclature.Lookup(uint32(n))
}
