package model

import (
	"strings"
	"time"
)

// Finding is what a rule found.
type Finding struct {
	ID, Rule, Title, Raised, Kind, Stage string
	Level, BaseLevel                     Level
	Attack                               []string
	TS, Until                            time.Time
	Actor, Target                        Label // Address is empty if that cannot be said
	FlowID, File, Frame, Count, Incident int64
	What                                 []Piece
	FileName                             string
	Evidence                             []Flow // at most maxEvidence
	EvidenceCount                        int64
	Step                                 int // its number in the story, from 1
}

// Sentence is the finding's sentence with what its addresses are.
func (f *Finding) Sentence() string { return Annotated(f.What) }

// Flow is a conversation that is evidence.
type Flow struct {
	FlowID, File, Frame            int64
	FileName                       string
	TS                             time.Time
	Proto, Service, Src, Dst       string
	SrcBytes, DstBytes, SrcPackets int64
	DstPackets                     int64
	CommunityID                    string
}

// Chapter is findings by rule, the gravest first.
type Chapter struct {
	Groups     []*Group // at most maxGroups
	GroupCount int64
	Count      int64
}

// Group is the findings of one rule.
type Group struct {
	Rule, Title, Stage, Response, Benign string
	Level                                Level
	Attack                               []string
	Count                                int64
	Findings                             []*Finding // at most maxExamples
}

const findingColumns = `finding_id, rule, title, level, base_level, raised, kind, stage, attack, ts, until, actor, target, flow_id, file, frame, "count", what, incident_id`

// readFindings reads findings that a query gives in findingColumns.
func (r *reader) readFindings(c *Case, query string, args ...any) ([]*Finding, error) {
	var out []*Finding
	err := r.each(query, args, func(scan scanner) error {
		f := &Finding{}
		var level, base, attack, actor, target, what string
		if err := scan(text(&f.ID), text(&f.Rule), sentence(&f.Title), text(&level), text(&base), text(&f.Raised), text(&f.Kind), text(&f.Stage), text(&attack),
			moment(&f.TS), moment(&f.Until), text(&actor), text(&target), number(&f.FlowID), number(&f.File), number(&f.Frame), number(&f.Count), sentence(&what),
			number(&f.Incident)); err != nil {
			return err
		}
		f.Level, f.BaseLevel = Level(level), Level(base)
		f.Attack = strings.FieldsFunc(attack, func(r rune) bool { return r == ',' || r == ' ' || r == '-' })
		f.Actor, f.Target = c.names.of(actor, f.TS), c.names.of(target, f.TS)
		f.What = c.names.annotate(what, f.TS)
		f.FileName = c.FileName(f.File)
		out = append(out, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, r.evidence(c, out)
}

// evidence adds the conversations behind findings.
func (r *reader) evidence(c *Case, fs []*Finding) error {
	if !r.has("finding_evidence", "flow") || len(fs) == 0 {
		return nil
	}
	byID := map[string]*Finding{}
	ids := make([]string, len(fs))
	for i, f := range fs {
		byID[f.ID], ids[i] = f, f.ID
	}
	return r.each(`WITH asked AS (SELECT DISTINCT unnest(from_json(?::VARCHAR, '["VARCHAR"]')) AS finding_id),
		e AS (SELECT finding_id, flow_id, row_number() OVER (PARTITION BY finding_id ORDER BY flow_id) AS n, count(*) OVER (PARTITION BY finding_id) AS total
			FROM finding_evidence SEMI JOIN asked USING (finding_id))
		SELECT e.finding_id, e.total, f.flow_id, f.file, f.frame, f.ts, f.proto, f.service,
			coalesce(f.src_ip, f.src_mac), f.src_port, coalesce(f.dst_ip, f.dst_mac), f.dst_port, f.src_bytes, f.dst_bytes, f.src_packets, f.dst_packets, f.community_id
		FROM e JOIN flow f USING (flow_id) WHERE e.n <= ? ORDER BY e.finding_id, e.n`, []any{texts(ids), maxEvidence}, func(scan scanner) error {
		var id, src, dst string
		var total int64
		var srcPort, dstPort *int64
		var x Flow
		if err := scan(text(&id), number(&total), number(&x.FlowID), number(&x.File), number(&x.Frame), moment(&x.TS), text(&x.Proto), text(&x.Service), text(&src),
			optional(&srcPort), text(&dst), optional(&dstPort), number(&x.SrcBytes), number(&x.DstBytes), number(&x.SrcPackets), number(&x.DstPackets),
			text(&x.CommunityID)); err != nil {
			return err
		}
		x.Src, x.Dst, x.FileName = endpoint(x.Proto, src, srcPort), endpoint(x.Proto, dst, dstPort), c.FileName(x.File)
		if f := byID[id]; f != nil {
			f.EvidenceCount, f.Evidence = total, append(f.Evidence, x)
		}
		return nil
	})
}

// endpoint writes address and port; ICMP has types there, which are no ports.
func endpoint(proto, address string, port *int64) string {
	if port == nil || proto != "tcp" && proto != "udp" && proto != "sctp" {
		return address
	}
	p := strings.ReplaceAll(Count(*port), ",", "")
	if strings.Contains(address, ":") {
		return "[" + address + "]:" + p
	}
	return address + ":" + p
}

// chapters reads the findings that are in no incident.
func (r *reader) chapters(c *Case) error {
	if !r.has("finding") {
		return nil
	}
	for _, ch := range []struct {
		dst   *Chapter
		which string
	}{
		{&c.Loose, "kind = 'attack' AND incident_id IS NULL"},
		{&c.Posture, "kind = 'posture'"},
		{&c.QualityFound, "kind NOT IN ('attack', 'posture')"},
	} {
		if err := r.chapter(c, ch.dst, ch.which); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) chapter(c *Case, dst *Chapter, which string) error {
	if err := r.scan(`SELECT count(DISTINCT rule), count(*) FROM finding WHERE `+which, nil, number(&dst.GroupCount), number(&dst.Count)); err != nil {
		return err
	}
	groups := map[string]*Group{}
	err := r.each(`SELECT rule, count(*), max(`+rank+`) AS worst FROM finding WHERE `+which+` GROUP BY rule ORDER BY worst DESC, min(ts), rule LIMIT ?`, []any{maxGroups},
		func(scan scanner) error {
			g := &Group{}
			var worst int64
			if err := scan(text(&g.Rule), number(&g.Count), number(&worst)); err != nil {
				return err
			}
			if x := c.Rules.byName[g.Rule]; x != nil {
				g.Response, g.Benign = x.Response, x.Benign
			}
			groups[g.Rule], dst.Groups = g, append(dst.Groups, g)
			return nil
		})
	if err != nil {
		return err
	}
	fs, err := r.readFindings(c, `SELECT `+findingColumns+` FROM (SELECT *, row_number() OVER (PARTITION BY rule ORDER BY `+rank+` DESC, ts, file, frame, finding_id) AS n
		FROM finding WHERE `+which+`) WHERE n <= ? ORDER BY ts, file, frame, finding_id`, maxExamples)
	for _, f := range fs {
		g := groups[f.Rule]
		if g == nil {
			continue
		}
		g.Findings = append(g.Findings, f)
		g.Title, g.Stage, g.Attack = f.Title, f.Stage, f.Attack
		if f.Level.Rank() > g.Level.Rank() {
			g.Level = f.Level
		}
	}
	return err
}
