package html

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"wardtrace/analyze"
	"wardtrace/report/casetest"
	"wardtrace/rules"
	"wardtrace/samples"
)

// browser starts a Chromium without a window, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		samples.Skip(t, "there is no Chromium here to open the page with")
	}
	ctx, stop := chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WindowSize(1280, 1000), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND")))
	t.Cleanup(stop)
	timer := time.AfterFunc(150*time.Second, stop) // a browser that hangs fails the test
	t.Cleanup(func() { timer.Stop() })
	return ctx
}

// opened opens the page of a case and collects what it complains of and asks for.
type opened struct {
	ctx     context.Context
	started bool
	mu      sync.Mutex
	bad     []string
}

func open(t *testing.T, db *sql.DB) *opened {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, casetest.Written(t, db, Write), 0o600); err != nil {
		t.Fatal(err)
	}
	o := &opened{ctx: browser(t)}
	url := "file://" + filepath.ToSlash(path)
	o.run(t)
	err := chromedp.Listen(o.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			if ev.Request.URL != url {
				o.note("asks for " + ev.Request.URL)
			}
		case *runtime.EventExceptionThrown:
			o.note("throws " + ev.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			o.note("writes to the console")
		case *log.EventEntryAdded:
			o.note("makes the browser say: " + ev.Entry.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	o.run(t, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		_, err2 := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		_, err3 := cdp.Call(ctx, target, runtime.Enable, cdp.Empty{})
		return errors.Join(err, err2, err3)
	}), chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("footer")))
	return o
}

func (o *opened) note(s string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bad = append(o.bad, s)
}

func (o *opened) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, stop := o.ctx, context.CancelFunc(func() {})
	if o.started {
		ctx, stop = context.WithTimeout(o.ctx, 30*time.Second)
	}
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatalf("the page does not do what was asked of it: %v", err)
	}
	o.started = true // the first call starts the browser, which its own context must outlive
}

// eval gives the value of an expression in the page.
func eval[T any](t *testing.T, o *opened, expr string) T {
	t.Helper()
	v, err := chromedp.Run(o.ctx, chromedp.Evaluate[T](expr))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (o *opened) check(t *testing.T) {
	t.Helper()
	time.Sleep(200 * time.Millisecond) // events of the last action are still on their way
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.bad {
		t.Errorf("the page %s", s)
	}
}

// TestBrowser opens the page as a reader does: it is quiet, the timeline is drawn, links and filters work, and paper shows all.
func TestBrowser(t *testing.T) {
	o := open(t, casetest.Ward(t))
	if inside := eval[bool](t, o, `(() => { const s = document.querySelector('#timeline svg').getBoundingClientRect();
		const m = [...document.querySelectorAll('#timeline svg .mark path')].map(e => e.getBoundingClientRect());
		return s.width > 600 && s.height > 150 && m.length >= 8 && m.every(r => r.width > 4 && r.left >= s.left && r.right <= s.right + 1 && r.top >= s.top - 1 && r.bottom <= s.bottom) })()`); !inside {
		t.Error("the timeline is not drawn, or its marks are not in it")
	}
	if wide := eval[bool](t, o, `document.documentElement.scrollWidth > document.documentElement.clientWidth`); wide {
		t.Error("the page is wider than the window")
	}
	testFilter(t, o)
	testFolding(t, o)
	testPaper(t, o)
	o.check(t)
}

func testFilter(t *testing.T, o *opened) {
	t.Helper()
	const rows = `[...document.querySelectorAll('#devices tbody tr')].filter(r => r.offsetHeight > 0).length`
	before := eval[int](t, o, rows)
	o.run(t, chromedp.SendKeys(chromedp.CSS(`#devices input[type=search]`), "PUMP ei-3000"))
	if n := eval[int](t, o, rows); before != 8 || n != 2 {
		t.Errorf("%d devices, %d after the filter; want 8 and 2", before, n)
	}
	if s := eval[string](t, o, `document.querySelector('#devices .filter span').textContent`); s != "2 of 8" {
		t.Errorf("the filter says %q", s)
	}
}

func testFolding(t *testing.T, o *opened) {
	t.Helper()
	if n := eval[int](t, o, `document.querySelectorAll('details[open]').length`); n != 0 {
		t.Errorf("%d details are open at first", n)
	}
	hidden := eval[int](t, o, `[...document.querySelectorAll('#timeline svg a')].filter(a => !document.querySelector(a.getAttribute('href'))).length`)
	if hidden != 0 {
		t.Errorf("%d marks lead nowhere", hidden)
	}
	eval[bool](t, o, `window.dispatchEvent(new Event('beforeprint'))`)
	if n := eval[int](t, o, `document.querySelectorAll('details:not([open])').length + [...document.querySelectorAll('#devices tbody tr')].filter(r => r.hidden).length`); n != 0 {
		t.Errorf("%d things are hidden on paper", n)
	}
	eval[bool](t, o, `window.dispatchEvent(new Event('afterprint'))`)
	if n := eval[int](t, o, `document.querySelectorAll('details[open]').length`); n != 0 {
		t.Errorf("%d details are open after printing", n)
	}
}

func testPaper(t *testing.T, o *opened) {
	t.Helper()
	pdf, err := chromedp.Run(o.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf, -1)); n < 5 || n > 30 {
		t.Errorf("printed, the page has %d pages", n)
	}
}

// TestBrowserHostile opens a page full of attacks, touches everything in it, and sees that nothing of it runs or is asked for.
func TestBrowserHostile(t *testing.T) {
	o := open(t, casetest.Hostile(t))
	touch(t, o)
	if title := eval[string](t, o, `document.title`); !strings.HasPrefix(title, "wardtrace: 2 incidents") {
		t.Errorf("the title is %q", title)
	}
	if wide := eval[bool](t, o, `document.documentElement.scrollWidth > document.documentElement.clientWidth`); wide {
		t.Error("text from the wire makes the page wider than the window")
	}
	o.check(t)
}

// touch does to everything in the page what a reader may, and sees that no script ran that is not the page's own.
func touch(t *testing.T, o *opened) {
	t.Helper()
	eval[bool](t, o, `document.querySelectorAll('*').forEach(e => { for (const n of ['mouseover', 'focus', 'load', 'error', 'toggle', 'begin']) { e.dispatchEvent(new Event(n)) } }), true`)
	time.Sleep(300 * time.Millisecond)
	if pwned := eval[bool](t, o, `window.pwned !== undefined`); pwned {
		t.Error("text from the wire ran as a script")
	}
}

// TestBrowserHostileCapture does the same with the page of a capture in which every text that dissectors take is an attack.
func TestBrowserHostileCapture(t *testing.T) {
	opt := analyze.Options{Case: filepath.Join(t.TempDir(), "h.case"), PHI: "clear", Workers: 1, Memory: 256 << 20, Paths: []string{samples.Dir("hostile-text")}}
	c, err := analyze.Run(t.Context(), opt, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Abandon() })
	set, err := rules.Load(rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rules.Run(t.Context(), c.DB, set, false); err != nil {
		t.Fatal(err)
	}
	o := open(t, c.DB)
	touch(t, o)
	if seen := eval[bool](t, o, `document.body.textContent.includes('window.pwned=1')`); !seen {
		t.Error("no attack is on the page: it proves nothing")
	}
	o.check(t)
}
