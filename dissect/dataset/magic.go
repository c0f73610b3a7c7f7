package dataset

import (
	"strings"

	"wardtrace/dissect/cursor"
)

// MagicBytes is how many first bytes Magic looks at.
const MagicBytes = 512

// Magic names the file format that p, the first bytes of a value, a preamble or a document, begins with: pe, elf,
// macho, java, zip, rar, 7z, gzip, cab, ole, lnk, script, html, pdf, xml, rtf, jpeg, tiff, stl, dicom; or "". A Part
// 10 file whose preamble has a format of its own is "pe+dicom" and so on (CVE-2019-11687).
func Magic(p []byte) string {
	m := prefix(p)
	c := cursor.New(p)
	c.Skip(128)
	if c.String(4) == "DICM" {
		if m == "" {
			return "dicom"
		}
		return m + "+dicom"
	}
	return m
}

var magics = []struct{ prefix, name string }{
	{"MZ", "pe"}, {"\x7fELF", "elf"}, {"\xCF\xFA\xED\xFE", "macho"}, {"\xCE\xFA\xED\xFE", "macho"},
	{"\xCA\xFE\xBA\xBE", "java"}, {"PK\x03\x04", "zip"}, {"Rar!\x1A\x07", "rar"}, {"7z\xBC\xAF\x27\x1C", "7z"},
	{"\x1F\x8B\x08", "gzip"}, {"MSCF\x00\x00\x00\x00", "cab"}, {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "ole"},
	{"L\x00\x00\x00\x01\x14\x02\x00", "lnk"}, {"#!", "script"}, {"<script", "script"}, {"<?php", "script"},
	{"@echo ", "script"}, {"<html", "html"}, {"<!doctype html", "html"}, {"%PDF-", "pdf"}, {"<?xml", "xml"},
	{"\xEF\xBB\xBF<?xml", "xml"}, {"{\\rtf", "rtf"}, {"\xFF\xD8\xFF", "jpeg"}, {"II*\x00", "tiff"},
	{"MM\x00*", "tiff"}, {"solid ", "stl"},
}

func prefix(p []byte) string {
	for _, m := range magics {
		c := cursor.New(p)
		match := c.Need(len(m.prefix))
		for i := 0; match && i < len(m.prefix); i++ {
			match = lower(c.U8()) == lower(m.prefix[i])
		}
		if match {
			return m.name
		}
	}
	return ""
}

// lower folds ASCII letters, so that <SCRIPT is found; magic numbers do not differ in case alone.
func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// Executable tells whether a format found by Magic runs, or unpacks to what runs, when a user or system opens it.
func Executable(magic string) bool {
	m, _, _ := strings.Cut(magic, "+")
	switch m {
	case "pe", "elf", "macho", "java", "script", "lnk", "cab":
		return true
	}
	return false
}

// executablePixels names an executable at the start of pixel data. Two bytes prove nothing there: any image may begin
// with MZ. So a PE file must show its stub or its second header, an ELF file a sound first one.
func executablePixels(p []byte) string {
	c := cursor.New(p)
	switch m := prefix(p); m {
	case "pe":
		if strings.Contains(string(p), "This program ") {
			return m
		}
		c.Skip(0x3C)
		at := c.U32LE()
		if at < 0x40 || at > MagicBytes {
			return ""
		}
		c.Skip(int(at) - 0x40)
		if c.String(4) == "PE\x00\x00" {
			return m
		}
	case "elf":
		c.Skip(4)
		class, data, version := c.U8(), c.U8(), c.U8()
		if (class == 1 || class == 2) && (data == 1 || data == 2) && version == 1 {
			return m
		}
	case "script":
		if c.Skip(2); c.U8() == '/' {
			return m
		}
	case "zip":
		c.Skip(4)
		if v, flags := c.U16LE(), c.U16LE(); v <= 63 && flags&0x2000 == 0 && c.U16LE() <= 99 {
			return m
		}
	}
	return ""
}
