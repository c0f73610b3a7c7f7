package sdc

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardtrace/dissect"
	"wardtrace/dissect/dissecttest"
	"wardtrace/dissect/event"
	"wardtrace/dissect/http"
	"wardtrace/dissect/web"
	"wardtrace/dissect/wsd"
)

const (
	sample = "../../samples/sdc-clear"
	secure = "../../samples/sdc-tls"
)

var carrier = http.With(Protocol)

func overTCP(c *dissect.Conn) bool { return c.Transport == dissect.TCP }

func TestSuite(t *testing.T) {
	exchanges := []dissecttest.Conversation{hand(mdib, ""), hand(setValue, setValueResponse), hand(report, "")}
	dissecttest.Suite(t, Protocol, exchanges)
}

// TestCarried holds that the rows do not depend on how a connection is cut. The suite proper runs over single exchanges.
func TestCarried(t *testing.T) {
	for _, c := range dissecttest.Load(t, overTCP, sample+"/capture.pcap") {
		want := dissecttest.Dump(dissecttest.Run(carrier, &c))
		small := dissecttest.Conversation{Conn: c.Conn}
		for _, s := range c.Segments {
			for len(s.Data) > 0 {
				piece := s
				piece.Data = s.Data[:min(100, len(s.Data))]
				s.Data, s.Gap = s.Data[len(piece.Data):], 0
				small.Segments = append(small.Segments, piece)
			}
		}
		if got := dissecttest.Dump(dissecttest.Run(carrier, &small)); got != want {
			t.Error("rows differ when segments are small")
		}
	}
}

func FuzzSDC(f *testing.F) {
	dissecttest.Fuzz(f, Protocol, []dissecttest.Conversation{hand(mdib, ""), hand(setValue, setValueResponse), hand(report, ""), hand(invoked, "")})
}

// TestGolden compares the rows of SDC and WS-Discovery; those of HTTP are not this package's.
func TestGolden(t *testing.T) {
	dissecttest.GoldenWithout(t, sample, []string{"http"}, carrier, wsd.Protocol)
	dissecttest.GoldenWithout(t, "../../samples/sdc-intruder", []string{"http"}, carrier, wsd.Protocol)
	dissecttest.GoldenWithout(t, "../../samples/quiet-sdc", []string{"http"}, carrier, wsd.Protocol)
	dissecttest.Golden(t, secure, wsd.Protocol)
}

