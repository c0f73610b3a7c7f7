// Package dissecttest holds the suite that every dissector passes, and the invariants that its fuzz target checks.
// Only tests import it.
package dissecttest
