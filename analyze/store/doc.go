// Package store writes and opens the case, a DuckDB file whose tables are made from the row structs of package event.
//
// Rows arrive in batches from the shards and are appended table by table; patient data is replaced on the way in, by the
// columns' phi tags, and nowhere else (phi.go). The database has no way to the outside: DuckDB's access to files other
// than the case and its spill folder, its extensions' loading and its settings are switched off before anyone's SQL runs.
//
// # Loading
//
// Rows are written column by column into chunks that DuckDB allocated (chunk.go), and these are handed to its appender. Nothing is boxed on
// the way; text of up to 12 bytes goes into the cell, as DuckDB keeps it, longer text is copied once, into memory that its vectors
// may point at. This is as fast as DuckDB appends chunks that stand ready (BenchmarkLoad). The driver's appender takes a row as a
// slice of interfaces and was half as fast; the driver does not show the connection that the chunks need, so load.go looks for it. Arrow
// would bring a large dependency for the same copy, and Parquet a file to be written and read again.
//
// Tables are spread over lanes, each with a connection and a transaction of its own, which is committed once, when everything is in: DuckDB
// then writes its tables without writing them to its log first.
//
// # Format
//
// The file is written as DuckDB 1.2 has it, which 1.2 and later read: it is a quarter smaller than in the format of 0.10, which is the
// default, since 170 tables are mostly descriptions of columns. Text is kept in dictionaries or as it is. FSST, the third way, makes a
// table of symbols for every column of every 122,880 rows to see whether it would be smaller; it seldom was, and took a twentieth of a run's
// time. Its successor DICT_FSST, of the format of 1.3, is faster than all, and must not be used: in DuckDB 1.4.1 a filter that lets NULL
// pass (x IS DISTINCT FROM 'a', coalesce(x, 'a') = 'a') loses rows of a column that is all NULL, without an error (TestFormat). Roaring and Zstandard
// came with the new formats too, save little here, and are left out.
//
// Blocks are of 64 KiB, a quarter of the default. While rows come in, each column that is in use holds a block of its own, and there are
// over a thousand: with large blocks the rows of a gigabyte of captures did not fit DuckDB's memory, and a tenth of a run's time went into
// spilling them. The file of a small case is a third as large, that of a large one a tenth smaller; with 32 KiB it grows again.
//
// # One thread
//
// DuckDB has one thread here. With more, each hand-over of rows waits for the others and costs half as much again; and DuckDB 1.4.1 and
// 1.4.3 were seen to crash, once in some ten or thirty times, when a statement with several threads, or two large ones beside each other,
// reached the memory limit. Small statements may run beside each other, on connections of their own.
//
// A case tells its state: the row ('state', 'running') is written before any other, ('state', 'complete') by the last
// transaction. Whoever opens a case is told when it is not complete.
//
// Limits: a column comment, a table name and a column name come from the program alone; nothing captured ever becomes
// part of an SQL text.
package store
