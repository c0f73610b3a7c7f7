package http

import (
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/hl7"
)

// TestHL7 reads HL7 version 2 in bodies: as they are, in chunks, and packed; each answer is matched with its message.
func TestHL7(t *testing.T) {
	p := With(hl7.Protocol)
	convs := dissecttest.Load(t, overTCP, "../../samples/hl7-http/capture.pcap")
	var kinds, acks []string
	for i := range convs {
		b := dissecttest.Run(p, &convs[i])
		for _, rows := range b.Tables() {
			if rows.Table.Name != "hl7_message" {
				continue
			}
			for r := range rows.Len() {
				cells := map[string]any{}
				for c, col := range rows.Table.Columns {
					cells[col.Name] = rows.Value(r, c)
				}
				if code, ok := cells["ack_code"].(string); ok {
					acks = append(acks, code+" "+cells["ack_control_id"].(string))
				} else {
					kinds = append(kinds, cells["control_id"].(string))
				}
			}
		}
		for _, r := range exchanges.Get(b) {
			if want := map[bool]string{true: "hl7"}[r.V.Method == "POST"]; r.V.Carried != want {
				t.Errorf("%s %s carried %q", r.V.Method, r.V.URI, r.V.Carried)
			}
		}
	}
	if got := strings.Join(kinds, " "); got != "HTTP0001 HTTP0002 HTTP0003 HTTP0005 HTTP0004" {
		t.Error(got)
	}
	if got := strings.Join(acks, ", "); got != "AA HTTP0001, AA HTTP0002, AA HTTP0003, AA HTTP0005, AR HTTP0004" {
		t.Error(got)
	}
	dissecttest.Suite(t, p, convs)
	set := dissect.NewSet([]*dissect.Protocol{hl7.Protocol, p})
	if b := dissecttest.RunSet(set, &convs[0]); len(exchanges.Get(b)) == 0 {
		t.Error("HL7 by itself took a conversation of HTTP")
	}
}
