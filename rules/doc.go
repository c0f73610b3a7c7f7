// Package rules holds the detections and the engine that runs them on a case.
//
// A rule is one SQL file: a comment header and one SELECT, which runs as it stands in any DuckDB shell. The engine
// checks that the text alone is exactly one SELECT, runs it on an instance without access to files and with locked
// settings, and turns each row into a finding. A rule cannot name another rule's findings as its own: the rule's name is
// the file's.
//
// Header lines, "-- key: value", a value going on in lines that are indented further; other comment lines are remarks:
//
//	title     what is found, for a person who knows no protocols
//	level     informational, low, medium, high, critical
//	kind      attack, posture or quality: a healthy ward has posture findings, and no attack
//	stage     arrival, reconnaissance, credentials, interception, lateral, tampering, denial, command, exfiltration or exposure:
//	          where in an intrusion it belongs; incidents are told by it. An arrival is no attack, and joins its actor's incident
//	weight    what the rule adds to an incident's score beside its level; optional
//	attack    ATT&CK Enterprise and ICS ids, or - for none
//	needs     tables that must not be empty: otherwise "nothing to read", or "could not judge" where bytes were there that
//	          nobody could read
//	fires     samples on which it fires
//	quiet     samples on which it must not, beside every quiet-*
//	benign    lawful causes of the same picture
//	response  what to do; never to unplug what may be in use on a patient
//
// Columns of the SELECT: ts, until, actor, target, flow_id, file, frame, count, what; optional level (its own) and flows (a
// list of flow ids, all of the evidence). actor and target are addresses (IP, else MAC) or, for what touched many, a text
// that names no host. what is one sentence.
//
// After all rules ran, findings of one rule about one pair within an hour become one (count, first, last), levels are
// raised (level.go), and findings of kind attack are joined to incidents (incident.go).
package rules
