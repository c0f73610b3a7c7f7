package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"

	"wardtrace/dissect/cursor"
)

// Caps of what an object keeps of values.
const (
	keepText   = 1024     // bytes of a text value; the standard's longest of those gathered is a PN of 5 * 3 * 64
	keepUIDs   = 64 << 10 // bytes of a UID list: a thousand UIDs, as in the query of a list of studies
	maxForeign = 8        // foreign contents named in one object
	foreignMin = 64       // shorter binary values are not looked at: no executable is that small
)

// Purpose says what a data set is for, and so what is gathered from it.
type Purpose uint8

// The purposes.
const (
	Attributes Purpose = iota // N-service attributes and answers
	Instance                  // a composite object: digests are made
	Query                     // an identifier whose values are matching keys (PS3.4 C.2.2.2)
)

// Object gathers what a case wants to know of one data set. Create it by NewObject, Write to it, Finish it; then its
// fields are valid.
type Object struct {
	Attr
	Charset         string      // (0008,0005)
	CharsetGuessed  bool        // a value was not in that character set, or the set is not known
	Fault           Fault       // what was wrong, NoFault if nothing
	Differs         bool        // the encoding is not that of the transfer syntax
	Deflated        bool        // it was deflated
	Bytes           int64       // bytes of the data set, lost ones included
	LostBytes       int64       // bytes that were not captured
	Elements        int         // elements read, items' included
	PrivateElements int         // of them private
	PatientFields   []string    // keywords of identifying elements that have a value, at any depth
	InvalidUID      bool        // a UI value is no UID (PS3.5 9.1)
	PathCharacters  bool        // a UI or file name value holds what steers a path (CVE-2022-2119, CVE-2026-56445)
	ActiveText      bool        // a text value holds script, SQL or format directives (CVE-2023-7238)
	Foreign         []string    // foreign file formats found, as "EncapsulatedDocument: pe+dicom"
	Executable      bool        // one of them is an executable, or hides one in a preamble
	PixelBytes      int64       // of pixel data, fragments' headers not counted
	PixelFragments  int         // of encapsulated pixel data, the offset table included
	PixelDigest     string      // SHA-256 of them, "" if some were lost
	ContentDigest   string      // SHA-256 of what else is clinical content, "" if some was lost; see clinical
	DocumentBytes   int64       // of the encapsulated document
	Referenced      int         // items of Referenced SOP Sequence (0008,1199): storage commitment
	Failed          int         // items of Failed SOP Sequence (0008,1198), or UIDs in (0008,0058)
	References      []Reference // instances that N-service attributes name, up to maxReferences
	UnknownVRs      int         // elements of a value representation that PS3.5 does not have
	DocumentFormat  string      // what the encapsulated document really is: pdf, cda, xml, stl, pe, ...; "" if not known
	Keys            Keys        // of a query

	r       *Reader
	items   []itemCharset // character sets that items around the element declare for themselves
	concept string        // code of the content item's name that was read last
	named   place         // where the reference being read stands
	purpose Purpose
	cs      Charset
	phi     uint64 // bits by phiTags
	buf     []byte // first bytes of the value being read
	limit   int
	role    role
	pixels  hash.Hash
	content hash.Hash
	broken  [2]bool // a digest lacks bytes: pixels, content
}

// role is what the bytes of the value being read are wanted for.
type role uint8

const (
	roleKeep    role = 1 << iota // first bytes are kept
	roleMagic                    // first bytes are looked at for a foreign format
	rolePixels                   // goes into the pixel digest
	roleContent                  // goes into the content digest
)

// NewObject begins a data set encoded by s.
func NewObject(s Syntax, p Purpose) *Object {
	o := &Object{purpose: p, Deflated: s.Deflated}
	o.r = NewReader(s, (*gatherer)(o))
	return o
}

// Write takes the next bytes; p is valid only during the call.
func (o *Object) Write(p []byte) {
	o.Bytes += int64(len(p))
	o.r.Write(p)
}

// Lost says that n bytes never came.
func (o *Object) Lost(n int64) {
	o.Bytes += n
	o.LostBytes += n
	o.r.Lost(n)
}

// Finish says that the data set is over: complete, or all there is of it.
func (o *Object) Finish() {
	o.Fault = o.r.Finish()
	o.Differs = o.r.Differs()
	whole := o.Fault == NoFault || o.Fault == Overrun
	if o.pixels != nil && whole && !o.broken[0] {
		o.PixelDigest = hex.EncodeToString(o.pixels.Sum(nil))
	}
	if o.content != nil && whole && !o.broken[1] {
		o.ContentDigest = hex.EncodeToString(o.content.Sum(nil))
	}
	for i, t := range phiTags {
		if o.phi&(1<<i) != 0 {
			o.PatientFields = append(o.PatientFields, t.Keyword())
		}
	}
	o.buf, o.pixels, o.content = nil, nil, nil
}

// Syntax is the encoding in use.
func (o *Object) Syntax() Syntax { return o.r.Syntax() }

// gatherer is the Object as its reader's handler.
type gatherer Object

