package ssh

import "strings"

// weakNames are algorithms that RFC 8758, RFC 8732, RFC 9142 and draft-ietf-curdle-ssh-kex-sha2 withdraw, and those that never were safe.
var weakNames = map[string]bool{
	"diffie-hellman-group1-sha1": true, "diffie-hellman-group-exchange-sha1": true, "diffie-hellman-group14-sha1": true,
	"rsa1024-sha1": true, "gss-group1-sha1-*": true, "ssh-dss": true, "ssh-rsa": true,
	"arcfour": true, "arcfour128": true, "arcfour256": true, "des-cbc": true, "des-cbc@ssh.com": true, "3des-cbc": true,
	"blowfish-cbc": true, "cast128-cbc": true, "idea-cbc": true, "aes128-cbc": true, "aes192-cbc": true, "aes256-cbc": true,
	"rijndael-cbc@lysator.liu.se": true, "none": true,
	"hmac-md5": true, "hmac-md5-96": true, "hmac-sha1-96": true, "hmac-md5-etm@openssh.com": true, "hmac-md5-96-etm@openssh.com": true,
	"hmac-sha1-96-etm@openssh.com": true, "hmac-ripemd160": true,
}

// systems are words in identification strings that name the operating system.
var systems = []struct{ word, os string }{
	{"Ubuntu", "Ubuntu"}, {"Raspbian", "Raspbian"}, {"Debian", "Debian"}, {"FreeBSD", "FreeBSD"}, {"NetBSD", "NetBSD"},
	{"for_Windows", "Windows"}, {"Windows", "Windows"}, {"Cisco", "Cisco IOS"}, {"VxWorks", "VxWorks"}, {"RomSShell", "RomPager"}, {"ROSSSH", "RouterOS"},
}

func systemOf(s string) string {
	for _, x := range systems {
		if strings.Contains(s, x.word) {
			return x.os
		}
	}
	return ""
}
