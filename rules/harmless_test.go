package rules

import (
	"context"
	"testing"

	"wardtrace/analyze"
)

// TestHarmless holds that a query reads the case and does nothing else, however it is written. enable_logging was found by hand: it takes
// a file's name whatever the settings say, and DuckDB brought the process down when the case was closed.
func TestHarmless(t *testing.T) {
	ctx := context.Background()
	db, done, err := analyze.EmptyCase(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for _, text := range []string{"SELECT 1", "select * from flow;", "FROM flow", "VALUES (1)", "TABLE flow", "DESCRIBE flow", "SHOW TABLES", "SUMMARIZE flow", "EXPLAIN SELECT 1",
		"explain analyze SELECT * FROM flow", "PIVOT flow ON proto USING count(*)", "SELECT * FROM (PIVOT flow ON proto USING count(*))", "PIVOT dns ON query USING sum(frame)", "UNPIVOT flow ON src_ip, dst_ip",
		"WITH x AS (SELECT 1 AS a) SELECT * FROM x, range(3), unnest([1, 2])", "SELECT * FROM duckdb_columns()", "SELECT a.x FROM flow, LATERAL (SELECT 1 AS x) a",
		"SELECT 'enable_logging()' -- CALL enable_logging()", "SELECT query FROM dns", "SELECT * FROM json_each('[1]')", "-- remark\nSELECT 1", "SELECT list_transform([1], x -> x + 1)"} {
		if err := Harmless(ctx, db, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"", ";", "SELEKT 1", "SELECT 1; SELECT 2", "SELECT 1; CALL enable_logging()", "CALL enable_logging(storage = 'file')", "PRAGMA enable_profile", "PRAGMA table_info(flow)",
		"SET threads = 1", "RESET threads", "SET VARIABLE a = 1", "COPY flow TO 'x'", "CREATE TEMP TABLE x AS SELECT 1", "CREATE MACRO m() AS 1", "DELETE FROM flow", "CHECKPOINT", "BEGIN", "PREPARE p AS SELECT 1",
		"SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/log')", `SELECT * FROM "enable_logging"(storage = 'file')`, "SELECT * FROM main.enable_logging()", "SELECT * FROM ENABLE_LOGGING ()",
		"SELECT * FROM enable_logging/* */()", "SELECT 1 WHERE EXISTS (FROM disable_logging())", "WITH x AS (FROM truncate_duckdb_logs()) SELECT 1", "SELECT (SELECT count(*) FROM force_checkpoint())",
		"EXPLAIN ANALYZE SELECT * FROM enable_logging()", "EXPLAIN COPY flow TO 'x'", "EXPLAIN EXPLAIN SELECT 1; CALL enable_logging()", "DESCRIBE FROM enable_logging()", "SUMMARIZE FROM read_csv('/etc/passwd')",
		"SELECT * FROM query('SELECT * FROM enable' || '_logging()')", "SELECT * FROM query_table('flow')", "SELECT * FROM json_execute_serialized_sql('{}')", "SELECT * FROM arrow_scan(1, 2, 3)",
		"SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM glob('/*')", "SELECT getenv('HOME')", "SELECT write_log('x')", "SELECT * FROM duckdb_secrets()", "SELECT * FROM duckdb_logs()",
		"PIVOT (FROM enable_logging()) ON a", "PIVOT flow ON proto USING count(*); CALL enable_logging()", "PIVOT (FROM query/* '*/('SELECT 1')) ON a", "PIVOT (FROM query ('SELECT 1')) ON a",
		`PIVOT (FROM "query"($$SELECT 1$$)) ON a`, "COPY (PIVOT flow ON proto USING count(*)) TO 'x'", "CALL pivot()", "PIVOT (FROM read_csv('/etc/passwd')) ON a", "PIVOT (SELECT '''' FROM glob('/*')) ON a"} {
		if err := Harmless(ctx, db, text); err == nil {
			t.Errorf("%q was taken for harmless", text)
		}
	}
}
