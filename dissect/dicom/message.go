package dicom

import (
	"fmt"

	"wardtrace/dissect"
	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
)

// message is a DIMSE message that is being received. Fragments of two messages never mix in one direction (PS3.7 D.3.3.3).
type message struct {
	dir       dissect.Dir
	ctx       uint8
	ref       event.Ref // of the last packet that had a part of it
	started   event.Time
	cmd       []byte
	cmdDone   bool
	cmdLost   bool // cmd is only what came before a loss
	command   command
	obj       *dataset.Object
	bytes     int64 // of the data set
	fragments int64
	lost      bool
	orphan    bool // its command was not captured
	keep      *kept
	request   *request // of a request: itself, as remembered
	causedBy  event.Opt[int64]
	done      bool // the last fragment came
}

// take adds the next bytes of a fragment.
func (m *message) take(isCmd bool, p []byte, ref event.Ref) {
	m.ref = ref
	if isCmd {
		if room := maxCommand - len(m.cmd); !m.cmdLost && room > 0 {
			c := cursor.New(p)
			m.cmd = append(m.cmd, c.Bytes(min(room, len(p)))...)
		}
		return
	}
	m.bytes += int64(len(p))
	m.keep.write(p, ref)
	if m.obj != nil {
		m.obj.Write(p)
	}
}

// lose notes lost bytes of a fragment.
func (m *message) lose(isCmd bool, n int64, ref event.Ref) {
	m.ref, m.lost = ref, true
	if isCmd {
		m.cmdLost = true
		return
	}
	m.bytes += n
	m.keep.lose(n)
	if m.obj != nil {
		m.obj.Lost(n)
	}
}

// beginFragment finds or makes the message that a fragment belongs to.
func (d *dissector) beginFragment(h *half, seg *dissect.Segment, out *event.Batch) {
	a := d.assoc
	if x := a.context[h.ctx]; h.ctx&1 == 0 || (a.answered && (x == nil || (x.answered && x.result != 0))) {
		d.anomaly(out, seg.Ref, oddContext, int64(h.ctx), fmt.Sprintf("a fragment for presentation context %d, which was not agreed", h.ctx))
	}
	m := h.msg
	if m != nil && (m.ctx != h.ctx || m.cmdDone == h.isCmd) {
		if !m.lost {
			d.anomaly(out, seg.Ref, oddInterleaved, int64(h.ctx), "a message begins before the last fragment of the one before it")
		}
		d.breakOff(h, out)
		m = nil
	}
	if m == nil {
		m = &message{dir: seg.Dir, ctx: h.ctx, started: seg.Time, ref: seg.Ref}
		if !h.isCmd {
			m.orphan, m.cmdDone = true, true
			if h.spoke {
				d.anomaly(out, seg.Ref, oddOrphan, int64(h.ctx), "a data set without a command that announces it")
			}
		}
		h.msg = m
	}
	m.fragments++
}

// lastFragment ends a command set or a data set.
func (d *dissector) lastFragment(h *half, seg *dissect.Segment, out *event.Batch) {
	m := h.msg
	if m == nil {
		return
	}
	if h.isCmd {
		d.commandDone(h, m, seg, out)
		if m.command.follows {
			return
		}
	}
	m.done = true
	d.emit(m, out)
	h.msg = nil
}

// commandDone reads a command set and gets ready for its data set.
func (d *dissector) commandDone(h *half, m *message, seg *dissect.Segment, out *event.Batch) {
	m.cmdDone, m.started, h.spoke = true, seg.Time, true
	m.command = parseCommand(m.cmd)
	if len(m.cmd) >= maxCommand {
		d.anomaly(out, seg.Ref, oddCommand, int64(len(m.cmd)), fmt.Sprintf("a command set longer than %d bytes: the rest is not read", maxCommand))
	}
	if m.command.fault != "" && !m.cmdLost {
		d.anomaly(out, seg.Ref, oddCommand, int64(m.command.field), "a command set "+m.command.fault)
	}
	m.cmd = nil
	if m.cmdLost && !m.command.typed {
		m.command.follows = true // it will be seen
	}
	d.assoc.orient(m)
	d.assoc.remember(m)
	if m.command.follows {
		m.obj = dataset.NewObject(dataset.SyntaxOf(d.assoc.syntax(m.ctx)), purpose(m.command.field))
		m.keep = d.keep(m)
	}
}

func purpose(f commandField) dataset.Purpose {
	switch f {
	case cStore:
		return dataset.Instance
	case cFind, cMove, cGet:
		return dataset.Query
	}
	return dataset.Attributes
}

// requestKey names an outstanding request: who sent it, and its Message ID.
type requestKey struct {
	dir dissect.Dir
	id  uint16
}

// request is what a response needs to know of its request.
type request struct {
	field    commandField
	class    string
	instance string
	pending  int64
	answered bool
	done     bool      // the answer was no failure
	transfer *transfer // of a C-STORE whose data set came
}

// orient learns from a command who asked for an association whose beginning was not captured. C-STORE and N-EVENT-REPORT
// tell nothing: both sides send them.
func (a *association) orient(m *message) {
	f := m.command.field
	if a.known || !f.known() || f&^response == cStore || f&^response == nEventReport {
		return
	}
	a.known, a.requestor = true, m.dir
	if f&response != 0 {
		a.requestor = m.dir.Other()
	}
}