// TestPeers holds what real provider and consumer did, as the recording's script tells it.
func TestPeers(t *testing.T) {
	actions, ops := map[string]int{}, map[string]int{}
	units := map[string]string{}
	var patient, place Context
	var self []Device
	var limits []State
	convs := dissecttest.Load(t, overTCP, sample+"/capture.pcap")
	for i := range convs {
		b := dissecttest.Run(carrier, &convs[i])
		for _, r := range messages.Get(b) {
			actions[r.V.Action]++
			if !r.V.Complete || (r.V.Provider == "client") != (r.V.Service == "StateEventService" && r.V.Dir == "client" || r.V.Action == "OperationInvokedReport" || r.V.Action == "WaveformStream") {
				t.Errorf("message %+v", r.V)
			}
		}
		for _, r := range operations.Get(b) {
			ops[r.V.Phase+" "+r.V.Operation+" "+r.V.Handle+" "+r.V.Value+" "+r.V.State]++
		}
		for _, r := range descriptors.Get(b) {
			units[r.V.Handle] = r.V.Code + " " + r.V.Unit + " " + r.V.Category
		}
		for _, r := range contexts.Get(b) {
			switch {
			case r.V.Kind == "Patient" && !r.V.Proposed:
				patient = r.V
			case r.V.Kind == "Location":
				place = r.V
			}
		}
		for _, r := range devices.Get(b) {
			self = append(self, r.V)
		}
		for _, r := range states.Get(b) {
			if r.V.Proposed && r.V.Upper.OK {
				limits = append(limits, r.V)
			}
		}
		if n := len(event.Anomalies.Get(b)); n > 0 {
			t.Errorf("%d anomalies", n)
		}
	}
	for action, least := range map[string]int{"GetMdib": 1, "GetMdibResponse": 1, "GetMdDescriptionResponse": 1, "GetMdStateResponse": 1, "GetContextStatesResponse": 1, "Subscribe": 2, "SubscribeResponse": 2,
		"Unsubscribe": 2, "EpisodicMetricReport": 5, "EpisodicAlertReport": 2, "WaveformStream": 2, "OperationInvokedReport": 20, "SetAlertState": 3, "Activate": 1, "SetContextStateResponse": 1} {
		if actions[action] < least {
			t.Errorf("%s: %d messages, want %d or more", action, actions[action], least)
		}
	}
	for _, want := range []string{"request SetValue op.rate 25 ", "request SetValue op.rate 5000 ", "response SetValue   Wait", "report  op.rate  Fin", "report  op.rate  Fail", "request Activate op.stop  "} {
		if ops[want] != 1 && !strings.HasPrefix(want, "response") {
			t.Errorf("%q: %d times in %v", want, ops[want], ops)
		}
	}
	for handle, want := range map[string]string{"hr": "147842 {beat}/min Msrmt", "spo2": "150456 % Msrmt", "rate": "157784 mL/h Set"} {
		if units[handle] != want {
			t.Errorf("%s is %q, want %q", handle, units[handle], want)
		}
	}
	if patient.PatientID != "LAB-4711" || patient.PatientName != "LABPATIENT^JOIN" || patient.BirthDate != "1970-01-02" || patient.Association != "Assoc" || patient.Sex != "F" {
		t.Errorf("patient %+v", patient)
	}
	if place.Facility != "HOSP1" || place.PointOfCare != "ICU1" || place.Bed != "Bed12" {
		t.Errorf("place %+v", place)
	}
	if len(limits) != 1 || limits[0].Lower.V != 30 || limits[0].Upper.V != 220 || limits[0].Handle != "ac.hr" {
		t.Errorf("proposed limits %+v", limits)
	}
	if !slices.ContainsFunc(self, func(d Device) bool {
		return d.Source == "dpws" && d.Manufacturer == "Example Medical" && d.Model == "Bedside 7" && d.Firmware == "7.2.1" && d.Serial == "BS7-000417"
	}) {
		t.Errorf("devices %+v", self)
	}
}

func soapOf(action, body string) string {
	return `<?xml version='1.0'?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing"
 xmlns:msg="http://standards.ieee.org/downloads/11073/11073-10207-2017/message" xmlns:pm="http://standards.ieee.org/downloads/11073/11073-10207-2017/participant"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Header><wsa:Action>http://standards.ieee.org/downloads/11073/11073-20701-2018/` + action + `</wsa:Action><wsa:MessageID>urn:uuid:1</wsa:MessageID></s:Header><s:Body>` + body + `</s:Body></s:Envelope>`
}

