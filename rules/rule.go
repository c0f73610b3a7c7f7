package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Rule is one detection.
type Rule struct {
	Name     string // group/file without .sql
	Text     string // the file as it is
	Hash     string // SHA-256 of Text, hex
	Title    string
	Level    Level
	Kind     string
	Stage    Stage
	Attack   []string
	Needs    []string
	Fires    []string
	Quiet    []string
	Benign   string
	Response string
	Weight   int64 // added to the score of an incident, beside the level's
	shipped  bool  // part of the program
}

// Level is how much a finding weighs, in Sigma's words.
type Level int

// The levels.
const (
	Informational Level = iota + 1
	Low
	Medium
	High
	Critical
)

var levelNames = []string{"", "informational", "low", "medium", "high", "critical"}

func (l Level) String() string {
	if l > 0 && int(l) < len(levelNames) {
		return levelNames[l]
	}
	return "unknown"
}

// ParseLevel reads a level's name or its usual abbreviation.
func ParseLevel(s string) (Level, error) {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "info":
		return Informational, nil
	case "med":
		return Medium, nil
	case "crit":
		return Critical, nil
	}
	for i, n := range levelNames {
		if i > 0 && n == s {
			return Level(i), nil
		}
	}
	return 0, fmt.Errorf("level %q is none of %s", s, strings.Join(levelNames[1:], ", "))
}

// Stage is where in an intrusion a finding belongs.
type Stage int

// The stages, in the order in which intrusions go through them.
const (
	Arrival Stage = iota + 1 // no attack in itself: where an intrusion may begin
	Reconnaissance
	Credentials
	Interception
	Lateral
	Tampering
	Denial
	Command
	Exfiltration
	Exposure // no step of an intrusion: something lies open
)

var stageNames = []string{"", "arrival", "reconnaissance", "credentials", "interception", "lateral", "tampering", "denial", "command", "exfiltration", "exposure"}

func (s Stage) String() string {
	if s > 0 && int(s) < len(stageNames) {
		return stageNames[s]
	}
	return "unknown"
}

func parseStage(s string) (Stage, error) {
	for i, n := range stageNames {
		if i > 0 && n == s {
			return Stage(i), nil
		}
	}
	return 0, fmt.Errorf("stage %q is none of %s", s, strings.Join(stageNames[1:], ", "))
}

// parseRule reads a rule's header. name is where it comes from.
func parseRule(name, text string) (*Rule, error) {
	sum := sha256.Sum256([]byte(text))
	r := &Rule{Name: name, Text: text, Hash: hex.EncodeToString(sum[:])}
	head, err := header(text)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", name, err)
	}
	for _, key := range []string{"title", "level", "kind", "stage", "attack", "needs", "benign", "response"} {
		if head[key] == "" {
			return nil, fmt.Errorf("rule %s: the header has no %q line", name, key)
		}
	}
	r.Title, r.Kind, r.Benign, r.Response = head["title"], head["kind"], head["benign"], head["response"]
	if r.Level, err = ParseLevel(head["level"]); err != nil {
		return nil, fmt.Errorf("rule %s: %w", name, err)
	}
	if r.Stage, err = parseStage(head["stage"]); err != nil {
		return nil, fmt.Errorf("rule %s: %w", name, err)
	}
	if r.Kind != "attack" && r.Kind != "posture" && r.Kind != "quality" {
		return nil, fmt.Errorf("rule %s: kind %q is none of attack, posture, quality", name, r.Kind)
	}
	if w := head["weight"]; w != "" {
		if r.Weight, err = strconv.ParseInt(w, 10, 64); err != nil || r.Weight < 0 || r.Weight > 100 {
			return nil, fmt.Errorf("rule %s: weight %q is not a number from 0 to 100", name, w)
		}
	}
	r.Attack, r.Needs, r.Fires, r.Quiet = list(head["attack"]), list(head["needs"]), list(head["fires"]), list(head["quiet"])
	return r, nil
}

// header reads the comment lines in front of the SELECT.
func header(text string) (map[string]string, error) {
	head, last := map[string]string{}, ""
	for n, line := range strings.Split(text, "\n") {
		body, ok := strings.CutPrefix(strings.TrimRight(line, "\r "), "--")
		if !ok {
			break
		}
		key, value, found := strings.Cut(body, ":")
		key = strings.TrimPrefix(key, " ")
		switch {
		case found && key != "" && key == strings.ToLower(key) && !strings.ContainsAny(key, " \t"):
			if _, twice := head[key]; twice {
				return nil, fmt.Errorf("line %d: %q is there twice", n+1, key)
			}
			last = key
			head[key] = strings.TrimSpace(value)
		case last != "" && strings.HasPrefix(body, "    "): // goes on; what is not indented is a remark
			head[last] = strings.TrimSpace(head[last] + " " + strings.TrimSpace(body))
		default:
			last = ""
		}
	}
	return head, nil
}

func list(s string) []string {
	out := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
	if len(out) == 1 && out[0] == "-" {
		return nil
	}
	return out
}
