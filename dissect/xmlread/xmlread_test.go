package xmlread

import (
	"fmt"
	"strings"
	"testing"
)

func outline(n *Node) string {
	if n == nil {
		return "-"
	}
	var b strings.Builder
	b.WriteString(n.Name)
	for _, a := range n.Attrs {
		fmt.Fprintf(&b, " @%s=%s", a.Name, a.Value)
	}
	if n.Text != "" {
		fmt.Fprintf(&b, " %q", n.Text)
	}
	if len(n.Kids) > 0 {
		b.WriteString("(")
		for i, k := range n.Kids {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(outline(k))
		}
		b.WriteString(")")
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		problem        Problem
	}{
		{"plain", `<?xml version="1.0"?><a x="1"><b>one</b><c/></a>`, `a @x=1(b "one", c)`, Sound},
		{"own text is joined and trimmed", "<a> one <b/> two </a>", `a "one  two"(b)`, Sound},
		{"entities of XML", `<a x="&lt;&#x41;">&amp;</a>`, `a @x=<A "&"`, Sound},
		{"cdata", `<a><![CDATA[<b>]]></a>`, `a "<b>"`, Sound},
		{"behind the root", `<a/><b/>`, `a`, Sound},
		{"cut in an element", `<a><b>one</b><c>tw`, `a(b "one", c "tw")`, Cut},
		{"cut in a tag", `<a><b>one</b><c x="`, `a(b "one")`, Cut},
		{"wrong end", `<a><b>one</a>`, `a(b "one")`, Malformed},
		{"own entity", `<!DOCTYPE a [<!ENTITY x "y">]><a>1<b/>&x;</a>`, `a "1"(b)`, Malformed},
		{"utf-16", "\xff\xfe<\x00a\x00>\x00\xfc\x00<\x00/\x00a\x00>\x00", `a "ü"`, Sound},
		{"byte order mark", "\xef\xbb\xbf<a>ü</a>", `a "ü"`, Sound},
		{"latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfc</a>", `a "ü"`, Sound},
		{"not the UTF-8 it should be", "<a>\xfc</a>", `a "ü"`, Sound},
		{"cut in a character", "<a>\xc3\xbc\xc3", `a "ü"`, Cut},
		{"charset not read", "<?xml version='1.0' encoding='EBCDIC-CP-FR'?><a/>", `-`, Charset},
		{"no document", "", `-`, Sound},
		{"no XML", "hello", `-`, Sound},
	} {
		doc := Parse([]byte(c.in))
		got := outline(doc.Root)
		if got != c.want || doc.Problem != c.problem {
			t.Errorf("%s: %s, problem %q; want %s, %q", c.name, got, doc.Problem, c.want, c.problem)
		}
	}
	if doc := Parse([]byte(`<!DOCTYPE a SYSTEM "http://192.0.2.1/x"><a/>`)); !doc.DTD || doc.Root == nil {
		t.Error("a document type was not noted")
	}
}

// TestCaps holds that no document grows a tree without bound.
func TestCaps(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want Problem
	}{
		"depth": {strings.Repeat("<a>", 100000), TooDeep},
		"nodes": {"<a>" + strings.Repeat("<b/>", 100000) + "</a>", TooMany},
		"attrs": {"<a " + strings.Repeat(`x="" `, 300) + "/>", TooMany},
		"text":  {"<a><b>" + strings.Repeat("x", maxText+1) + "</b><c/></a>", TooLong},
		"value": {`<a x="` + strings.Repeat("x", maxText+1) + `"><c/></a>`, TooLong},
		"all":   {"<a>" + strings.Repeat("<b>"+strings.Repeat("x", maxText)+"</b>", maxAll/maxText+1) + "<c/></a>", TooLong},
	} {
		doc := Parse([]byte(c.in))
		nodes := 0
		doc.Root.Walk(func(*Node) bool { nodes++; return true })
		if doc.Problem != c.want || nodes > maxNodes {
			t.Errorf("%s: problem %q with %d nodes, want %q", name, doc.Problem, nodes, c.want)
		}
		if c.want == TooLong && doc.Root.Child("c") == nil {
			t.Errorf("%s: the document was not read on", name)
		}
	}
}

func TestNode(t *testing.T) {
	root := Parse([]byte(`<s:a xmlns:s="urn:s" xmlns="urn:d" xmlns:x="urn:x"><b s:t="x:T" id="1"><c>v</c></b><b id="2" xmlns:x="urn:y"/></s:a>`)).Root
	b := root.All("b")
	if root.Space != "urn:s" || len(b) != 2 || b[0].Space != "urn:d" || b[0].Attr("t") != "x:T" || b[1].Attr("id") != "2" || root.Attr("x") != "" {
		t.Fatalf("tree %s", outline(root))
	}
	if root.Path("b", "c").Value() != "v" || root.Find("c").Parent != b[0] || root.First() != b[0] {
		t.Error("an element is not found")
	}
	if b[0].Lookup("x") != "urn:x" || b[1].Lookup("x") != "urn:y" || b[0].Lookup("") != "urn:d" || b[0].Lookup("q") != "" {
		t.Error("a prefix stands for the wrong namespace")
	}
	var none *Node
	if none.Attr("a") != "" || none.Path("a", "b").Value() != "" || none.All("a") != nil || none.Find("a") != nil || none.First() != nil || none.Lookup("a") != "" {
		t.Error("what is not there has something")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`<a x="1"><b>one</b></a>`, "<!DOCTYPE a><a>&x;</a>", "\xff\xfe<\x00a\x00>\x00", "<?xml version='1.0' encoding='latin1'?><a>\xfc</a>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		doc := Parse(in)
		depth := 0
		doc.Root.Walk(func(n *Node) bool {
			d := 0
			for p := n; p != nil; p = p.Parent {
				d++
			}
			depth = max(depth, d)
			return true
		})
		if depth > maxDepth {
			t.Errorf("depth %d", depth)
		}
	})
}
