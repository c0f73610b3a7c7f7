package link_test

import "testing"

// TestMLLPS: HL7 over TLS is told by its port, and by a server that takes HL7 in clear beside it.
func TestMLLPS(t *testing.T) {
	want(t, column(t, caseOf(t, "hl7-tls"), `SELECT concat_ws(' ', x.protocol, x.reason, x.confidence, f.dst_port, f.service) FROM tls_service x JOIN flow f USING (flow_id) ORDER BY x.ts`),
		"hl7 port 70 2575 tls", "hl7 server 50 6662 tls")
}
