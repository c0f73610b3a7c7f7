package rules_test

import (
	"context"
	"testing"

	"wardtrace/rules"
)

// BenchmarkRules runs the shipped rules, and puts incidents together, on the case of ward-night; then each rule alone.
func BenchmarkRules(b *testing.B) {
	set, err := rules.Load(rules.Options{})
	if err != nil {
		b.Fatal(err)
	}
	db := caseOf(b, "ward-night", nil)
	run := func(set []*rules.Rule) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				if _, err := rules.Run(context.Background(), db, set, false); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("all", run(set))
	for _, r := range set {
		b.Run(r.Name, run([]*rules.Rule{r}))
	}
}
