// Package model reads a case into what its outputs tell: evidence, devices, patients, incidents as stories, what could not be
// seen, and the rules. The outputs share it, so that the page, the ticket and the terminal say the same.
//
// All text that was captured goes through escape.Terminal and is cut when it is read; an output adds the escaping of its own
// language. Lists are bounded (limits.go) and say how many there were. Everything is read in an order that the case fixes, and
// nothing asks the clock: the same case gives the same report.
//
// Tables that are missing, as in a case that was interrupted, count as empty; Case.Incomplete says so.
package model
