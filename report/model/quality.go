package model

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// Quality is what the capture cannot show. "Not seen" means nothing where it is silent.
type Quality struct {
	Filter       string   // that the analysis was limited to
	Limits       []string // times and counts that the analysis was limited to
	SkippedFiles int64    // inputs that were no captures
	Filters      []string
	Damaged      []File
	Stopped      []File // not read to their end
	Snapped      int64  // packets cut by the snap length
	Snaplens     []int64
	Drops        int64 // packets that the capturing machines say they lost
	DropsUnknown int64 // files that do not say
	Gaps         []Gap // times without any capture, at most maxGaps
	GapCount     int
	GapTotal     time.Duration

	Flows, Payload            int64
	MissedBytes, MissedFlows  int64
	OneSided                  int64 // TCP conversations with data of which one side was not captured
	MidStream                 int64 // TCP conversations whose beginning was not captured
	Encrypted, EncryptedBytes int64
	Unknown, UnknownBytes     int64     // conversations whose payload nobody could read
	EndedEarly                int64     // closed for want of memory
	Anomalies                 []Anomaly // at most maxAnomalies
	AnomalyKinds              int64
}

// Gap is a time between captures.
type Gap struct{ From, To time.Time }

// minGap is how long nothing must have been captured between two files to be told: rotation leaves seconds.
const minGap = time.Minute

// Anomaly is a kind of irregularity.
type Anomaly struct {
	Kind, Protocol, Detail string
	Rows, Count            int64
	File, Frame            int64 // the first
}

func (r *reader) quality(c *Case) error {
	q := &c.Quality
	filters := map[string]bool{}
	snaplens := map[int64]bool{}
	for _, f := range c.Files {
		if f.CopyOf != 0 {
			continue
		}
		if f.Damage != "" {
			q.Damaged = append(q.Damaged, f)
		}
		if !f.Complete && f.Damage == "" {
			q.Stopped = append(q.Stopped, f)
		}
		if f.Filter != "" && !filters[f.Filter] {
			filters[f.Filter] = true
			q.Filters = append(q.Filters, f.Filter)
		}
		if f.Snapped > 0 && !snaplens[f.Snaplen] && f.Snaplen > 0 {
			snaplens[f.Snaplen] = true
			q.Snaplens = append(q.Snaplens, f.Snaplen)
		}
		q.Snapped += f.Snapped
		if f.Drops != nil {
			q.Drops += *f.Drops
		} else {
			q.DropsUnknown++
		}
	}
	q.gaps(c.Files)
	if err := r.qualityOfFlows(q); err != nil {
		return err
	}
	return r.anomalies(q)
}

// gaps finds the times between files in which nothing was captured.
func (q *Quality) gaps(files []File) {
	var sorted []File
	for _, f := range files {
		if f.Packets > 0 && !f.First.IsZero() {
			sorted = append(sorted, f)
		}
	}
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].First.Before(sorted[j].First) })
	var end time.Time
	for i, f := range sorted {
		if d := f.First.Sub(end); i > 0 && d >= minGap {
			q.GapCount++
			q.GapTotal += d
			if len(q.Gaps) < maxGaps {
				q.Gaps = append(q.Gaps, Gap{end, f.First})
			}
		}
		if f.Last.After(end) {
			end = f.Last
		}
	}
}

// encrypted are services whose content cannot be read.
const encrypted = `('tls', 'ssl', 'dtls', 'quic', 'ssh', 'ipsec', 'esp', 'ike', 'wireguard', 'openvpn')`

func (r *reader) qualityOfFlows(q *Quality) error {
	if !r.has("flow") {
		return nil
	}
	return r.scan(`SELECT count(*), sum(src_bytes + dst_bytes)::BIGINT, sum(missed_bytes)::BIGINT, count(*) FILTER (WHERE missed_bytes > 0),
		count(*) FILTER (WHERE proto = 'tcp' AND src_bytes + dst_bytes > 0 AND (src_packets = 0 OR dst_packets = 0)),
		count(*) FILTER (WHERE proto = 'tcp' AND src_bytes + dst_bytes > 0 AND first_flags & 2 = 0),
		count(*) FILTER (WHERE service IN `+encrypted+` AND src_bytes + dst_bytes > 0), (sum(src_bytes + dst_bytes) FILTER (WHERE service IN `+encrypted+`))::BIGINT,
		count(*) FILTER (WHERE service IS NULL AND proto IN ('tcp', 'udp', 'sctp') AND src_bytes + dst_bytes > 0),
		(sum(src_bytes + dst_bytes) FILTER (WHERE service IS NULL AND proto IN ('tcp', 'udp', 'sctp')))::BIGINT,
		count(*) FILTER (WHERE ended = 'memory') FROM flow`, nil,
		number(&q.Flows), number(&q.Payload), number(&q.MissedBytes), number(&q.MissedFlows), number(&q.OneSided), number(&q.MidStream),
		number(&q.Encrypted), number(&q.EncryptedBytes), number(&q.Unknown), number(&q.UnknownBytes), number(&q.EndedEarly))
}

func (r *reader) anomalies(q *Quality) error {
	if !r.has("anomaly") {
		return nil
	}
	if err := r.scan(`SELECT count(*) FROM (SELECT DISTINCT kind, protocol FROM anomaly)`, nil, number(&q.AnomalyKinds)); err != nil {
		return err
	}
	return r.each(`SELECT kind, protocol, count(*), sum("count")::BIGINT, arg_min(detail, (ts, file, frame, seq, detail)),
		arg_min(file, (ts, file, frame, seq, detail)), arg_min(frame, (ts, file, frame, seq, detail))
		FROM anomaly GROUP BY kind, protocol ORDER BY 3 DESC, kind, protocol LIMIT ?`, []any{maxAnomalies}, func(scan scanner) error {
		var a Anomaly
		if err := scan(text(&a.Kind), text(&a.Protocol), number(&a.Rows), number(&a.Count), text(&a.Detail), number(&a.File), number(&a.Frame)); err != nil {
			return err
		}
		q.Anomalies = append(q.Anomalies, a)
		return nil
	})
}

