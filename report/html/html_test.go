package html

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"

	"wardtrace/report/casetest"
)

// text gives what a reader sees of a page, a line a block.
func text(t *testing.T, page []byte) string {
	t.Helper()
	root, err := xhtml.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]bool{"p": true, "li": true, "tr": true, "dt": true, "dd": true, "h1": true, "h2": true, "h3": true, "summary": true, "a": true, "text": true, "nav": true, "svg": true}
	var b strings.Builder
	var walk func(n *xhtml.Node)
	walk = func(n *xhtml.Node) {
		switch {
		case n.Type == xhtml.ElementNode && (n.Data == "style" || n.Data == "script"):
			return
		case n.Type == xhtml.ElementNode && (blocks[n.Data]):
			b.WriteByte('\n')
		case n.Type == xhtml.ElementNode && n.Data == "td":
			b.WriteString(" | ")
		case n.Type == xhtml.TextNode:
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	var lines []string
	for _, l := range strings.Split(b.String(), "\n") {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestGolden compares what a reader sees, not how it looks.
func TestGolden(t *testing.T) {
	casetest.Golden(t, "ward.txt", []byte(text(t, casetest.Written(t, casetest.Ward(t), Write))))
	casetest.Golden(t, "quiet.txt", []byte(text(t, casetest.Written(t, casetest.Quiet(t), Write))))
	casetest.Golden(t, "empty.txt", []byte(text(t, casetest.Written(t, casetest.Empty(t), Write))))
}

// TestSameCase holds that a case that was made again gives the same bytes.
func TestSameCase(t *testing.T) {
	a, b := casetest.Written(t, casetest.Ward(t), Write), casetest.Written(t, casetest.Ward(t), Write)
	if !bytes.Equal(a, b) {
		t.Error("two equal cases give different pages")
	}
	checkPolicy(t, string(a))
}

// checkPolicy holds that the page allows itself its own script and style, by their hashes, and nothing else.
func checkPolicy(t *testing.T, page string) {
	t.Helper()
	if !strings.Contains(page, "default-src &#39;none&#39;; style-src &#39;sha256-") || strings.Contains(page, "unsafe-inline") {
		t.Error("the policy is not strict")
	}
	for _, s := range []string{"http://", "https://", "url(", "@import", "src="} {
		if strings.Contains(page, s) {
			t.Errorf("the page holds %q, which would load something", s)
		}
	}
}

// allowed are the elements and attributes of the page. No other may come out of what was captured.
var allowed = map[string]string{
	"html": "lang", "head": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "", "header": "class", "nav": "aria-label", "main": "",
	"section": "id class", "div": "class", "span": "class", "b": "", "h1": "", "h2": "", "h3": "", "p": "class", "a": "href", "ol": "class aria-label", "ul": "class",
	"li": "id class", "dl": "class", "dt": "", "dd": "", "time": "datetime", "code": "", "details": "data-fold open", "summary": "", "table": "class data-filter",
	"thead": "", "tbody": "", "tr": "id", "th": "class", "td": "class", "footer": "", "script": "", "svg": "viewbox role aria-label aria-hidden", "desc": "",
	"rect": "class x y width height", "g": "class transform", "path": "class d", "line": "class x1 x2 y1 y2", "circle": "class cx cy r", "text": "class x y text-anchor",
}

// TestHostile holds that text from the wire stays text, wherever it stands in the page.
func TestHostile(t *testing.T) {
	page := casetest.Written(t, casetest.Hostile(t), Write)
	body := page[bytes.Index(page, []byte("<body>")):bytes.LastIndex(page, []byte("<script>"))]
	casetest.NoControls(t, body)
	root, err := xhtml.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	var walk func(n *xhtml.Node)
	walk = func(n *xhtml.Node) {
		if n.Type == xhtml.ElementNode {
			count[n.Data]++
			checkElement(t, n)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	if count["script"] != 1 || count["style"] != 1 || count["meta"] != 5 {
		t.Errorf("%d scripts, %d styles, %d metas; want 1, 1 and 5", count["script"], count["style"], count["meta"])
	}
	if seen := text(t, page); !strings.Contains(seen, `<script>window.pwned=1</script>`) || !strings.Contains(seen, `\x1b[2J`) {
		t.Error("the attacks are not shown as the text that they are")
	}
}

func checkElement(t *testing.T, n *xhtml.Node) {
	t.Helper()
	attrs, ok := allowed[n.Data]
	if !ok {
		t.Errorf("there is an element %s", n.Data)
	}
	for _, a := range n.Attr {
		known := strings.Contains(" "+attrs+" ", " "+strings.ToLower(a.Key)+" ")
		if !known || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
			t.Errorf("<%s> has the attribute %s=%q", n.Data, a.Key, a.Val)
		}
	}
}

// TestNoTables holds that a case that was interrupted before it had tables gives a page that says so.
func TestNoTables(t *testing.T) {
	db := casetest.Empty(t)
	casetest.Exec(t, db, `DROP TABLE finding;
DROP TABLE finding_evidence;
DROP TABLE rule_run;
DROP TABLE incident;
INSERT INTO case_info VALUES ('state', 'running')`)
	seen := text(t, casetest.Written(t, db, Write))
	if !strings.Contains(seen, "This case is incomplete") || strings.Contains(seen, "No attack") {
		t.Errorf("the page does not say that the case is incomplete:\n%.400s", seen)
	}
}

// TestLarge holds that a page stays readable however large the case is, and says what it leaves out.
func TestLarge(t *testing.T) {
	db := casetest.Ward(t)
	casetest.Exec(t, db, `INSERT INTO incident SELECT i + 3, 'high', 1, ts, until, title, stages, actors, targets, 100 FROM incident, range(0, 60) t(i) WHERE incident_id = 2;
INSERT INTO finding BY NAME SELECT printf('%08x%08x', i + 3, k) AS finding_id, 'net/port-scan' AS rule, title, level, base_level, kind, stage, attack, ts + to_milliseconds(k) AS ts, until + to_milliseconds(k) AS until,
	actor, target, flow_id, file, frame, count, what, i + 3 AS incident_id FROM finding, range(0, 60) t(i), range(0, 100) u(k) WHERE incident_id = 2 AND rule = 'net/port-scan';
INSERT INTO finding_evidence SELECT f.finding_id, w.flow_id, w.file, w.frame FROM finding f, flow w WHERE f.incident_id > 2 AND w.frame % 400 = 1;
INSERT INTO device BY NAME SELECT 'x' || i AS device_id, '10.99.' || i // 250 || '.' || i % 250 AS ip FROM range(0, 5000) t(i);
INSERT INTO capture_file BY NAME SELECT 3 + i AS file, 'f' || i AS path, 0 AS packets, true AS complete FROM range(0, 2000) t(i)`)
	var b bytes.Buffer
	if err := Write(context.Background(), &b, db); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 12<<20 {
		t.Errorf("the page has %d bytes", b.Len())
	}
	seen := text(t, b.Bytes())
	for _, want := range []string{"37 more incidents of less weight are not told here", "80 of 100 findings are told", "400 of 5,008 are listed", "300 of 2,002 files are listed"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if marks := strings.Count(b.String(), `class="mark`); marks > 8000 {
		t.Errorf("%d marks", marks)
	}
}

// TestAxis holds that the axis has few, round labels for any span.
func TestAxis(t *testing.T) {
	db := casetest.Ward(t)
	for _, span := range []string{"0 seconds", "3 seconds", "50 seconds", "40 minutes", "30 hours", "40 days", "90 years"} {
		casetest.Exec(t, db, fmt.Sprintf(`UPDATE capture_file SET last_ts = TIMESTAMP_NS '2026-11-20 01:58:02'::TIMESTAMP + INTERVAL '%s'`, span))
		var page strings.Builder
		if err := Write(context.Background(), &page, db); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(page.String(), `class="grid"`); n > 60 || n == 0 && span != "0 seconds" {
			t.Errorf("%s: %d labels", span, n)
		}
	}
}
