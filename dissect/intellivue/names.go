package intellivue

// termName names a term of a partition, "" if it is not known.
func termName(partition, term uint16) string { return "" }

// unitName names a unit.
func unitName(term uint16) string { return decimal(partitionUnit, term) }
