// Package capture turns files, folders and standard input into one ordered stream of frames in capture time.
package capture
