package html

import (
	"bytes"
	"context"
	"os"
	"testing"

	"wardtrace/report/casetest"
)

func TestTry(t *testing.T) {
	var b bytes.Buffer
	if err := Write(context.Background(), &b, casetest.Ward(t)); err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/rep/ward.html", b.Bytes(), 0o644)
}