// remember notes a request, or that a response to one came.
func (a *association) remember(m *message) {
	c := &m.command
	switch {
	case c.field == 0 || c.field == cCancel:
	case c.field&response == 0:
		if len(a.pending) < maxOutstanding {
			m.request = &request{field: c.field, class: c.class, instance: c.instance}
			a.pending[requestKey{m.dir, c.messageID}] = m.request
			a.outstanding(m)
		}
	default:
		k := requestKey{m.dir.Other(), c.respondedTo}
		r := a.pending[k]
		if r == nil {
			return
		}
		if c.instance == "" {
			c.instance = r.instance
		}
		if c.class == "" {
			c.class = r.class
		}
		if c.status.pending() {
			r.pending++
			return
		}
		if c.field == cFind|response {
			c.matches = event.Some(r.pending)
		}
		r.answer(c.status.category() != "failure")
		delete(a.pending, k)
	}
}

// outstanding counts the requests that a side waits for, and looks for the C-GET that a C-STORE belongs to (PS3.4 C.4.3).
func (a *association) outstanding(m *message) {
	waiting, gets := int64(0), 0
	for k, r := range a.pending {
		if k.dir == m.dir {
			waiting++
		} else if r.field == cGet {
			gets++
			m.causedBy = event.Some(int64(k.id))
		}
	}
	a.row.MaxOutstanding = max(a.row.MaxOutstanding, waiting)
	if gets != 1 || m.command.field != cStore {
		m.causedBy = event.Opt[int64]{}
	}
}

// command is a command set (PS3.7 annex E).
type command struct {
	field       commandField
	messageID   uint16
	respondedTo uint16
	follows     bool // a data set follows
	typed       bool // (0000,0800), which says so, is there
	class       string
	instance    string
	priority    string
	status      status
	moveDest    string
	originator  string
	comment     string
	offending   []string
	attributes  []string
	originID    event.Opt[int64]
	errorID     event.Opt[int64]
	eventType   event.Opt[int64]
	actionType  event.Opt[int64]
	remaining   event.Opt[int64]
	completed   event.Opt[int64]
	failed      event.Opt[int64]
	warning     event.Opt[int64]
	matches     event.Opt[int64] // of a final C-FIND-RSP: pending ones before it
	invalidUID  bool
	path        bool
	fault       string // what is wrong, for the reader
}

// parseCommand reads a command set: implicit VR little endian, whatever was negotiated (PS3.7 6.3.1).
//
//	group (2)  element (2)  length (4)  value
func parseCommand(b []byte) (cmd command) {
	c := cursor.New(b)
	for c.More() {
		group, el, n := c.U16LE(), c.U16LE(), int(c.U32LE())
		if c.Short() || !c.Need(n) {
			cmd.fault = fmt.Sprintf("ends inside element (%04x,%04x)", group, el)
			break
		}
		v := c.Sub(n)
		if group == 0 {
			cmd.element(el, v, n)
		} else {
			cmd.fault = fmt.Sprintf("with element (%04x,%04x) of another group", group, el)
		}
	}
	if !cmd.field.known() && cmd.fault == "" {
		cmd.fault = fmt.Sprintf("of unknown command %s", cmd.field)
	}
	return cmd
}

func (cmd *command) element(el uint16, v cursor.Cursor, n int) {
	number := func(o *event.Opt[int64]) {
		if x := v.U16LE(); !v.Short() {
			*o = event.Some(int64(x))
		}
	}
	switch el {
	case elAffectedClass, elRequestedClass:
		cmd.class = cmd.uid(v.Rest(), n)
	case elAffectedInst, elRequestedInst:
		cmd.instance = cmd.uid(v.Rest(), n)
	case elCommandField:
		cmd.field = commandField(v.U16LE())
	case elMessageID:
		cmd.messageID = v.U16LE()
	case elRespondedTo:
		cmd.respondedTo = v.U16LE()
	case elDatasetType:
		cmd.follows, cmd.typed = v.U16LE() != noDataset, true
	case elStatus:
		cmd.status = status(v.U16LE())
	case elPriority:
		cmd.priority = word(priorities, v.U16LE())
	case elMoveDest:
		cmd.moveDest = cmd.ae(v.Bytes(min(n, maxText)))
	case elOriginatorAE:
		cmd.originator = cmd.ae(v.Bytes(min(n, maxText)))
	case elErrorComment:
		cs := dataset.Charset{} // no character set is declared for it
		cmd.comment, _ = cs.Decode(v.Bytes(min(n, maxText)))
	case elOffending:
		cmd.offending = tagList(&v)
	case elAttributeList:
		cmd.attributes = tagList(&v)
	case elOriginatorID:
		number(&cmd.originID)
	case elErrorID:
		number(&cmd.errorID)
	case elEventType:
		number(&cmd.eventType)
	case elActionType:
		number(&cmd.actionType)
	case elRemaining:
		number(&cmd.remaining)
	case elCompleted:
		number(&cmd.completed)
	case elFailed:
		number(&cmd.failed)
	case elWarning:
		number(&cmd.warning)
	}
}

func (cmd *command) uid(v []byte, n int) string {
	c := cursor.New(v)
	s := dataset.ASCII(c.Bytes(min(n, maxText)))
	if s != "" {
		cmd.invalidUID = cmd.invalidUID || !dataset.ValidUID(s) || n > 65
		cmd.path = cmd.path || dataset.PathCharacters(s)
	}
	return s
}

func (cmd *command) ae(v []byte) string {
	s := dataset.ASCII(v)
	cmd.path = cmd.path || dataset.PathCharacters(s)
	return s
}

func tagList(c *cursor.Cursor) (out []string) {
	for c.Need(4) && len(out) < maxListed {
		g, e := c.U16LE(), c.U16LE()
		out = append(out, dataset.Tag(uint32(g)<<16|uint32(e)).String())
	}
	return out
}
