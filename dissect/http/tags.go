package http

import "strings"

// methods are those by which a request line is recognised that breaks the rules otherwise.
var methods = map[string]bool{
	"GET": true, "HEAD": true, "POST": true, "PUT": true, "DELETE": true, "CONNECT": true, "OPTIONS": true, "TRACE": true,
	"PATCH": true, "PROPFIND": true, "PROPPATCH": true, "MKCOL": true, "COPY": true, "MOVE": true, "LOCK": true,
	"UNLOCK": true, "REPORT": true, "SEARCH": true, "DEBUG": true, "TRACK": true, "CCM_POST": true, "BITS_POST": true,
}

// scanners are words in the User-Agent of tools that look for holes, with their names.
var scanners = []struct{ word, name string }{
	{"nikto", "nikto"}, {"sqlmap", "sqlmap"}, {"nessus", "nessus"}, {"openvas", "openvas"}, {"nuclei", "nuclei"},
	{"gobuster", "gobuster"}, {"dirbuster", "dirbuster"}, {"dirb/", "dirb"}, {"dirsearch", "dirsearch"},
	{"feroxbuster", "feroxbuster"}, {"ffuf", "ffuf"}, {"fuzz faster u fool", "ffuf"}, {"wfuzz", "wfuzz"}, {"zgrab", "zgrab"},
	{"masscan", "masscan"}, {"nmap scripting engine", "nmap"}, {"nmap", "nmap"}, {"acunetix", "acunetix"}, {"netsparker", "netsparker"},
	{"w3af", "w3af"}, {"arachni", "arachni"}, {"skipfish", "skipfish"}, {"wpscan", "wpscan"}, {"whatweb", "whatweb"},
	{"hydra", "hydra"}, {"qualys", "qualys"}, {"burpcollaborator", "burp"}, {"zaproxy", "zap"}, {"owasp zap", "zap"},
	{"jaeles", "jaeles"}, {"httpx - open-source", "httpx"}, {"metasploit", "metasploit"}, {"commix", "commix"}, {"joomscan", "joomscan"},
	{"censysinspect", "censys"}, {"shodan", "shodan"}, {"greenbone", "openvas"}, {"rapid7", "nexpose"}, {"nexpose", "nexpose"},
}

// sqlShapes are pieces of SQL that do not occur in honest requests; compared in lower case, with + and %xx undone and
// blanks run together.
var sqlShapes = []string{
	"' or '", "' or 1", "\" or \"", "\" or 1", " or 1=1", "' and '1", "' and 1=", "' --", "'--", "';--", "'/*", "union select", "union all select",
	"information_schema", "xp_cmdshell", "waitfor delay", "sleep(", "benchmark(", "pg_sleep", "extractvalue(", "updatexml(", "load_file(",
	"into outfile", "into dumpfile", "; drop table", ";drop table", "concat(0x", "char(0x", "dbms_pipe", "utl_http", "order by 1--",
}

// traversals are ways to write a parent folder; compared in lower case, with %xx undone twice.
var traversals = []string{"../", "..\\", "..;/", "\xc0\xaf", "....//"}

// lookups are ways to write a JNDI lookup: plain, or with the letters hidden in other lookups.
var lookups = []string{"${jndi:", "${${", "${lower:", "${upper:", "${::-", "${env:", "$%7bjndi:", "%24%7bjndi:"}

// userWords and passwordWords are how forms name their fields, in lower case.
var (
	userWords = map[string]bool{"user": true, "username": true, "userid": true, "user_id": true, "user_name": true, "login": true,
		"loginid": true, "uid": true, "uname": true, "usr": true, "account": true, "email": true, "j_username": true, "log": true,
		"name": true, "txtusername": true, "user-name": true, "login_username": true, "httpd_username": true, "benutzer": true}
	passwordWords = map[string]bool{"pass": true, "password": true, "passwd": true, "pwd": true, "pw": true, "passphrase": true,
		"j_password": true, "userpassword": true, "user_password": true, "txtpassword": true, "secret": true, "login_password": true,
		"httpd_password": true, "kennwort": true, "pin": true, "passwort": true}
)

// systems are words in a User-Agent that name the operating system; the first that fits counts.
var systems = []struct{ word, os string }{
	{"Windows NT 5.0", "Windows 2000"}, {"Windows NT 5.1", "Windows XP"}, {"Windows NT 5.2", "Windows XP x64 or Server 2003"},
	{"Windows NT 6.0", "Windows Vista or Server 2008"}, {"Windows NT 6.1", "Windows 7 or Server 2008 R2"},
	{"Windows NT 6.2", "Windows 8 or Server 2012"}, {"Windows NT 6.3", "Windows 8.1 or Server 2012 R2"},
	{"Windows NT 10.0", "Windows 10 or later"}, {"Windows CE", "Windows CE"}, {"Windows 98", "Windows 98"},
	{"Windows NT 4.0", "Windows NT 4.0"}, {"Android", "Android"}, {"iPhone OS", "iOS"}, {"CPU OS", "iPadOS"},
	{"CrOS", "ChromeOS"}, {"Mac OS X", "macOS"}, {"QNX", "QNX"}, {"VxWorks", "VxWorks"}, {"FreeBSD", "FreeBSD"}, {"Linux", "Linux"},
}

