package intellivue

import (
	"strconv"

	"wardtrace/dissect/nomenclature"
)

// termName gives a term's reference identifier, "" if it is not known: Philips' own terms are not.
func termName(partition, term uint16) string {
	t, _ := nomenclature.Find(nomenclature.Partition(partition), term)
	return t.RefID
}

// unitName gives a unit's reference identifier, else its code. 512 is a number without a unit.
func unitName(term uint16) string {
	if id, _ := nomenclature.Unit(term); id != "" {
		return id
	}
	return strconv.FormatInt(code(partitionUnit, term), 10)
}
