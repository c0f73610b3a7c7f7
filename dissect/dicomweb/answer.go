package dicomweb

import (
	"strings"

	"wardtrace/dissect/dataset"
	"wardtrace/dissect/xmlread"
)

// answer reads a JSON body: the DICOM JSON model, or what Orthanc's own interface says. It implements tokens.
//
//	[ { "00100020": { "vr": "LO", "Value": [ "LAB-1" ] }, ... }, ... ]
//	[ { "ID": "...", "PatientMainDicomTags": { "PatientID": "LAB-1" } }, ... ]    [ "identifier", ... ]
type answer struct {
	lex     lexer
	model   model
	done    func(*resource) // a data set is over
	stack   []role
	results int64             // elements of the outermost array
	array   bool              // the outermost value is an array
	ids     bool              // its elements are Orthanc's identifiers
	plain   bool              // members of the data set itself are named by keywords (simplified tags)
	named   bool              // a component group of the person's name at hand was taken
	facts   map[string]string // texts of the outermost object whose names are in factNames
	orthanc bool              // they are its resources, with their tags by keyword
	query   func(t dataset.Tag, value string)
}

// role is what an open object or array stands for.
type role uint8

const (
	other      role = iota
	topArray        // the outermost array
	set             // a data set, or a resource of Orthanc
	attrObject      // the object that is an attribute
	valueArray      // its Value
	element         // an object in a Value: an item, or a person's name
	mainTags        // Orthanc's MainDicomTags and the like: keyword to value
	queryTags       // the Query of /tools/find
)

// factNames are members of Orthanc's answers and requests that are kept: none holds patient data.
var factNames = map[string]bool{"Name": true, "Version": true, "ApiVersion": true, "DicomAet": true, "Level": true, "Status": true}

// tagGroups are the members of Orthanc's resources that hold DICOM tags by keyword.
var tagGroups = map[string]bool{"MainDicomTags": true, "PatientMainDicomTags": true, "RequestedTags": true}

func newAnswer(done func(*resource)) *answer {
	a := &answer{done: done, facts: map[string]string{}}
	a.lex.to = a
	return a
}

func (a *answer) top() role {
	if n := len(a.stack); n > 0 {
		return a.stack[n-1:][0]
	}
	return other
}

func (a *answer) open(array bool, key string) {
	r := other
	switch top := a.top(); {
	case len(a.stack) == 0 && array:
		r, a.array = topArray, true
	case len(a.stack) == 0 || (top == topArray && !array):
		r = set
		a.model.begin()
	case top == set || top == element:
		r = a.member(array, key, top)
	case top == attrObject && array && key == "Value":
		r = valueArray
	case top == valueArray && !array:
		r, a.named = element, false
		a.model.item()
	}
	if top := a.top(); top == topArray {
		a.results++
	}
	a.stack = append(a.stack, r)
}

// member decides what an object that is a member of a data set, an item or a resource is.
func (a *answer) member(array bool, key string, in role) role {
	if array {
		return other
	}
	if t, ok := tagOf(key); ok {
		a.model.attribute(t)
		return attrObject
	}
	switch {
	case in == set && tagGroups[key]:
		a.orthanc = true
		return mainTags
	case in == set && key == "Query":
		return queryTags
	}
	return other
}

// tagOf reads a tag as JSON writes it: 00100020, or 0010,0020 in Orthanc's own. A keyword is no tag here.
func tagOf(key string) (dataset.Tag, bool) {
	if len(key) == 9 {
		key = strings.Replace(key, ",", "", 1)
	}
	if len(key) != 8 {
		return 0, false
	}
	t, ok := dataset.ParseTag(key)
	return t, ok && strings.IndexFunc(key, notHex) < 0
}

func notHex(r rune) bool {
	return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F')
}

func (a *answer) close(bool) {
	n := len(a.stack) - 1
	if n < 0 {
		return
	}
	r := a.top()
	a.stack = a.stack[:n]
	switch r {
	case attrObject:
		a.model.endAttribute()
	case set:
		if got := a.model.end(); got != nil {
			a.done(got)
		}
	}
}

func (a *answer) scalar(key, value string, text, _ bool) {
	if !text && value == "null" {
		if a.top() == valueArray {
			a.model.value("")
		}
		return
	}
	switch a.top() {
	case topArray:
		a.results++
		a.ids = a.ids || (text && isOrthancID(value))
	case valueArray:
		a.model.value(value)
	case element:
		if text && (key == "Alphabetic" || key == "Ideographic" || key == "Phonetic") {
			a.name(key, value)
		}
	case attrObject:
		if text && key == "Value" { // Orthanc's /tags
			a.model.value(value)
		}
	case mainTags:
		a.keyword(key, value)
	case queryTags:
		if t, ok := dataset.ParseTag(strings.Replace(key, ",", "", 1)); ok && a.query != nil {
			a.query(t, value)
		}
	case set:
		if len(a.stack) == 1 && factNames[key] {
			a.facts[key] = dataset.Clean(value[:min(len(value), keepText)])
		}
		if a.plain {
			a.keyword(key, value)
		}
	}
}

// name takes a component group of a person's name: the alphabetic one, which other messages use, or the first where it is missing.
func (a *answer) name(key, value string) {
	switch {
	case !a.named:
		a.model.value(value)
	case key == "Alphabetic":
		a.model.replace(value)
	}
	a.named = true
}

func (a *answer) keyword(key, value string) {
	if t, ok := dataset.ParseTag(key); ok && a.model.cur != nil && len(key) != 8 {
		a.model.attribute(t)
		a.model.value(value)
		a.model.endAttribute()
	}
}

// readXML reads a Native DICOM Model (PS3.19 A.1), and tells whether all of it was sound.
//
//	NativeDicomModel > DicomAttribute tag vr > Value number | PersonName > Alphabetic > FamilyName ... | Item > DicomAttribute
func readXML(text []byte, done func(*resource)) bool {
	doc := xmlread.Parse(text)
	if doc.Root == nil || doc.Root.Name != "NativeDicomModel" {
		return false
	}
	m := model{}
	m.begin()
	xmlSet(&m, doc.Root, 0)
	done(m.end())
	return doc.Problem == ""
}

func xmlSet(m *model, n *xmlread.Node, depth int) {
	if depth > dataset.MaxDepth {
		return
	}
	for _, at := range n.All("DicomAttribute") {
		t, ok := tagOf(at.Attr("tag"))
		if !ok {
			continue
		}
		m.attribute(t)
		for _, kid := range at.Kids {
			switch kid.Name {
			case "Value":
				m.value(kid.Text)
			case "PersonName":
				m.value(xmlName(kid))
			case "Item":
				m.item()
				xmlSet(m, kid, depth+1)
			}
		}
		m.endAttribute()
	}
}

// xmlName puts the components of a person's name together as PS3.5 6.2.1.1 writes them.
func xmlName(n *xmlread.Node) string {
	group := n.Child("Alphabetic")
	if group == nil {
		group = n.First()
	}
	var parts []string
	for _, p := range []string{"FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"} {
		parts = append(parts, group.Child(p).Value())
	}
	return strings.TrimRight(strings.Join(parts, "^"), "^")
}
