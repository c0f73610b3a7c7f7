package event

// Anomaly is one irregularity: damage, a gap, a violation of a standard, a cap that was hit, a guess that was made.
type Anomaly struct {
	Kind     string `col:"kind" doc:"What is odd, as a stable word such as tcp_gap or dicom_bad_length."`
	Protocol string `col:"protocol" doc:"Where it was seen: pcapng, ip, tcp, dicom, ..."`
	Detail   string `col:"detail" doc:"One sentence for a reader; never holds patient data."`
	Count    int64  `col:"count" doc:"How often, or how many bytes or packets; the kind says which."`
}

// Anomalies is the table of irregularities.
var Anomalies = New[Anomaly]("anomaly", "What was irregular in the evidence: damage, gaps, violations, caps hit, guesses made.")

// Identity is one piece of evidence about who a host is.
type Identity struct {
	IP         string `col:"ip" doc:"Address of the host the evidence is about, if known."`
	MAC        string `col:"mac" doc:"Hardware address of that host, if known."`
	Attribute  string `col:"attribute" doc:"What is said: hostname, vendor, model, version, serial, os, class, role, ae_title, software, service, domain, user."`
	Value      string `col:"value" doc:"What it is said to be."`
	Source     string `col:"source" doc:"Where it comes from: protocol and field, such as dicom.implementation_version or dhcp.option60."`
	Confidence int64  `col:"confidence" doc:"How far it can be trusted, 1 to 100: 90 the device says so itself in a fixed field, 50 a habit of many products, 20 a hint."`
}

// Identities is the table of identity evidence.
var Identities = New[Identity]("identity", "Evidence about who a host is, one row an assertion; fused into device.")
