package analyze

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"

	"wardtrace/analyze/capture"
	"wardtrace/analyze/defrag"
	"wardtrace/analyze/flow"
	"wardtrace/analyze/packet"
	"wardtrace/dissect/event"
)

// write finds the captures and takes what is wanted out of them.
func (c *carving) write(ctx context.Context, paths []string) error {
	if len(c.unresolved) > 0 {
		if err := c.resolve(ctx, paths); err != nil {
			return err
		}
	}
	inputs, err := c.needed(paths)
	if err != nil {
		return err
	}
	return c.take(ctx, inputs)
}

// needed finds the captures that hold what is wanted: those whose times a conversation's touch, and those of single packets.
func (c *carving) needed(paths []string) ([]source, error) {
	files := map[uint32]bool{}
	for _, s := range c.alone {
		files[s.file] = true
	}
	reach := c.reach()
	for _, f := range c.files {
		if c.everything || c.run.Count > 0 || c.sel.Window && c.inWindow(f.first, f.last) || reach(f.first, f.last) {
			files[f.file] = true
		}
	}
	var wanted, disk []ManifestInput
	lies := map[string]bool{}
	for _, in := range c.manifest.Inputs {
		if files[in.File] && in.CopyOf == 0 && in.Packets > 0 {
			wanted = append(wanted, in)
			lies[in.Path] = true
		}
	}
	if len(wanted) == 0 {
		return nil, usage("no packet of the case belongs to what was asked for: %s", c.what())
	}
	for _, in := range c.manifest.Inputs { // only these are hashed: what a case has beside is not needed
		if in.Member == "" && lies[in.Path] {
			disk = append(disk, in)
		}
	}
	return c.located(wanted, &Manifest{Inputs: disk}, paths)
}

// located says where captures lie now, on their own or in an archive.
func (c *carving) located(wanted []ManifestInput, disk *Manifest, paths []string) ([]source, error) {
	found, err := disk.find(paths)
	at := map[string]string{}
	for i, in := range disk.Inputs {
		if at[in.Path] = found[i]; found[i] == "" {
			return nil, errors.Join(in.lost(), err)
		}
	}
	out := make([]source, len(wanted))
	for i, in := range wanted {
		out[i] = source{in, at[in.Path]}
	}
	return out, nil
}

// inWindow says whether any time of [first, last] is in the window that was asked for.
func (c *carving) inWindow(first, last event.Time) bool {
	return (c.sel.To == 0 || first <= c.sel.To) && (c.sel.From == 0 || last >= c.sel.From)
}

// reach gives what tells whether any wanted conversation lies in a time. A stamp far off its neighbours is no part of a capture's
// times, but may begin or end a conversation: the capture in which it begins counts too.
func (c *carving) reach() func(first, last event.Time) bool {
	of := map[uint32]span{}
	for _, f := range c.files {
		of[f.file] = f
	}
	flows := make([]span, len(c.flows))
	for i, s := range c.flows {
		f := of[s.file]
		flows[i] = span{first: min(s.first, f.last), last: max(s.last, f.first)}
	}
	sort.Slice(flows, func(i, j int) bool { return flows[i].first < flows[j].first })
	latest := event.Time(math.MinInt64)
	for i := range flows { // from here on: the latest end of all that begin no later
		latest = max(latest, flows[i].last)
		flows[i].last = latest
	}
	return func(first, last event.Time) bool {
		i := sort.Search(len(flows), func(i int) bool { return flows[i].first > last })
		return i > 0 && flows[i-1].last >= first
	}
}

// take reads captures and writes what is wanted of them.
func (c *carving) take(ctx context.Context, inputs []source) error {
	c.read = inputs
	names := map[uint32]string{}
	var sources []string
	for i, in := range inputs {
		names[in.File] = in.String()
		if i < maxCarveSources {
			sources = append(sources, in.String())
		}
	}
	if n := len(inputs) - len(sources); n > 0 {
		sources = append(sources, fmt.Sprintf("and %d more; the interfaces name those that packets are from", n))
	}
	for _, o := range c.outs {
		o.begin(sources)
	}
	follow, err := c.follow(ctx)
	if err != nil {
		return err
	}
	return c.reread(ctx, inputs, c.sel.Flows(), func(f *capture.Frame, p *packet.Packet) (bool, error) {
		var id uint64
		if c.sel.Flows() {
			id = follow.Flow(p)
		}
		outs, why := c.sel.Take(f.Ref, id)
		if len(outs) > 0 {
			why = append([]string{fmt.Sprintf("file %d, frame %d", f.File, f.Ref.Frame)}, why...)
		}
		for _, o := range outs {
			if err := c.outs[o].put(f, names[f.File], why); err != nil {
				return false, err
			}
		}
		return c.sel.Done(), nil
	})
}

