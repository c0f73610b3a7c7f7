package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardtrace/dissect/event"
)

// outside are texts that reach for a file, a setting, an extension or the network; DIR is a folder that may be written to, in which a file
// FILE lies. As rules and queries are code, none may succeed. What DuckDB does not refuse by itself rules.Harmless does.
var outside = []string{
	// Files read.
	"SELECT * FROM read_text('DIR/FILE')", "SELECT * FROM read_blob('DIR/FILE')", "SELECT * FROM read_csv('DIR/FILE')", "SELECT * FROM read_csv_auto('DIR/FILE')",
	"SELECT * FROM sniff_csv('DIR/FILE')", "SELECT * FROM read_json('DIR/FILE')", "SELECT * FROM read_json_auto('DIR/FILE')", "SELECT * FROM read_json_objects('DIR/FILE')",
	"SELECT * FROM read_ndjson('DIR/FILE')", "SELECT * FROM read_ndjson_auto('DIR/FILE')", "SELECT * FROM read_ndjson_objects('DIR/FILE')",
	"SELECT * FROM read_parquet('DIR/FILE')", "SELECT * FROM parquet_scan('DIR/FILE')", "SELECT * FROM parquet_metadata('DIR/FILE')", "SELECT * FROM parquet_schema('DIR/FILE')",
	"SELECT * FROM parquet_file_metadata('DIR/FILE')", "SELECT * FROM parquet_kv_metadata('DIR/FILE')", "SELECT * FROM parquet_bloom_probe('DIR/FILE', 'a', 1)",
	"SELECT * FROM glob('DIR/*')", "SELECT * FROM 'DIR/FILE'", "SELECT * FROM 'DIR/FILE.csv'", "SELECT * FROM \"DIR/FILE.json\"", "SELECT * FROM 'DIR/*.parquet'",
	"SELECT * FROM query('SELECT * FROM read_text(''DIR/FILE'')')", "SELECT * FROM query_table('DIR/FILE.csv')",
	"WITH x AS (SELECT * FROM read_text('DIR/FILE')) SELECT * FROM x", "SELECT (SELECT content FROM read_text('DIR/FILE'))",
	"SELECT * FROM st_read('DIR/FILE')", "SELECT * FROM sqlite_scan('DIR/FILE', 't')", "SELECT * FROM read_xlsx('DIR/FILE')", "SELECT * FROM iceberg_scan('DIR/FILE')",
	"SELECT * FROM delta_scan('DIR/FILE')", "SELECT * FROM seq_scan('DIR/FILE')", "SELECT * FROM arrow_scan(1, 2, 3)", "SELECT * FROM pandas_scan(1)", "SELECT getenv('HOME')",
	// Files written.
	"COPY t TO 'DIR/out.csv'", "COPY (SELECT 1) TO 'DIR/out.parquet' (FORMAT parquet)", "COPY (SELECT 1) TO '/dev/stdout'", "COPY t FROM 'DIR/FILE'",
	"EXPORT DATABASE 'DIR/out'", "IMPORT DATABASE 'DIR'", "ATTACH 'DIR/other.duckdb'", "ATTACH 'DIR/other.db' (TYPE sqlite)", "ATTACH IF NOT EXISTS 'DIR/case.duckdb' AS y",
	"COPY FROM DATABASE memory TO x", "PREPARE p AS COPY (SELECT 1) TO 'DIR/out.csv'", "SELECT 1; COPY (SELECT 1) TO 'DIR/out.csv'",
	"EXPLAIN ANALYZE COPY (SELECT 1) TO 'DIR/out.csv'", "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')", "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
	"PRAGMA enable_profiling='json'", "PRAGMA profiling_output='DIR/profile'",
	"SET profiling_output = 'DIR/profile'", "SET log_query_path = 'DIR/log'", "PRAGMA log_query_path='DIR/log'",
	// Settings.
	"SET enable_external_access = true", "SET GLOBAL enable_external_access = true", "SET SESSION threads = 1", "SET threads = 1", "RESET threads", "RESET enable_external_access",
	"SET lock_configuration = false", "RESET lock_configuration", "PRAGMA threads=4", "PRAGMA memory_limit='100GB'", "PRAGMA enable_external_access=1", "SET memory_limit = '100GB'",
	"SET temp_directory = 'DIR'", "SET home_directory = 'DIR'", "SET extension_directory = 'DIR'", "SET secret_directory = 'DIR'", "SET allowed_directories = ['DIR']", "SET allowed_paths = ['DIR/FILE']",
	"SET custom_extension_repository = 'http://127.0.0.1:1'", "SET autoload_known_extensions = true", "SET allow_unsigned_extensions = true", "SET TimeZone = 'America/New_York'",
	"SET search_path = 'x'", "SET default_order = 'DESC'", "SET disabled_filesystems = ''", "SET file_search_path = 'DIR'", "PRAGMA database_size='x'",
	// Extensions and the network.
	"INSTALL httpfs", "FORCE INSTALL httpfs", "INSTALL x FROM community", "INSTALL httpfs FROM 'http://127.0.0.1:1'", "LOAD httpfs", "LOAD 'DIR/FILE'", "UPDATE EXTENSIONS", "LOAD ui", "CALL start_ui()",
	"SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')", "SELECT * FROM 'https://127.0.0.1:1/x.parquet'", "SELECT * FROM read_text('s3://x/y')", "SELECT http_get('http://127.0.0.1:1')",
	"ATTACH 'http://127.0.0.1:1/x.duckdb'", "ATTACH 'host=127.0.0.1' (TYPE postgres)", "ATTACH 'md:x'", "SELECT * FROM postgres_scan('', '', '')",
}

// TestOutside holds that no text gets out of a case, however the case is open: for queries, for rules, and for checking rules.
func TestOutside(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s, err := Create(ctx, filepath.Join(dir, "case.duckdb"), []*event.Table{event.Anomalies.Desc()}, Options{Memory: 128 << 20, PHI: vault(t, 1, false)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Complete(ctx); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "FILE"), []byte("a,b\n1,top secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ext := range []string{".csv", ".json", ".parquet"} {
		os.WriteFile(filepath.Join(folder, "FILE"+ext), []byte("a,b\n1,top secret\n"), 0o600)
	}
	before := listed(t, folder)
	reading, _, err := OpenReadOnly(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	refuse(t, "a query", reading, folder)
	reading.Close()
	again, _, err := Reopen(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	refuse(t, "a rule", again.DB, folder)
	again.Abandon()
	memory, err := Memory(ctx, []*event.Table{event.Anomalies.Desc()})
	if err != nil {
		t.Fatal(err)
	}
	refuse(t, "a rule that is checked", memory.DB, folder)
	memory.Abandon()
	if after := listed(t, folder); after != before {
		t.Errorf("the folder held %s, now it holds %s", before, after)
	}
}

func listed(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func refuse(t *testing.T, who string, db *sql.DB, folder string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, text := range outside {
		text = strings.ReplaceAll(text, "DIR", folder)
		rows, err := db.QueryContext(ctx, text)
		if err != nil {
			continue
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err = rows.Err(); err == nil {
			t.Errorf("%s may say %s (%d rows)", who, text, n)
		}
		rows.Close()
	}
	var external, locked string
	err := db.QueryRowContext(ctx, "SELECT current_setting('enable_external_access')::VARCHAR, current_setting('lock_configuration')::VARCHAR").Scan(&external, &locked)
	if err != nil || external != "false" || locked != "true" {
		t.Errorf("%s: external access %s, configuration locked %s, %v", who, external, locked, err)
	}
}
