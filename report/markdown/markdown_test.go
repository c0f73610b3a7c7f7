package markdown

import (
	"regexp"
	"strings"
	"testing"

	"wardtrace/report/casetest"
)

func TestGolden(t *testing.T) {
	casetest.Golden(t, "ward.md", casetest.Written(t, casetest.Ward(t), Write))
	casetest.Golden(t, "quiet.md", casetest.Written(t, casetest.Quiet(t), Write))
	casetest.Golden(t, "empty.md", casetest.Written(t, casetest.Empty(t), Write))
}

// live is markup that text from the wire would bring: HTML, links, images, headings, code, table cells.
var live = regexp.MustCompile("(^|[^\\\\])(<[a-zA-Z/!]|\\]\\(|!\\[|&lt;)")

// TestHostile holds that text from the wire cannot become markup.
func TestHostile(t *testing.T) {
	out := casetest.Written(t, casetest.Hostile(t), Write)
	casetest.NoControls(t, out)
	for _, line := range strings.Split(string(out), "\n") {
		if live.MatchString(line) {
			t.Errorf("markup from the wire: %s", line)
		}
		ours := strings.HasPrefix(line, "- `") || strings.Contains(line, "SHA-256 `")
		if n := strings.Count(strings.ReplaceAll(line, "\\`", ""), "`"); n != 0 && !(ours && n == 2) {
			t.Errorf("%d backticks: %s", n, line)
		}
		if strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "| ---") {
			if n := strings.Count(strings.ReplaceAll(line, "\\|", ""), "|"); n != 7 {
				t.Errorf("a row of the table has %d bars: %s", n, line)
			}
		}
	}
	if !strings.Contains(string(out), `\<script\>`) {
		t.Error("the attacks are not there: the test shows nothing")
	}
}
