package analyze

import (
	"context"
	"errors"
	"slices"

	"wardtrace/analyze/store"
)

// intact fails if a case is not as its log and manifest say. Whoever changes a case asks it first: a manifest made anew would otherwise
// vouch for what somebody else has changed. Where the rules were broken off, their tables and so the file are not as they were; what the
// captures gave must be.
func intact(ctx context.Context, dir string, broken bool) error {
	v := &verifier{opt: VerifyOptions{Case: dir}}
	v.log()
	v.readManifest()
	if v.m != nil && !broken {
		v.beside()
		v.hashed("files", "the manifest", map[string]string{"case.duckdb": v.m.Files["case.duckdb"]})
	}
	if v.m != nil && broken {
		db, _, err := store.OpenReadOnly(ctx, dir)
		if err != nil {
			return err
		}
		defer db.Close()
		v.db = db
		if err := errors.Join(v.foreign(ctx), v.kept(ctx)); err != nil {
			return err
		}
	}
	for _, c := range v.checks {
		if c.Verdict == Fails {
			return usage("case %s is not as it was left (%s: %s): see wardtrace verify, and analyse the captures again with -C", dir, c.What, c.Detail)
		}
	}
	return nil
}

// kept checks the digests of the tables that the captures gave.
func (v *verifier) kept(ctx context.Context) error {
	if v.db == nil {
		return nil
	}
	tables, err := readTables(ctx, v.db)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, t := range Tables() {
		given[t.Name] = true
	}
	tables = slices.DeleteFunc(tables, func(t table) bool { return !given[t.name] })
	_, digests, err := fastDigests(ctx, v.db, tables)
	if err != nil {
		return err
	}
	engine, err := engine(ctx, v.db)
	for name := range given {
		if v.m.DigestKind == fastDigest+" "+engine && digests[name] != v.m.Digests[name] {
			v.say("table "+name, Fails, "its digest is not what the manifest says")
		}
	}
	return err
}

// foreign looks for what a case never holds. A macro of the name of a function, or a view of that of a table, would answer in its place:
// where there is one, nothing the database says can be believed, and it is not asked. These questions alone name what they ask, and use no
// function or operator.
func (v *verifier) foreign(ctx context.Context) error {
	for _, q := range []string{"SELECT function_name FROM system.main.duckdb_functions() WHERE NOT internal", "SELECT view_name FROM system.main.duckdb_views() WHERE NOT internal",
		"SELECT type_name FROM system.main.duckdb_types() WHERE NOT internal", "SELECT sequence_name FROM system.main.duckdb_sequences()"} {
		names, err := column1[string](ctx, v.db, q)
		if err != nil {
			return err
		}
		if len(names) > 0 {
			v.say("database", Fails, "it holds what no case has, and so cannot be asked: %s", some(names))
			v.db = nil
			return nil
		}
	}
	return nil
}
