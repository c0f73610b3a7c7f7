package summary

import (
	"context"
	"database/sql"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"wardtrace/report/casetest"
)

func with(opt Options) func(context.Context, io.Writer, *sql.DB) error {
	return func(ctx context.Context, w io.Writer, db *sql.DB) error { return Write(ctx, w, db, opt) }
}

func TestGolden(t *testing.T) {
	opt := Options{Case: "ward-night.case"}
	casetest.Golden(t, "ward.txt", casetest.Written(t, casetest.Ward(t), with(opt)))
	casetest.Golden(t, "quiet.txt", casetest.Written(t, casetest.Quiet(t), with(opt)))
	casetest.Golden(t, "empty.txt", casetest.Written(t, casetest.Empty(t), with(opt)))
	opt.Verbose = true
	casetest.Golden(t, "verbose.txt", casetest.Written(t, casetest.Ward(t), with(opt)))
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestColour holds that colours change nothing but the colour.
func TestColour(t *testing.T) {
	db := casetest.Ward(t)
	plain, coloured := casetest.Written(t, db, with(Options{Case: "c"})), casetest.Written(t, db, with(Options{Case: "c", Colour: true}))
	if !colour.Match(coloured) || string(colour.ReplaceAll(coloured, nil)) != string(plain) {
		t.Error("the coloured summary is not the plain one in colour")
	}
}

// TestHostile holds that nothing from the wire reaches the terminal that it could obey, and that lines stay lines.
func TestHostile(t *testing.T) {
	out := casetest.Written(t, casetest.Hostile(t), with(Options{Case: "c", Verbose: true}))
	casetest.NoControls(t, out)
	for _, line := range strings.Split(string(out), "\n") {
		if utf8.RuneCountInString(line) > width {
			t.Errorf("a line is %d columns wide: %s", utf8.RuneCountInString(line), line)
		}
	}
	if !strings.Contains(string(out), "window.pwned") {
		t.Error("the attacks are not there: the test shows nothing")
	}
}

// TestNeverSaysNothingHappened holds promise 6 for the cases in which it is easily broken.
func TestNeverSaysNothingHappened(t *testing.T) {
	for name, script := range map[string]string{
		"no rule ran":     `DELETE FROM rule_run`,
		"interrupted":     `UPDATE case_info SET value = 'interrupted' WHERE key = 'state'`,
		"nothing to read": `DELETE FROM hl7_message; DELETE FROM dicom_dataset`,
	} {
		db := casetest.Quiet(t)
		casetest.Exec(t, db, script)
		out := string(casetest.Written(t, db, with(Options{Case: "c"})))
		switch name {
		case "no rule ran", "interrupted":
			if strings.Contains(out, "incidents  none") || !strings.Contains(out, "INCOMPLETE") {
				t.Errorf("%s:\n%s", name, out)
			}
		default:
			if !strings.Contains(out, "none counted: the capture holds no clinical message that could be read") {
				t.Errorf("%s:\n%s", name, out)
			}
		}
	}
}
