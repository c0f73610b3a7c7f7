// Package store writes and opens the case, a DuckDB file whose tables are made from the row structs of package event.
//
// Rows arrive in batches from the shards and are appended table by table; patient data is replaced on the way in, by the
// columns' phi tags, and nowhere else (phi.go). The database has no way to the outside: DuckDB's access to files other
// than the case and its spill folder, its extensions' loading and its settings are switched off before anyone's SQL runs.
//
// A case tells its state: the row ('state', 'running') is written before any other, ('state', 'complete') by the last
// transaction. Whoever opens a case is told when it is not complete.
//
// Limits: a column comment, a table name and a column name come from the program alone; nothing captured ever becomes
// part of an SQL text.
package store