var (
	setValue         = soapOf("SetService/SetValue", `<msg:SetValue><msg:OperationHandleRef>op</msg:OperationHandleRef><msg:RequestedNumericValue>12.5</msg:RequestedNumericValue></msg:SetValue>`)
	setValueResponse = soapOf("SetService/SetValueResponse", `<msg:SetValueResponse SequenceId="urn:x"><msg:InvocationInfo><msg:TransactionId>7</msg:TransactionId><msg:InvocationState>Fail</msg:InvocationState><msg:InvocationError>Inv</msg:InvocationError></msg:InvocationInfo></msg:SetValueResponse>`)
	invoked          = soapOf("SetService/OperationInvokedReport", `<msg:OperationInvokedReport SequenceId="urn:x" MdibVersion="3"><msg:ReportPart OperationHandleRef="op" OperationTarget="m"><msg:InvocationInfo><msg:TransactionId>7</msg:TransactionId><msg:InvocationState>Fin</msg:InvocationState></msg:InvocationInfo><msg:InvocationSource Root="r" Extension="e"/></msg:ReportPart></msg:OperationInvokedReport>`)
	report           = soapOf("StateEventService/EpisodicMetricReport", `<msg:EpisodicMetricReport SequenceId="urn:x" MdibVersion="4"><msg:ReportPart>
<msg:MetricState xsi:type="pm:NumericMetricState" DescriptorHandle="m" StateVersion="9"><pm:MetricValue Value="NaN" DeterminationTime="1700000000000"><pm:MetricQuality Validity="Qst" Mode="Test"/></pm:MetricValue></msg:MetricState>
<msg:MetricState xsi:type="pm:StringMetricState" DescriptorHandle="n"><pm:MetricValue Value="Mr Smith sleeps"/></msg:MetricState></msg:ReportPart></msg:EpisodicMetricReport>`)
	modified = soapOf("DescriptionEventService/DescriptionModificationReport", `<msg:DescriptionModificationReport SequenceId="urn:x" MdibVersion="5"><msg:ReportPart ModificationType="Crt" ParentDescriptor="c">
<msg:Descriptor xsi:type="pm:LimitAlertConditionDescriptor" Handle="a" Kind="Phy" Priority="Hi"><pm:Type Code="1"><pm:ConceptDescription>Too high</pm:ConceptDescription></pm:Type></msg:Descriptor>
<msg:State xsi:type="pm:LimitAlertConditionState" DescriptorHandle="a" ActivationState="On" Presence="false"><pm:Limits Upper="9"/></msg:State></msg:ReportPart></msg:DescriptionModificationReport>`)
	located = soapOf("ContextService/EpisodicContextReport", `<msg:EpisodicContextReport SequenceId="urn:x" MdibVersion="6"><msg:ReportPart>
<msg:ContextState xsi:type="pm:PatientContextState" DescriptorHandle="pc" Handle="p1"/>
<msg:ContextState xsi:type="pm:LocationContextState" DescriptorHandle="lc" Handle="l1" ContextAssociation="Assoc"><pm:LocationDetail Room="R1" Building="B"/></msg:ContextState></msg:ReportPart></msg:EpisodicContextReport>`)
	mdib = soapOf("GetService/GetMdib", `<msg:GetMdibResponse><msg:Mdib SequenceId="urn:x" MdibVersion="2"><pm:MdDescription><pm:Mds Handle="d"><pm:MetaData><pm:Udi><pm:DeviceIdentifier>0412</pm:DeviceIdentifier></pm:Udi><pm:SerialNumber>7</pm:SerialNumber></pm:MetaData>
<pm:Vmd Handle="v"><pm:Channel Handle="c"><pm:Metric Handle="m" xsi:type="pm:NumericMetricDescriptor" MetricCategory="Msrmt"><pm:Type Code="150456"/><pm:Unit Code="262688"/></pm:Metric>
<pm:Metric Handle="n" xsi:type="pm:StringMetricDescriptor"><pm:Type Code="1" CodingSystem="urn:other"/></pm:Metric></pm:Channel></pm:Vmd></pm:Mds></pm:MdDescription></msg:Mdib></msg:GetMdibResponse>`)
)

// hand makes an exchange as HTTP would hand it over.
func hand(request, response string) dissecttest.Conversation {
	c := dissecttest.Bytes(dissect.TCP, "10.20.0.66:50000", "10.20.0.10:6464", []byte(request), []byte(response))
	c.Conn.Carried = &web.Exchange{Depth: 1, Method: "POST", Request: web.Header{{Name: "Content-Type", Value: "application/soap+xml; charset=utf-8"}}}
	return c
}

