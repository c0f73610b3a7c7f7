package object

import (
	"bytes"
	nethttp "net/http"
	"strings"
)

// sniffLen is how many first bytes tell a type: a tar's magic stands at 257, and DetectContentType looks at 512.
const sniffLen = 512

// kind is a type as the bytes show it.
type kind struct{ media, ext string }

// magics are asked in order. Programs, scripts and pages get an extension that starts nothing.
var magics = []struct {
	at    int
	bytes string
	kind
}{
	{128, "DICM", kind{"application/dicom", ".dcm"}},
	{0, "MSH|", kind{"application/hl7-v2", ".hl7"}},
	{0, "%PDF-", kind{"application/pdf", ".pdf"}},
	{0, "PK\x03\x04", kind{"application/zip", ".zip"}},
	{0, "\x1f\x8b", kind{"application/gzip", ".gz"}},
	{0, "7z\xbc\xaf\x27\x1c", kind{"application/x-7z-compressed", ".7z"}},
	{0, "\xfd7zXZ\x00", kind{"application/x-xz", ".xz"}},
	{0, "BZh", kind{"application/x-bzip2", ".bz2"}},
	{0, "(\xb5/\xfd", kind{"application/zstd", ".zst"}},
	{0, "Rar!\x1a\x07", kind{"application/vnd.rar", ".rar"}},
	{257, "ustar", kind{"application/x-tar", ".tar"}},
	{0, "\x7fELF", kind{"application/x-executable", ".bin"}},
	{0, "MZ", kind{"application/x-msdownload", ".bin"}},
	{0, "\xcf\xfa\xed\xfe", kind{"application/x-mach-binary", ".bin"}},
	{0, "\xca\xfe\xba\xbe", kind{"application/java-vm", ".bin"}},
	{0, "#!", kind{"text/x-script", ".txt"}},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", kind{"application/x-ole-storage", ".bin"}},
	{0, "SQLite format 3\x00", kind{"application/vnd.sqlite3", ".sqlite"}},
	{0, "\x27\x05\x19\x56", kind{"application/x-uboot-image", ".bin"}},
	{0, "hsqs", kind{"application/x-squashfs", ".bin"}},
	{0, "\xd4\xc3\xb2\xa1", kind{"application/vnd.tcpdump.pcap", ".pcap"}},
	{0, "\x0a\x0d\x0d\x0a", kind{"application/x-pcapng", ".pcapng"}},
	{0, "\xff\x4f\xff\x51", kind{"image/jp2", ".j2k"}},
}

// sniffed are extensions of what DetectContentType tells.
var sniffed = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/bmp": ".bmp", "image/webp": ".webp",
	"text/plain": ".txt", "text/html": ".txt", "text/xml": ".xml", "audio/wave": ".wav", "video/mp4": ".mp4", "video/webm": ".webm"}

// kindOf tells a type by the first bytes.
func kindOf(head []byte) kind {
	for i := range magics {
		m := &magics[i]
		if len(head) >= m.at+len(m.bytes) && string(head[m.at:m.at+len(m.bytes)]) == m.bytes {
			return m.kind
		}
	}
	media, _, _ := strings.Cut(nethttp.DetectContentType(head), ";")
	text := bytes.TrimLeft(head, " \t\r\n\xef\xbb\xbf")
	switch {
	case media != "text/plain" || len(text) == 0:
	case text[0] == '{' || text[0] == '[':
		return kind{"application/json", ".json"}
	case text[0] == '<':
		return kind{"text/xml", ".xml"}
	}
	ext, ok := sniffed[media]
	if !ok {
		ext = ".bin"
	}
	return kind{media, ext}
}
