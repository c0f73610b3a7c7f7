package model

// Rule is what became of a rule.
type Rule struct {
	Name, Title, Outcome, Detail, Response, Benign, Hash string
	Findings                                             int64
	MS                                                   *int64
}

// Rules are the rules by what became of them.
type Rules struct {
	All           []*Rule
	Ran           []*Rule
	NothingToRead []*Rule
	CouldNotJudge []*Rule
	Failed        []*Rule
	byName        map[string]*Rule
}

func (r *reader) rules(c *Case) error {
	c.Rules.byName = map[string]*Rule{}
	if !r.has("rule_run") {
		return nil
	}
	return r.each(`SELECT rule, title, outcome, detail, response, benign, hash, findings, ms FROM rule_run ORDER BY rule`, nil, func(scan scanner) error {
		x := &Rule{}
		if err := scan(text(&x.Name), sentence(&x.Title), text(&x.Outcome), text(&x.Detail), sentence(&x.Response), sentence(&x.Benign), text(&x.Hash),
			number(&x.Findings), optional(&x.MS)); err != nil {
			return err
		}
		if x.Benign == "-" {
			x.Benign = ""
		}
		rs := &c.Rules
		rs.All = append(rs.All, x)
		rs.byName[x.Name] = x
		switch x.Outcome {
		case "ran":
			rs.Ran = append(rs.Ran, x)
		case "nothing to read":
			rs.NothingToRead = append(rs.NothingToRead, x)
		case "could not judge":
			rs.CouldNotJudge = append(rs.CouldNotJudge, x)
		default:
			rs.Failed = append(rs.Failed, x)
		}
		return nil
	})
}

// RuleLine is the rules in one line: 61 ran, 44 had nothing to read, 3 could not judge, 1 failed.
func (c *Case) RuleLine() string {
	r := c.Rules
	if len(r.All) == 0 {
		return "none ran"
	}
	s := Count(int64(len(r.Ran))) + " ran"
	if n := len(r.NothingToRead); n > 0 {
		s += ", " + Count(int64(n)) + " had nothing to read"
	}
	if n := len(r.CouldNotJudge); n > 0 {
		s += ", " + Count(int64(n)) + " could not judge (encrypted or unreadable)"
	}
	if n := len(r.Failed); n > 0 {
		s += ", " + Count(int64(n)) + " failed"
	}
	return s
}
