package dicom

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"wardtrace/dissect/clinical"
	"wardtrace/dissect/dissecttest"
)

// reply writes a message without a data set: a response's status, or a C-GET request.
func reply(field commandField, id, status uint16) []byte {
	return pduOf(4, pdvOf(1, 3, bytes.Join([][]byte{element(0, 0x0100, num(uint16(field))), element(0, 0x0120, num(id)), element(0, 0x0800, num(noDataset)),
		element(0, 0x0900, num(status))}, nil)))
}

func object(id uint16, series string, more ...[]byte) []byte {
	set := bytes.Join([][]byte{element(0x0008, 0x0060, "CT"), element(0x0010, 0x0020, "LAB-1 "), element(0x0020, 0x000D, "1.9\x00"),
		element(0x0020, 0x000E, series)}, nil)
	return pduOf(4, pdvOf(1, 3, append(storeCommand(id), bytes.Join(more, nil)...)), pdvOf(1, 2, set))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func transfersOf(c dissecttest.Conversation) (out []string) {
	for _, r := range clinical.ImageTransfers.Get(dissecttest.Run(&Protocol, &c)) {
		v := r.V
		out = append(out, fmt.Sprint(v.Series, " ", v.Objects, " ", v.Failed, " ", v.FromIP, ">", v.ToIP, " ", v.FromAE, ">", v.ToAE, " ", v.Mode, " ", v.RequestedBy, v.RequestID))
	}
	return out
}

// TestTransfers: a series is one row, whatever became of its objects.
func TestTransfers(t *testing.T) {
	rsp := cStore | response
	moved := join(element(0, 0x1030, "WS_1"), element(0, 0x1031, num(7)))
	c := talk(associate(1, ctImage), associate(2, ctImage),
		object(1, "1.1\x00"), reply(rsp, 1, 0),
		object(2, "1.2\x00"), reply(rsp, 2, 0xA700), // refused
		object(3, "1.1\x00"), reply(rsp, 3, 0xB000), // taken with a warning
		object(4, "1.1\x00", moved), reply(rsp, 9, 0), // no answer to it
		released)
	got := strings.Join(transfersOf(c), "\n")
	const way = "10.20.3.11>10.20.3.20 CT_1>PACS_LAB push "
	if want := "1.1 2 0 " + way + "0\n1.2 1 1 " + way + "0\n1.1 1 1 " + way + "WS_17"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTransferCap: a conversation of more series than are held writes the oldest early, and loses none.
func TestTransferCap(t *testing.T) {
	parts := [][]byte{associate(1, ctImage), associate(2, ctImage)}
	const series = 3 * maxTransfers
	for i := range uint16(series) {
		parts = append(parts, object(i, fmt.Sprintf("1.%04d", i)), reply(cStore|response, i, 0))
	}
	got := transfersOf(talk(parts...))
	if len(got) != series || !strings.HasPrefix(got[series-1], fmt.Sprintf("1.%04d 1 0 ", series-1)) {
		t.Errorf("%d transfers", len(got))
	}
}

// TestGet: the C-STOREs of a C-GET come on the same association, the other way; they name it where there is but one.
func TestGet(t *testing.T) {
	get := func(id uint16) []byte {
		return pduOf(4, pdvOf(1, 3, join(element(0, 0x0100, num(uint16(cGet))), element(0, 0x0110, num(id)), element(0, 0x0800, num(noDataset)))))
	}
	for name, tt := range map[string]struct {
		requests []byte
		want     string
	}{"one": {get(5), "{5 true}"}, "two": {join(get(5), get(6)), "{0 false}"}, "none": {reply(cEcho, 1, 0), "{0 false}"}} {
		c := talk(associate(1, ctImage), associate(2, ctImage), tt.requests, object(1, "1.1\x00"), reply(cStore|response, 1, 0), reply(cGet|response, 5, 0))
		for _, m := range messages.Get(dissecttest.Run(&Protocol, &c)) {
			if m.V.Command == "C-STORE-RQ" && (fmt.Sprint(m.V.CausedBy) != tt.want || m.V.Dir != "server") {
				t.Errorf("%s: caused by %v, from %s", name, m.V.CausedBy, m.V.Dir)
			}
		}
		if got := transfersOf(c); len(got) != 1 || got[0] != "1.1 1 0 10.20.3.20>10.20.3.11 PACS_LAB>CT_1 pull 0" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestAsynchronous: several requests are outstanding and answered in another order (PS3.7 D.3.3.3); each answer finds its own.
func TestAsynchronous(t *testing.T) {
	rsp := cStore | response
	c := talk(associate(1, ctImage), associate(2, ctImage),
		join(object(1, "1.1\x00"), object(2, "1.2\x00"), object(3, "1.3\x00")), join(reply(rsp, 3, 0), reply(rsp, 1, 0xC000), reply(rsp, 2, 0)), released)
	b := dissecttest.Run(&Protocol, &c)
	if a := one(t, associations.Get(b)); a.MaxOutstanding != 3 {
		t.Errorf("%d outstanding", a.MaxOutstanding)
	}
	var got []string
	for _, m := range messages.Get(b) {
		if m.V.Dir == "server" {
			got = append(got, m.V.SOPInstance+" "+m.V.StatusCategory)
		}
	}
	if s := strings.Join(got, ", "); s != "1.2.3.3 success, 1.2.3.1 failure, 1.2.3.2 success" {
		t.Error(s)
	}
	if s := strings.Join(transfersOf(c), "\n"); strings.Count(s, " 1 1 ") != 1 || !strings.HasPrefix(s, "1.1 1 1 ") {
		t.Error(s)
	}
}

// TestNegotiationItems: items that end early are an anomaly and no row; more than an association can have are not kept.
func TestNegotiationItems(t *testing.T) {
	text := func(s string) []byte { return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...) }
	run := func(items ...[]byte) ([]Negotiation, string) {
		rq := associate(1, ctImage)
		c := talk(pduOf(1, rq[pduHeader:], item(0x50, items...)), associate(2, ctImage), released)
		b := dissecttest.Run(&Protocol, &c)
		var out []Negotiation
		for _, r := range negotiations.Get(b) {
			out = append(out, r.V)
		}
		return out, dissecttest.Dump(b)
	}
	find := "1.2.840.10008.5.1.4.1.2.2.1"
	got, _ := run(item(0x54, text(ctImage), []byte{0, 1}), item(0x56, text(find), []byte{1, 0, 1}), item(0x56, text("1.2.3"), []byte("secret")),
		item(0x57, text(ctImage), text("1.2.840.10008.4.2"), text(string(join(text("1.2"), text("1.3"))))))
	if len(got) != 4 || got[0].SCU.V || !got[0].SCP.V || strings.Join(got[1].Options, " ") != "relational_queries fuzzy_names" || got[2].Options != nil ||
		got[2].Bytes.V != 6 || strings.Join(got[3].Related, " ") != "1.2 1.3" || got[3].ServiceClass != "1.2.840.10008.4.2" {
		t.Errorf("%+v", got)
	}
	for name, bad := range map[string][]byte{"role": item(0x54, text(ctImage), []byte{1}), "class longer than its item": item(0x56, []byte{0, 99, '1'}),
		"related list longer than its item": item(0x57, text(ctImage), text("1.2"), []byte{0, 200, 0})} {
		if got, dump := run(bad); len(got) != 0 || !strings.Contains(dump, "dicom_bad_associate") {
			t.Errorf("%s: %+v\n%s", name, got, dump)
		}
	}
	var many [][]byte
	for range 2000 {
		many = append(many, item(0x54, text("1.2"), []byte{1, 0}))
	}
	if got, _ := run(many...); len(got) != maxNegotiations {
		t.Errorf("%d negotiations", len(got))
	}
}

// TestOneWayTransfers: without the receiver's side nobody knows whether objects were taken: they count as failed, since no
// answer was seen.
func TestOneWayTransfers(t *testing.T) {
	c := talk(associate(1, ctImage), nil, object(1, "1.1\x00"))
	if got := transfersOf(c); len(got) != 1 || !strings.HasPrefix(got[0], "1.1 1 1 ") {
		t.Errorf("%q", got)
	}
	c = talk(nil, nil, object(1, "1.1\x00"))
	c.Conn.Midstream = true
	if got := transfersOf(c); len(got) != 1 || !strings.Contains(got[0], "10.20.3.11>10.20.3.20 > push") {
		t.Errorf("%q", got)
	}
}