// magics are beginnings of bodies that the library's own list does not know, or that must come before it.
var magics = []struct {
	at          int
	bytes, mime string
}{
	{0, "MZ", "application/x-dosexec"},
	{0, "\x7fELF", "application/x-executable"},
	{0, "\xfe\xed\xfa\xce", "application/x-mach-o-executable"},
	{0, "\xcf\xfa\xed\xfe", "application/x-mach-o-executable"},
	{0, "#!", "text/x-shellscript"},
	{0, "PK\x03\x04", "application/zip"},
	{0, "\x1f\x8b", "application/gzip"},
	{0, "%PDF-", "application/pdf"},
	{128, "DICM", "application/dicom"},
	{0, "MSH|", "application/hl7-v2"},
	{0, "\x0bMSH|", "application/hl7-v2"},
	{0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
	{0, "Rar!\x1a\x07", "application/x-rar"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"},
	{0, "MSCF", "application/vnd.ms-cab-compressed"},
	{0, "\xed\xab\xee\xdb", "application/x-rpm"},
	{0, "\xca\xfe\xba\xbe", "application/java-vm"},
	{0, "\xac\xed\x00\x05", "application/x-java-serialized-object"},
	{0, "<?php", "text/x-php"},
	{0, "{", "application/json"},
	{0, "[{", "application/json"},
	{257, "ustar", "application/x-tar"},
}

// scannerOf names the tool of a User-Agent, "" if it is none.
func scannerOf(agent string) string {
	agent = strings.ToLower(agent)
	for _, s := range scanners {
		if strings.Contains(agent, s.word) {
			return s.name
		}
	}
	return ""
}

// systemOf names the operating system of a User-Agent.
func systemOf(agent string) string {
	for _, s := range systems {
		if strings.Contains(agent, s.word) {
			return s.os
		}
	}
	return ""
}

// patientWords are parts of a path behind which stands who it is.
var patientWords = map[string]bool{"patient": true, "patients": true, "mrn": true, "pid": true, "patientid": true, "patient-id": true,
	"patient_id": true, "person": true, "persons": true, "relatedperson": true, "encounter": true, "encounters": true, "visit": true, "visits": true,
	"admission": true, "admissions": true}

// pages are parts that stand behind those and name no one, and endings are those of files.
var (
	pages   = map[string]bool{"search": true, "list": true, "new": true, "create": true, "index": true, "find": true, "all": true, "admit": true, "login": true, "api": true}
	endings = map[string]bool{"html": true, "htm": true, "php": true, "asp": true, "aspx": true, "jsp": true, "do": true, "js": true, "css": true, "png": true, "svg": true, "ico": true}
)

// fieldName is the name of a header field as it was sent, and in lower case.
type fieldName struct{ sent, lower string }

// fieldNames are the usual ones, as RFC 9110 writes them and in lower case: a message has ten, and each would take memory twice.
var fieldNames = func() map[string]fieldName {
	m := map[string]fieldName{}
	for _, name := range []string{"Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Accept-Ranges", "Access-Control-Allow-Origin",
		"Age", "Allow", "Authorization", "Cache-Control", "Connection", "Content-Disposition", "Content-Encoding", "Content-Language",
		"Content-Length", "Content-Location", "Content-Security-Policy", "Content-Type", "Cookie", "Date", "ETag", "Expect", "Expires", "Host",
		"If-Match", "If-Modified-Since", "If-None-Match", "Keep-Alive", "Last-Modified", "Link", "Location", "MIME-Version", "Origin", "Pragma",
		"Prefer", "Proxy-Authorization", "Proxy-Connection", "Range", "Referer", "Retry-After", "Server", "Set-Cookie", "SOAPAction",
		"Strict-Transport-Security", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Upgrade-Insecure-Requests", "User-Agent", "Vary", "Via",
		"WWW-Authenticate", "X-Content-Type-Options", "X-Forwarded-For", "X-Forwarded-Proto", "X-Frame-Options", "X-Powered-By",
		"X-Request-Id", "X-Requested-With", "X-XSS-Protection"} {
		lower := strings.ToLower(name)
		m[name], m[lower] = fieldName{name, lower}, fieldName{lower, lower}
	}
	return m
}()

func fieldOf(name []byte) fieldName {
	if f, ok := fieldNames[string(name)]; ok {
		return f
	}
	sent := string(name)
	return fieldName{sent, strings.ToLower(sent)}
}
