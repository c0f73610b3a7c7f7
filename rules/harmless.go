package rules

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// readers are the table functions that a text may call: they make rows of what they are given, or tell of the case's own tables. All
// others are refused by name. Most would be by DuckDB too, whose access to the outside is off; but some act (enable_logging takes a file's
// name whatever the settings say, and takes the process down when the case is closed), and the next version may have more.
var readers = []string{"range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "summary", "histogram", "histogram_values",
	"duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_types", "duckdb_functions", "duckdb_keywords", "duckdb_constraints", "duckdb_indexes", "duckdb_schemas",
	"duckdb_settings", "duckdb_variables", "pragma_table_info", "pragma_show", "pragma_version", "pragma_database_size", "pragma_storage_info", "pg_timezone_names",
	"icu_calendar_names", "test_all_types"}

// actors are functions of single values that act, or read what is not in the case.
var actors = []string{"getenv", "write_log", "nextval", "setseed", "query", "query_table", "json_execute_serialized_sql", "which_secret"}

// Harmless tells whether a text is one query that reads the case and does nothing else: a SELECT, or what is one at heart (FROM, WITH,
// VALUES, TABLE, SHOW, DESCRIBE, SUMMARIZE, PIVOT, EXPLAIN).
func Harmless(ctx context.Context, db *sql.DB, text string) error {
	text = strings.TrimSpace(text)
	for strings.HasSuffix(text, ";") {
		text = strings.TrimSpace(strings.TrimSuffix(text, ";"))
	}
	if m := explained.FindString(text); m != "" {
		text = text[len(m):]
	}
	p, err := parsed(ctx, db, text)
	switch {
	case err != nil:
		return err
	case p.Error && pivots.MatchString(text):
		return harmlessPivot(text)
	}
	return p.one()
}

var (
	explained = regexp.MustCompile(`(?i)^explain\s+(analyze\s+)?`)
	pivots    = regexp.MustCompile(`(?i)\bpivot`)
	quotedSQL = regexp.MustCompile(`'[^']*'`)
	called    = regexp.MustCompile(`"?(\w+)"?\s*\(`)
)

// harmlessPivot judges a text with a PIVOT, which DuckDB's parser does not hand out. It must do without comments and the rarer ways to
// write a text, which would hide a name.
func harmlessPivot(text string) error {
	bare := quotedSQL.ReplaceAllString(text, "''")
	if strings.ContainsAny(bare, `;$\`) || strings.Contains(bare, "--") || strings.Contains(bare, "/*") {
		return errors.New("a query with PIVOT must be one statement without comments and dollar quotes")
	}
	if begin := strings.ToLower(strings.Fields(bare)[0]); !slices.Contains([]string{"pivot", "from", "select", "with", "pivot_wider"}, begin) {
		return fmt.Errorf("not a SELECT: %s", begin)
	}
	for _, m := range called.FindAllStringSubmatch(bare, -1) {
		name := strings.ToLower(m[1])
		if slices.Contains(actors, name) || acts.MatchString(name) {
			return refused(name)
		}
	}
	return nil
}

// acts fits the names of table functions that are no readers.
var acts = regexp.MustCompile(`^(read_|parquet_|arrow_|sniff_|glob$|seq_scan|sql_auto|check_|test_vec|.*logging|.*_logs|.*checkpoint|.*secret|.*_scan$|duckdb_(ext|log|sec|temp|mem|prep))`)

func refused(name string) error {
	return fmt.Errorf("%s() may not be called: it does more than read the case", name)
}

// parse is what DuckDB's own parser makes of a text. It hands out SELECTs and nothing else.
type parse struct {
	Error      bool
	Message    string `json:"error_message"`
	Statements []json.RawMessage
}

func parsed(ctx context.Context, db *sql.DB, text string) (p parse, err error) {
	var out string
	if err := db.QueryRowContext(ctx, "SELECT json_serialize_sql(?::VARCHAR)::VARCHAR", text).Scan(&out); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(out), &p)
}

// one tells whether the text is exactly one SELECT that calls nothing but readers.
func (p *parse) one() error {
	if p.Error {
		return fmt.Errorf("not a SELECT: %s", p.Message)
	}
	if n := len(p.Statements); n != 1 {
		return fmt.Errorf("%d statements instead of one SELECT", n)
	}
	var tree any
	if err := json.Unmarshal(p.Statements[0], &tree); err != nil {
		return err
	}
	return calls(tree)
}

// calls looks through a parsed text for functions that are refused. Its depth is that of the text, which DuckDB's parser bounds.
func calls(tree any) error {
	switch t := tree.(type) {
	case []any:
		for _, x := range t {
			if err := calls(x); err != nil {
				return err
			}
		}
	case map[string]any:
		name, _ := t["function_name"].(string)
		if name = strings.ToLower(name); slices.Contains(actors, name) {
			return refused(name)
		}
		if f, ok := t["function"].(map[string]any); ok && t["type"] == "TABLE_FUNCTION" {
			if name, _ := f["function_name"].(string); !slices.Contains(readers, strings.ToLower(name)) {
				return refused(name)
			}
		}
		for _, x := range t {
			if err := calls(x); err != nil {
				return err
			}
		}
	}
	return nil
}
