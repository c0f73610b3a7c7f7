package analyze

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"time"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/defrag"
	"wardtrace/analyze/device"
	"wardtrace/analyze/flow"
	"wardtrace/analyze/link"
	"wardtrace/analyze/packet"
	"wardtrace/analyze/store"
	"wardtrace/dissect"
	"wardtrace/dissect/all"
	"wardtrace/dissect/clinical"
	"wardtrace/dissect/event"
)

// Run reads the captures into a new case. On error there is either no case or one that says it is not complete.
func Run(ctx context.Context, opt Options, stdin io.Reader, progress Progress) (*Case, error) {
	found := progress.watch(looking)
	defer found()
	src, err := opt.open(ctx, stdin)
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer src.Close()
	key, err := opt.oldKey() // before anything is replaced
	if err != nil {
		return nil, err
	}
	lock, err := prepare(opt.Case, opt.Clobber)
	if err != nil {
		return nil, err
	}
	c, vault, err := newCase(ctx, opt, key)
	if err != nil {
		return nil, errors.Join(cause(ctx, err), lock.leave())
	}
	c.lock = lock
	found()
	if err := c.fill(ctx, src, vault, progress); err != nil {
		if ctx.Err() != nil {
			return c, errors.Join(context.Cause(ctx), c.Interrupted())
		}
		return c, errors.Join(err, c.Abandon())
	}
	return c, nil
}

// cause gives why a run was interrupted, if it was: whatever failed then failed because of it.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// newCase makes the database of a case, and the key if there is none yet.
func newCase(ctx context.Context, opt Options, key []byte) (*Case, *store.Vault, error) {
	if key == nil {
		var err error
		if key, err = makeKey(opt.keyPath()); err != nil {
			return nil, nil, err
		}
	}
	vault, err := store.NewVault(key, opt.PHI == "clear")
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Create(ctx, filepath.Join(opt.Case, "case.duckdb"), Tables(), store.Options{Lanes: lanes(opt.Workers), Memory: duckMemory, Settled: sqlMemory, PHI: vault})
	if err != nil {
		return nil, nil, err
	}
	return &Case{Dir: opt.Case, DB: st.DB, store: st, options: opt}, vault, nil
}

// Tables lists every table that the captures fill.
func Tables() []*event.Table {
	tables := []*event.Table{capture.Files.Desc(), flow.Flows.Desc(), event.Anomalies.Desc(), event.Identities.Desc(),
		device.Devices.Desc(), device.Addresses.Desc()}
	tables = append(tables, clinical.Tables()...)
	tables = append(tables, link.Tables()...)
	seen := map[*event.Table]bool{}
	for _, t := range tables {
		seen[t] = true
	}
	for _, p := range all.Protocols {
		for _, t := range p.Tables {
			if !seen[t] {
				seen[t] = true
				tables = append(tables, t)
			}
		}
	}
	return tables
}

// fill runs the pipeline: one reader, the shards, one loader.
func (c *Case) fill(ctx context.Context, src *capture.Stream, vault *store.Vault, progress Progress) error {
	defer debug.FreeOSMemory() // what reading took is the rules' now
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(max(goMemory, 2*c.options.Memory)))
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	rows, spare := make(chan *event.Batch, rowQueue), make(chan *event.Batch, rowQueue+c.options.Workers)
	set := dissect.NewSet(all.Protocols)
	bud := newBudget(c.options.Memory, c.options.Workers)
	r := &router{src: src, dec: packet.NewDecoder(), frag: defrag.New(fragmentBytes), budget: bud}
	var wg sync.WaitGroup
	for range c.options.Workers {
		s := newShard(set, flow.Options{Local: c.options.Local, Server: set.Serves}, bud, rows)
		s.spare = spare
		r.shards = append(r.shards, s)
		wg.Go(s.run)
	}
	loaded := make(chan error, 1)
	go func() { loaded <- c.load(ctx, cancel, rows, spare) }()
	stop := progress.watch(r.progress)

	err := r.run(ctx) // what was read when it is interrupted is kept: the shards close their flows all the same
	wg.Wait()
	stop()
	c.Files, c.Skipped, c.Totals = src.Files(), src.Skipped(), r.totals
	for _, s := range r.shards {
		c.Totals.Flows += s.flows
	}
	rows <- c.closing(src, r, vault)
	close(rows)
	r.shards, set = nil, nil
	debug.FreeOSMemory() // DuckDB needs most when it commits

	if failed := <-loaded; failed != nil { // the reader was stopped because of it
		return failed
	}
	return err
}

// load appends what the shards emit and gives the batches back. When it fails, the rest is drained so that no shard waits for ever.
func (c *Case) load(ctx context.Context, cancel context.CancelCauseFunc, rows <-chan *event.Batch, spare chan<- *event.Batch) error {
	var failed error
	for b := range rows {
		if failed != nil {
			continue
		}
		done := func() {
			b.Reset()
			select {
			case spare <- b:
			default:
			}
		}
		if failed = c.store.Load(b, done); failed != nil {
			cancel(failed)
		}
	}
	if failed != nil {
		return failed
	}
	if err := errors.Join(c.store.Flush(), c.store.Settle(context.WithoutCancel(ctx))); err != nil {
		return err
	}
	if err := link.Fill(context.WithoutCancel(ctx), c.DB); err != nil {
		return err
	}
	devices, err := device.Fuse(context.WithoutCancel(ctx), c.DB)
	if err != nil {
		return err
	}
	return errors.Join(c.store.Load(devices, nil), c.store.Finish())
}

// closing gives the rows about the run as a whole.
func (c *Case) closing(src *capture.Stream, r *router, vault *store.Vault) *event.Batch {
	b := &r.notes
	for _, f := range c.Files {
		capture.Files.Add(b, f)
	}
	b.Begin(0, nil)
	for _, d := range src.Damage() {
		event.Anomalies.Emit(b, d.Ref, d.Anomaly)
	}
	r.frag.Flush()
	r.note()
	c.Totals.anomalies(b)
	info := c.options.asMap()
	info["phi_key"] = vault.Fingerprint()
	info["packets"] = fmt.Sprint(c.Totals.Packets)
	info["skipped_files"] = fmt.Sprint(len(c.Skipped))
	keys := make([]string, 0, len(info))
	for k := range info {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		store.Infos.Add(b, store.CaseInfo{Key: k, Value: info[k]})
	}
	return b
}

// asMap gives the options that shape the case. The number of workers is not among them: it shapes nothing.
func (o *Options) asMap() map[string]string {
	local := make([]string, len(o.Local))
	for i, p := range o.Local {
		local[i] = p.String()
	}
	m := map[string]string{"filter": o.Filter, "local": strings.Join(local, ","), "memory": fmt.Sprint(o.Memory), "phi": o.PHI}
	if o.Count > 0 {
		m["count"] = fmt.Sprint(o.Count)
	}
	if o.From != 0 {
		m["from"] = stamp(o.From)
	}
	if o.To != 0 {
		m["to"] = stamp(o.To)
	}
	o.readingMap(m)
	return m
}

func stamp(t event.Time) string {
	if t == 0 {
		return ""
	}
	return time.Unix(0, int64(t)).UTC().Format(time.RFC3339Nano)
}