// Blind is a thing that the capture cannot show: in a few words, and what it means.
type Blind struct {
	Short, Means string
	Rules        bool // it is about rules, of which another line tells
}

// Blinds are what this capture cannot show, the worst first.
func (c *Case) Blinds() []Blind {
	q, e := &c.Quality, &c.Evidence
	var out []Blind
	add := func(when bool, short, means string) {
		if when {
			out = append(out, Blind{Short: short, Means: means})
		}
	}
	add(c.Incomplete, "the case is incomplete", "The analysis was interrupted. What is missing cannot be told; analyse the captures again.")
	add(e.Packets == 0, "no packet could be read", "Nothing can be said about what happened.")
	add(len(q.Damaged) > 0, Of(int64(len(q.Damaged)), "damaged file", "damaged files"), "What lay in and behind the damage is missing; how much that is cannot always be told. The table of files says where.")
	add(len(q.Stopped) > 0, Of(int64(len(q.Stopped)), "file not read to its end", "files not read to their end"), "Reading was stopped before the end; what came later is missing.")
	add(q.GapCount > 0, fmt.Sprintf("%s without any capture (%s)", Of(int64(q.GapCount), "time", "times"), Span(q.GapTotal)), "Nothing can be said about the time between the captures:"+gapList(q)+".")
	add(q.Drops > 0, Of(q.Drops, "packet dropped", "packets dropped")+" while capturing", "The capturing machine says that it lost packets. Anything may have been in them.")
	add(q.MissedBytes > 0, fmt.Sprintf("%s lost in %s", Bytes(q.MissedBytes), Of(q.MissedFlows, "conversation", "conversations")),
		fmt.Sprintf("Bytes that both ends had, but the capture does not (%s of the content). What they said is not known.", Share(q.MissedBytes, q.MissedBytes+q.Payload)))
	add(q.Snapped > 0, fmt.Sprintf("%s of packets cut%s", Share(q.Snapped, e.Packets), atBytes(q.Snaplens)),
		fmt.Sprintf("The capture kept only the beginning of %s (%s of all bytes were kept). Content past the cut could not be read.", Of(q.Snapped, "packet", "packets"), Share(e.KeptBytes, e.WireBytes)))
	add(q.OneSided > 0, "one direction only for "+Of(q.OneSided, "conversation", "conversations"), "The other side's packets are not in the capture: whether it answered, and what, is not known.")
	add(q.MidStream > 0, Of(q.MidStream, "conversation", "conversations")+" without a beginning", "They were under way when the capture began, or their beginning was lost. Who opened them, and what was said before, is partly a guess.")
	add(q.Encrypted > 0, Of(q.Encrypted, "encrypted conversation", "encrypted conversations"), Bytes(q.EncryptedBytes)+" whose content cannot be read. Clinical data and attacks inside it are not seen by any rule.")
	add(q.Unknown > 0, Of(q.Unknown, "conversation", "conversations")+" of unknown protocol", Bytes(q.UnknownBytes)+" in protocols that this program does not read, or that it did not recognise.")
	add(q.EndedEarly > 0, Of(q.EndedEarly, "conversation", "conversations")+" closed early", "Memory ran short: they were written before their end, and their later packets count as conversations of their own. Run again with more memory.")
	add(len(q.Filters) > 0, "captured with a filter", "The capture was made with a filter, and what that left out is not in it: "+Join(q.Filters, 5)+".")
	add(q.Filter != "", "analysed with a filter", "Only packets that match this filter were analysed: "+q.Filter+".")
	add(len(q.Limits) > 0, "analysed in part", "By its options the analysis left the rest of the captures out: "+Join(q.Limits, 0)+".")
	capture := len(out)
	add(len(c.Rules.CouldNotJudge) > 0, Of(int64(len(c.Rules.CouldNotJudge)), "rule", "rules")+" could not judge", "What they look for may have happened: the traffic that would show it was there, but could not be read. The chapter on rules names them.")
	add(len(c.Rules.Failed) > 0, Of(int64(len(c.Rules.Failed)), "rule", "rules")+" failed", "What they look for was not looked for. The chapter on rules says why.")
	for i := range out[capture:] {
		out[capture+i].Rules = true
	}
	return out
}

func gapList(q *Quality) string {
	var b strings.Builder
	for i, g := range q.Gaps {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(" " + Period(g.From, g.To))
	}
	if n := q.GapCount - len(q.Gaps); n > 0 {
		fmt.Fprintf(&b, " and %d more", n)
	}
	return b.String()
}

func atBytes(l []int64) string {
	if len(l) != 1 {
		return ""
	}
	return " at " + Of(l[0], "byte", "bytes")
}

// Always says what no capture of this kind shows.
const Always = "A capture shows only what crossed the place where it was made. What took another way, happened before or after, or inside a device is not in it."

// DropsNote says whether the capture tells of lost packets; "" if it tells that there were none.
func (c *Case) DropsNote() string {
	if n := c.Quality.DropsUnknown; n > 0 {
		return fmt.Sprintf("%s not say whether packets were lost while capturing.", Of(n, "file does", "files do"))
	}
	return ""
}
