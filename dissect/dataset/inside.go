package dataset

import (
	"bytes"
	"strings"

	"wardtrace/dissect/cursor"
)

// Caps of what an object keeps of lists.
const (
	maxReferences = 1024 // instances of a commitment or a procedure step; a large CT has some hundred
	maxOtherIDs   = 32   // other patient ids; a merged patient has a handful
	maxCreators   = 16   // private creators; an object has below ten
	maxCreator    = 64   // bytes of a private creator's name (PS3.5 6.2: LO)
)

// Reference is an instance that a data set of an N-service names.
type Reference struct {
	Within   Tag    // the sequence that lists it: (0008,1199) Referenced, (0008,1198) Failed SOP Sequence, ...
	Class    string // (0008,1150)
	Instance string // (0008,1155)
	Reason   int64  // (0008,1197) of a failed one, 0 if none
}

// place tells items apart.
type place struct {
	depth  int
	parent Tag
	item   int
}

func placeOf(e *Element) place { return place{depth: e.Depth, parent: e.Parent, item: e.Item} }

// itemCharset is a character set that an item declares for itself and what is in it (PS3.3 C.12.1.1.2).
type itemCharset struct {
	place
	cs Charset
}

// declare takes a value of (0008,0005).
func (o *Object) declare(e *Element, s string) {
	cs, ok := ParseCharset(s)
	o.CharsetGuessed = o.CharsetGuessed || !ok
	if e.Depth == 0 {
		o.Charset, o.cs = s, cs
		return
	}
	o.items = append(o.items, itemCharset{place: placeOf(e), cs: cs}) // one a depth: leave() took the others
}

// leave forgets what was declared by items in which e does not lie.
func (o *Object) leave(e *Element) {
	for n := len(o.items); n > 0; n = len(o.items) {
		x := &o.items[n-1]
		if x.depth < e.Depth || (x.place == placeOf(e) && e.Tag != tagCharset) {
			return
		}
		o.items = o.items[:n-1]
	}
}

// charset is the character set in force.
func (o *Object) charset() *Charset {
	if n := len(o.items); n > 0 {
		return &o.items[n-1].cs
	}
	return &o.cs
}

// inside stores what is gathered from lists and from items of sequences. The answer is true if the value needs no other
// place.
func (o *Object) inside(e *Element, s string) bool {
	switch {
	case e.Tag == 0x00101000 && e.Depth == 0:
		for _, id := range strings.Split(s, `\`) {
			o.otherID(id)
		}
	case e.Tag == 0x00100020 && e.Depth == 1 && e.Parent == 0x00101002:
		o.otherID(s)
	case e.Parent == 0x0040A043 && e.Depth == 1:
		o.title(e, s)
	case e.Parent == 0x0040A043 && e.Tag == 0x00080100:
		o.concept = s
	case e.Tag == 0x0040A075 && e.Depth == 1: // Verifying Observer Name
		o.Observer = s
	case e.Tag == 0x0040A030 && e.Depth == 1 && e.Parent == 0x0040A073:
		o.VerifiedAt = s
	case e.Tag == 0x0040A123 && e.Depth >= 1:
		// Author Observer; Person Observer Name of the content tree, code 121008 of DCM (PS3.16 TID 1003)
		if o.Observer == "" && (e.Parent == 0x0040A078 || (e.Parent == 0x0040A730 && o.concept == "121008")) {
			o.Observer = s
		}
	case e.Tag == tagReferencedClass || e.Tag == tagReferencedUID:
		o.reference(e, s)
	case e.Tag.Private() && e.Tag.Element() >= 0x10 && e.Tag.Element() <= 0xFF && (e.VR == vrLO || e.VR == vrNone):
		o.creator(s)
	default:
		return false
	}
	return true
}

func (o *Object) otherID(id string) {
	id = strings.TrimSpace(id)
	if id == "" || len(o.OtherIDs) >= maxOtherIDs {
		return
	}
	for _, x := range o.OtherIDs {
		if x == id {
			return
		}
	}
	o.OtherIDs = append(o.OtherIDs, id)
	o.OtherPatientIDs = o.OtherIDs[0]
}

// title reads the code of a report's title.
func (o *Object) title(e *Element, s string) {
	at := map[Tag]*string{0x00080100: &o.ConceptCode, 0x00080102: &o.ConceptScheme, 0x00080104: &o.ConceptMeaning}[e.Tag]
	if at != nil && *at == "" {
		*at = s
	}
}

// reference reads an instance that an N-service names. Its class comes first, as tags ascend.
func (o *Object) reference(e *Element, s string) {
	if o.purpose != Attributes {
		return
	}
	n := len(o.References)
	if at := placeOf(e); n == 0 || at != o.named || o.References[n-1].Instance != "" {
		if o.named = at; n >= maxReferences {
			o.named = place{depth: -1}
			return
		}
		o.References = append(o.References, Reference{Within: e.Parent})
		n++
	}
	r := &o.References[n-1]
	if e.Tag == tagReferencedClass {
		r.Class = s
	} else {
		r.Instance = s
	}
}

// reason reads why a commitment failed.
func (o *Object) reason(e *Element, v []byte) {
	n := len(o.References)
	if n == 0 || placeOf(e) != o.named {
		return
	}
	c := cursor.New(v)
	why := c.U16LE()
	if e.Big {
		c = cursor.New(v)
		why = c.U16()
	}
	if !c.Short() {
		o.References[n-1].Reason = int64(why)
	}
}

func (o *Object) creator(s string) {
	if len(s) > maxCreator || len(o.PrivateCreators) >= maxCreators {
		return
	}
	for _, x := range o.PrivateCreators {
		if x == s {
			return
		}
	}
	o.PrivateCreators = append(o.PrivateCreators, s)
}

// markup names XML by its root: a clinical document is one whose root says so (HL7 CDA R2).
func markup(head []byte) string {
	switch {
	case bytes.Contains(head, []byte("<ClinicalDocument")), bytes.Contains(head, []byte(":ClinicalDocument")):
		return "cda"
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")):
		return "xml"
	}
	return ""
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