func (g *gatherer) Begin(e *Element) bool {
	o := (*Object)(g)
	o.Elements++
	if e.Tag.Private() {
		o.PrivateElements++
	}
	if e.VR != vrNone && !e.VR.known() {
		o.UnknownVRs++
	}
	o.leave(e)
	o.role, o.buf, o.limit = o.rolesOf(e), o.buf[:0], keepText
	if e.VR == vrUI {
		o.limit = keepUIDs
	}
	if o.role&rolePixels != 0 && o.pixels == nil {
		o.pixels = sha256.New()
	}
	if o.role&roleContent != 0 {
		o.digestTag(e)
	}
	if e.Fragment {
		o.PixelFragments++
	}
	return o.role != 0
}

// rolesOf decides what a value is wanted for.
func (o *Object) rolesOf(e *Element) role {
	var r role
	switch {
	case e.VR == vrSQ:
		return 0
	case pixelTag(e.Tag) && e.Depth == 0:
		if o.purpose == Instance {
			r = rolePixels
		}
		return r | roleMagic
	case pixelTag(e.Tag): // an icon
		return 0
	case !e.VR.binary() && (e.VR != vrNone || e.Length <= keepText):
		r = roleKeep
	case o.purpose == Query || numbers[e.Tag] != nil || (e.Tag == tagFailureReason && o.purpose == Attributes):
		r = roleKeep
	case e.Tag == tagEncapsulated:
		r = roleMagic
	case e.Length >= foreignMin && (e.VR == vrOB || e.VR == vrOW || e.VR == vrUN || e.VR == vrNone):
		r = roleMagic
	}
	if o.purpose == Instance && clinical(e) {
		r |= roleContent
	}
	return r
}

func (o *Object) digestTag(e *Element) {
	if o.content == nil {
		o.content = sha256.New()
	}
	o.content.Write([]byte{byte(e.Tag >> 24), byte(e.Tag >> 16), byte(e.Tag >> 8), byte(e.Tag)})
}

func (g *gatherer) Piece(e *Element, p []byte) {
	o := (*Object)(g)
	if o.role&rolePixels != 0 {
		o.pixels.Write(p)
	}
	if o.role&roleContent != 0 {
		o.content.Write(p)
	}
	if room := o.limit - len(o.buf); room > 0 {
		c := cursor.New(p)
		o.buf = append(o.buf, c.Bytes(min(room, len(p)))...)
	}
	switch {
	case pixelTag(e.Tag):
		o.PixelBytes += int64(len(p))
	case e.Tag == tagEncapsulated:
		o.DocumentBytes += int64(len(p))
	}
}

func (g *gatherer) End(e *Element, lost int64) {
	o := (*Object)(g)
	if lost != 0 {
		o.broken[0] = o.broken[0] || o.role&rolePixels != 0
		o.broken[1] = o.broken[1] || o.role&roleContent != 0
		if lost > 0 && pixelTag(e.Tag) {
			o.PixelBytes += lost
		}
		if lost > 0 && e.Tag == tagEncapsulated {
			o.DocumentBytes += lost
		}
	}
	if o.role&roleMagic != 0 {
		o.foreign(e)
	}
	if o.role&roleKeep != 0 && lost == 0 {
		o.keep(e)
	}
}

func (g *gatherer) Close(e *Element, items int) {
	o := (*Object)(g)
	switch e.Tag {
	case tagReferencedSOP:
		o.Referenced += items
	case tagFailedSOP:
		o.Failed += items
	}
	if o.purpose == Query && e.Depth == 0 && items == 0 {
		o.Keys.add(e.Tag, vrSQ, "")
	}
}

// keep stores a value that was read whole, or its first bytes.
func (o *Object) keep(e *Element) {
	v := o.buf
	if at := numbers[e.Tag]; at != nil && e.Depth == 0 {
		c := cursor.New(v)
		n := c.U16LE()
		if e.Big {
			c = cursor.New(v)
			n = c.U16()
		}
		if !c.Short() {
			*at(&o.Attr) = int64(n)
		}
	}
	if e.Tag == tagCharset {
		o.declare(e, ASCII(v))
		return
	}
	if e.Tag == tagFailureReason {
		o.reason(e, v)
		return
	}
	var s string
	var guessed bool
	if e.VR.charset() || e.VR == vrNone {
		s, guessed = o.charset().Decode(v)
		o.CharsetGuessed = o.CharsetGuessed || (guessed && e.VR != vrNone)
	} else if !e.VR.binary() {
		s = ASCII(v)
	}
	o.judge(e, v, s)
	if s != "" {
		o.store(e, s)
	}
	if o.purpose == Query {
		o.Keys.element(e, s, len(v))
	}
}

// store puts a value into the field that has its name. Values of a scheduled or performed step stand for the data
// set's own where that has none.
func (o *Object) store(e *Element, s string) {
	if o.inside(e, s) {
		return
	}
	at := fields[e.Tag]
	step := e.Depth == 1 && (e.Parent == tagScheduledStep || e.Parent == 0x00400270)
	if at == nil || (e.Depth > 0 && !step) {
		return
	}
	if f := at(&o.Attr); *f == "" {
		*f = s
	}
	switch e.Tag {
	case tagStudyUID:
		if n := strings.Count(s, `\`); n > 0 {
			o.StudyUIDs = strings.Split(s, `\`)
			o.StudyUID, _, _ = strings.Cut(s, `\`)
		}
	case tagFailedUIDs:
		o.Failed += strings.Count(s, `\`) + 1
	case 0x00280008:
		o.Frames, _ = strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	}
}
