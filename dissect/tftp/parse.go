package tftp

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dnsname"
)

// request is an RRQ or WRQ.
//
//	 2 bytes     string    1 byte     string   1 byte  options
//	+----------+----------+------+----------+------+----------+
//	| 01 or 02 | filename |  0   |   mode   |  0   |          |
//	+----------+----------+------+----------+------+----------+
type request struct {
	file string
	mode string
	options
}

// options are pairs of name and value, each ended by a zero (RFC 2347).
type options struct {
	list                    []string
	blockSize, window, size int64 // 0, 0 and -1 where they are not said
}

// text takes a string with its zero; ok is false if it has no end.
func text(c *cursor.Cursor) (s []byte, ok bool) {
	look := *c
	n := bytes.IndexByte(look.Rest(), 0)
	if n < 0 {
		return nil, false
	}
	s = c.Bytes(n)
	c.Skip(1)
	return s, true
}

// readRequest reads what follows the opcode. A request without a known mode is none.
func readRequest(c *cursor.Cursor) (r request, ok bool) {
	name, ok1 := text(c)
	mode, ok2 := text(c)
	r.mode = strings.ToLower(string(mode[:min(len(mode), 16)]))
	if !ok1 || !ok2 || len(name) == 0 || !slices.Contains(modes, r.mode) || bytes.ContainsFunc(name, isControl) {
		return r, false
	}
	r.file = dnsname.Clean(name, maxText)
	r.options = readOptions(c)
	return r, true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// readOptions reads as many pairs as there are.
func readOptions(c *cursor.Cursor) options {
	o := options{size: -1}
	for len(o.list) < maxOptions && c.More() {
		name, ok1 := text(c)
		value, ok2 := text(c)
		if !ok1 || !ok2 || len(name) == 0 {
			break
		}
		key := strings.ToLower(dnsname.Clean(name, 64))
		if key == "password" { // secrets are not kept
			o.list = append(o.list, key)
			continue
		}
		o.list = append(o.list, key+"="+dnsname.Clean(value, 64))
		n, err := strconv.ParseInt(string(value[:min(len(value), 20)]), 10, 64)
		if err != nil || n < 0 {
			continue
		}
		switch key {
		case "blksize", "blksize2":
			if n >= 8 && n <= 65464 { // RFC 2348
				o.blockSize = n
			}
		case "windowsize":
			if n >= 1 && n <= 65535 { // RFC 7440, section 3
				o.window = n
			}
		case "tsize":
			o.size = n
		}
	}
	return o
}

// isOACK tells whether what follows the opcode begins with an option that is known.
func isOACK(c *cursor.Cursor) bool {
	name, ok1 := text(c)
	_, ok2 := text(c)
	return ok1 && ok2 && len(name) <= 16 && slices.Contains(optionNames, strings.ToLower(string(name)))
}

// isError tells whether what follows the opcode is a code and a text with its zero at the end (RFC 1350, figure 5-4).
func isError(c *cursor.Cursor) bool {
	code := c.U16()
	words, ok := text(c)
	return ok && int(code) < len(errorNames) && !bytes.ContainsFunc(words, isControl) && !c.More() && len(words) >= 3
}

// extension gives the extension of a file's name, if it looks like one.
func extension(path string) string {
	name := path[strings.LastIndexAny(path, `/\`)+1:]
	at := strings.LastIndexByte(name, '.')
	if at < 1 || len(name)-at > 12 {
		return ""
	}
	ext := strings.ToLower(name[at+1:])
	if strings.Trim(ext, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ""
	}
	return ext
}

// traverses tells whether a name may leave the server's folder.
func traverses(path string) bool {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' })
	return slices.Contains(parts, "..") || strings.HasPrefix(path, "/etc/") || len(path) > 2 && path[1] == ':'
}
