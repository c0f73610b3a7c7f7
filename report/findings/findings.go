// Package findings writes every finding of a case as a line of JSON, with all of its evidence.
package findings

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"wardtrace/report/model"
)

// line is a finding. Fields stand in this order.
type line struct {
	ID         string          `json:"finding_id"`
	Rule       string          `json:"rule"`
	Title      string          `json:"title"`
	Level      string          `json:"level"`
	BaseLevel  string          `json:"base_level"`
	Raised     string          `json:"raised,omitempty"`
	Kind       string          `json:"kind"`
	Stage      string          `json:"stage"`
	Attack     []string        `json:"attack"`
	TS         string          `json:"ts"`
	Until      string          `json:"until"`
	Actor      string          `json:"actor,omitempty"`
	ActorName  string          `json:"actor_name,omitempty"`
	Target     string          `json:"target,omitempty"`
	TargetName string          `json:"target_name,omitempty"`
	What       string          `json:"what"`
	Count      *int64          `json:"count"`
	Incident   *int64          `json:"incident_id"`
	FlowID     *int64          `json:"flow_id"`
	Community  string          `json:"community_id,omitempty"`
	File       *int64          `json:"file"`
	Frame      *int64          `json:"frame"`
	Path       string          `json:"path,omitempty"`
	Member     string          `json:"member,omitempty"`
	SHA256     string          `json:"sha256,omitempty"`
	Evidence   json.RawMessage `json:"evidence"`
}

// Write writes all findings in order of time.
func Write(ctx context.Context, w io.Writer, db *sql.DB) error {
	return model.Each(ctx, db, func(r *model.Row) error {
		l := line{ID: r.ID, Rule: r.Rule, Title: r.Title, Level: r.Level, BaseLevel: r.BaseLevel, Raised: r.Raised, Kind: r.Kind, Stage: r.Stage,
			Attack: strings.FieldsFunc(r.Attack, func(c rune) bool { return c == ',' || c == ' ' }), TS: model.Precise(r.TS), Until: model.Precise(r.Until),
			Actor: r.Actor, ActorName: r.ActorName, Target: r.Target, TargetName: r.TargetName, What: r.What, Count: r.Count, Incident: r.Incident,
			FlowID: r.FlowID, Community: r.CommunityID, File: r.File, Frame: r.Frame, Path: r.Path, Member: r.Member, SHA256: r.SHA256, Evidence: r.Evidence}
		text, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("finding %s: %w", r.ID, err)
		}
		_, err = w.Write(append(visible(text), '\n'))
		return err
	})
}

// visible escapes what a terminal could obey and JSON lets pass: control characters above 0x7E, and the marks that turn the
// direction of text around. The value stays the same.
func visible(text []byte) []byte {
	hidden := func(r rune) bool { return r > 0x7e && (!unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r)) }
	if bytes.IndexFunc(text, hidden) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}
