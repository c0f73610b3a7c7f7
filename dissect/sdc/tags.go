package sdc

import (
	"strconv"

	"wardtrace/dissect/nomenclature"
)

// term gives the name of a code: the message's own, else the nomenclature's.
func term(system, code, name string) string {
	if t, ok := lookup(system, code); ok && name == "" {
		return t.Name
	}
	return name
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