// follow makes what assigns packets to the wanted conversations. It must know where those begin that follow one between the same two
// addresses.
func (c *carving) follow(ctx context.Context) (*flow.Retrace, error) {
	if !c.sel.Flows() {
		return nil, nil
	}
	ids := make([]uint64, len(c.flows))
	for i, s := range c.flows {
		ids[i] = s.id
	}
	const pair = "least(coalesce(src_ip, ''), coalesce(dst_ip, '')), greatest(coalesce(src_ip, ''), coalesce(dst_ip, ''))"
	near, err := column1[uint64](ctx, c.db, "SELECT flow_id FROM flow WHERE ("+pair+") IN (SELECT ("+pair+") FROM flow WHERE flow_id IN "+unlistIDs+") ORDER BY 1", list(ids))
	return flow.NewRetrace(near, c.sel.Wants), err
}

// resolve finds the conversations of single packets: the case's rows name most; the captures know the rest.
func (c *carving) resolve(ctx context.Context, paths []string) error {
	left := map[uint64]bool{}
	for _, at := range c.unresolved {
		left[at] = true
	}
	c.unresolved = nil
	var flows []uint64
	rows, err := spans(ctx, c.db, "SELECT DISTINCT file, flow_id, frame, 0, 0 FROM ("+everyRow()+") WHERE flow_id > 0 AND file << 32 | frame IN "+unlistIDs+" ORDER BY ALL", list(keys(left)))
	if err != nil {
		return err
	}
	for _, s := range rows {
		flows = append(flows, s.id)
		delete(left, uint64(s.file)<<32|uint64(s.packets))
	}
	if len(left) > 0 {
		more, err := c.search(ctx, paths, left)
		if err != nil {
			return err
		}
		flows = append(flows, more...)
	}
	if err := c.want(ctx, flows, 0); err != nil {
		return err
	}
	return c.explain(ctx)
}

func keys(m map[uint64]bool) []uint64 {
	out := make([]uint64, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// search reads the captures for the conversations of packets: once for what names these, and once more for where they begin, which may
// be in captures before.
func (c *carving) search(ctx context.Context, paths []string, left map[uint64]bool) (flows []uint64, err error) {
	all, err := column1[uint64](ctx, c.db, "SELECT flow_id FROM flow ORDER BY 1")
	if err != nil {
		return nil, err
	}
	some, err := c.needed(paths)
	if err != nil {
		return nil, err
	}
	follow := flow.NewRetrace(all, func(uint64) bool { return false })
	n := 0
	err = c.reread(ctx, some, true, func(f *capture.Frame, p *packet.Packet) (bool, error) {
		if left[uint64(f.File)<<32|uint64(f.Ref.Frame)] {
			follow.Mark(p)
			n++
		}
		return n == len(left), nil
	})
	if err != nil {
		return nil, err
	}
	everything := c.everything
	c.everything = true
	whole, err := c.needed(paths)
	if c.everything = everything; err != nil {
		return nil, err
	}
	return flows, c.reread(ctx, whole, true, func(f *capture.Frame, p *packet.Packet) (bool, error) {
		id := follow.Flow(p)
		if left[uint64(f.File)<<32|uint64(f.Ref.Frame)] && id != 0 {
			flows = append(flows, id)
			n--
		}
		return n == 0, nil
	})
}

// reread gives the packets of captures in capture order, numbered as the case numbers them, until each says that it has enough. p is
// decoded, its fragments named by their datagram, if decode is set.
func (c *carving) reread(ctx context.Context, inputs []source, decode bool, each func(f *capture.Frame, p *packet.Packet) (bool, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	var wanted []capture.Wanted
	for _, in := range inputs {
		wanted = append(wanted, capture.Wanted{File: in.File, Path: in.at, Member: in.Member, SHA256: in.SHA256})
	}
	how := c.run.reading()
	how.KeepDuplicates = how.KeepDuplicates || !decode // copies that the case left out are in no conversation; all captures that may hold them are read
	src, err := capture.Reopen(ctx, wanted, how)
	if err != nil {
		cancel()
		return err
	}
	defer src.Close()
	defer cancel() // first, so that what was not read is not hashed: it has been
	r := &router{src: src, dec: packet.NewDecoder(), frag: defrag.New(fragmentBytes)}
	stop := c.progress.watch(r.progress)
	defer stop()
	var f capture.Frame
	for {
		if err := src.Next(&f); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var p packet.Packet
		if decode {
			p = packet.Packet{Ref: f.Ref, Link: f.Link, CapLen: len(f.Data), WireLen: f.WireLen}
			r.dec.Decode(&p, f.Data)
			if r.now = max(r.now, f.Clock); p.Fragment {
				r.frag.Join(r.dec, &p, r.now)
				r.frag.Notes()
			}
		}
		if enough, err := each(&f, &p); enough || err != nil {
			return err
		}
		if r.read++; r.read%1024 == 0 {
			r.count.Store(r.read)
		}
	}
}
