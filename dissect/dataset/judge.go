package dataset

import (
	"strings"

	"wardtrace/dissect/cursor"
)

func pixelTag(t Tag) bool { return t == tagPixelData || t == tagFloatPixels || t == tagDoublePixels }

// clinical tells whether an element goes into the content digest: how the image was made and is to be shown, geometry,
// report content, documents, radiotherapy, waveforms, overlays. Left out is what routers and archives rightly coerce:
// patient, study and order identification, UIDs, and persons' names.
func clinical(e *Element) bool {
	g := e.Tag.Group()
	switch {
	case e.VR == vrPN || e.VR == vrUI || e.Tag.Element() == 0:
		return false
	case g == 0x0008:
		return e.Depth > 0 && (e.Tag == 0x00080100 || e.Tag == 0x00080102 || e.Tag == 0x00080104)
	case g == 0x0020:
		return e.Tag != 0x00200010 && e.Tag.Element() < 0x1000
	case g == 0x0040:
		return e.Tag.Element() >= 0xA000
	case g >= 0x6000 && g <= 0x60FF:
		return g&1 == 0
	}
	switch g {
	case 0x0018, 0x0028, 0x0042, 0x0070, 0x3002, 0x3004, 0x3006, 0x3008, 0x300A, 0x300C, 0x3010, 0x5200, 0x5400:
		return true
	}
	return false
}

// judge takes the flags that would be lost when values become pseudonyms.
func (o *Object) judge(e *Element, v []byte, s string) {
	switch {
	case e.VR == vrUI:
		list := o.purpose == Query || e.Tag == tagFailedUIDs
		for _, u := range splitUIDs(s, list || multiUID(e.Tag)) {
			o.InvalidUID = o.InvalidUID || (!ValidUID(u) && !(o.purpose == Query && u == "*"))
			o.PathCharacters = o.PathCharacters || PathCharacters(u)
		}
	case e.Tag == tagFileID:
		o.PathCharacters = o.PathCharacters || strings.Contains(s, "..") || strings.ContainsAny(s, "/:\uFFFD")
	case e.VR.charset():
		o.ActiveText = o.ActiveText || ActiveText(s)
	}
	if s == "" {
		return
	}
	if i, ok := phiBits[e.Tag]; ok {
		o.phi |= 1 << i
	}
}

// multiUID tells whether more than one UID may stand in a composite object's element.
func multiUID(t Tag) bool {
	return t != tagSOPInstance && t != tagStudyUID && t != tagSeriesUID && t != tagSOPClass
}

func splitUIDs(s string, list bool) []string {
	if s == "" {
		return nil
	}
	if list {
		return strings.Split(s, `\`)
	}
	return []string{s}
}

// foreign looks at the first bytes of a binary value for a format that has no place there.
func (o *Object) foreign(e *Element) {
	c := cursor.New(o.buf)
	head := c.Bytes(min(MagicBytes, len(o.buf)))
	m := Magic(head)
	where := e.Tag.Keyword()
	switch {
	case pixelTag(e.Tag):
		m = executablePixels(head)
	case e.Tag == tagEncapsulated:
		o.DocumentFormat = m
		if m == "" || m == "xml" {
			o.DocumentFormat = either(markup(head), m)
		}
		if !Executable(m) && o.expects(m) {
			return
		}
	case !Executable(m) && !strings.HasSuffix(m, "dicom"):
		return
	case e.Tag.Private():
		where = "private element"
	}
	if m == "" {
		return
	}
	o.Executable = o.Executable || Executable(m)
	if len(o.Foreign) < maxForeign {
		o.Foreign = append(o.Foreign, where+": "+m)
	}
}

// expects tells whether a document's format is what its MIME type (0042,0012) says.
func (o *Object) expects(magic string) bool {
	switch strings.ToLower(o.DocumentType) {
	case "application/pdf":
		return magic == "pdf"
	case "text/xml", "application/xml":
		return magic == "xml" || magic == ""
	case "model/stl", "application/sla":
		return magic == "stl" || magic == ""
	}
	return magic == "" || magic == "pdf" || magic == "xml" || magic == "stl"
}

// PathCharacters tells whether a name that software makes a file name of holds what leads elsewhere.
func PathCharacters(s string) bool {
	return strings.ContainsAny(s, "/\\:\x00\uFFFD") || strings.Contains(s, "..")
}

// ActiveText tells whether a text holds what a browser, a database, a logger or printf would act on.
func ActiveText(s string) bool {
	if !strings.ContainsAny(s, "<'%$:;") {
		return false
	}
	l := strings.ToLower(s)
	for _, w := range []string{"<script", "<img", "<svg", "<iframe", "javascript:", "onerror=", "' or ", "'or'", "' union ",
		"';", "' --", "${jndi:", "%n%n", "%s%s", "%x%x", "$(", "`"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	return false
}