func TestHand(t *testing.T) {
	c := hand(report, "")
	b := dissecttest.Run(Protocol, &c)
	s := states.Get(b)
	if len(s) != 2 || s[0].V.Number.OK || s[0].V.Value != "NaN" || s[0].V.Validity != "Qst" || s[0].V.MetricMode != "Test" || s[0].V.DeterminedAt != 17e17 || s[1].V.Text == "" || s[1].V.Value != "" {
		t.Errorf("states %+v", s)
	}
	if len(s) == 2 && s[1].Seq < s[0].Seq+1+stateRows {
		t.Errorf("seq %d follows %d: no number is free for what is made of the first", s[1].Seq, s[0].Seq)
	}
	c = hand(setValue, setValueResponse)
	ops := operations.Get(dissecttest.Run(Protocol, &c))
	if len(ops) != 2 || ops[0].V.Number != event.Some(12.5) || ops[1].V.State != "Fail" || ops[1].V.Error != "Inv" || ops[1].V.TransactionID != event.Some[int64](7) {
		t.Errorf("operations %+v", ops)
	}
	c = hand("", mdib)
	b = dissecttest.Run(Protocol, &c)
	var got []string
	for _, r := range descriptors.Get(b) {
		got = append(got, fmt.Sprint(r.V.Handle, " ", r.V.ParentHandle, " ", r.V.Kind, " ", r.V.CodingSystem, " ", r.V.Name, " ", r.V.Unit, " ", r.V.SequenceID, " ", r.V.MdibVersion.V))
	}
	want := []string{"d  Mds    urn:x 2", "v d Vmd    urn:x 2", "c v Channel    urn:x 2", "m c NumericMetric MDC oxygen saturation by pulse oximetry % urn:x 2", "n c StringMetric urn:other   urn:x 2"}
	if !slices.Equal(got, want) {
		t.Errorf("descriptors\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	c = hand(modified, "")
	b = dissecttest.Run(Protocol, &c)
	if d, x, m := descriptors.Get(b), contexts.Get(b), messages.Get(b); len(d) != 1 || d[0].V.Modification != "Crt" || d[0].V.ParentHandle != "c" || d[0].V.Kind != "LimitAlertCondition" || d[0].V.Name != "Too high" ||
		len(states.Get(b)) != 1 || len(x) != 0 || m[0].V.Provider != "client" || m[0].V.States != 1 {
		t.Errorf("modification: %+v %+v %+v", d, x, m)
	}
	c = hand(located, "")
	if x := contexts.Get(dissecttest.Run(Protocol, &c)); len(x) != 2 || x[0].V.Association != "No" || x[1].V.Room != "R1" || x[1].V.Building != "B" {
		t.Errorf("contexts %+v", x)
	}
	c = hand("", mdib)
	b = dissecttest.Run(Protocol, &c)
	if d := devices.Get(b); len(d) != 1 || d[0].V.UDI != "0412" || d[0].V.Serial != "7" || d[0].V.Handle != "d" {
		t.Errorf("devices %+v", d)
	}
}

// TestDamage holds that what was sound before a loss gives rows, and says so.
func TestDamage(t *testing.T) {
	c := hand("", mdib)
	c.Segments[1].Data = c.Segments[1].Data[:len(mdib)*3/4]
	b := dissecttest.Run(Protocol, &c)
	if n, a := len(descriptors.Get(b)), event.Anomalies.Get(b); n < 3 || len(a) != 1 || a[0].V.Kind != "sdc_incomplete" || messages.Get(b)[0].V.Complete {
		t.Errorf("%d descriptors, anomalies %+v", n, a)
	}
	c = hand(setValue, strings.Repeat(" ", 10)+"no envelope")
	if a := event.Anomalies.Get(dissecttest.Run(Protocol, &c)); len(a) != 1 || a[0].V.Kind != "sdc_not_soap" {
		t.Errorf("anomalies %+v", a)
	}
	c = hand(`<!DOCTYPE x [<!ENTITY a "b">]>`+setValue[21:], "")
	if a := event.Anomalies.Get(dissecttest.Run(Protocol, &c)); len(a) != 1 || a[0].V.Kind != "sdc_dtd" {
		t.Errorf("anomalies %+v", a)
	}
}

func TestProbe(t *testing.T) {
	exchange := func(method, kind string) *dissect.Conn {
		return &dissect.Conn{Carried: &web.Exchange{Method: method, Request: web.Header{{Name: "content-type", Value: kind}}}}
	}
	for _, c := range []struct {
		conn  *dissect.Conn
		first string
		want  dissect.Match
	}{
		{exchange("POST", "application/soap+xml"), "", dissect.Maybe},
		{exchange("POST", "Application/SOAP+xml; charset=utf-8"), setValue, dissect.Yes},
		{exchange("", "application/soap+xml"), setValue, dissect.Yes},
		{exchange("POST", "application/soap+xml"), strings.ReplaceAll(setValue, "11073", "printer"), dissect.Maybe},
		{exchange("POST", "text/xml"), setValue, dissect.No},
		{exchange("GET", "application/soap+xml"), setValue, dissect.No},
		{&dissect.Conn{}, setValue, dissect.No},
	} {
		if got := probe(c.conn, 0, []byte(c.first)); got != c.want {
			t.Errorf("%.60q: %v, want %v", c.first, got, c.want)
		}
	}
}
