package telnet

// Commands of Telnet (RFC 854, "Telnet command structure").
const (
	cmdSE   = 240
	cmdEL   = 248
	cmdEC   = 247
	cmdSB   = 250
	cmdWILL = 251
	cmdDONT = 254
	cmdIAC  = 255
)

// Options (IANA Telnet options).
const (
	optTerminal    = 24
	optAuth        = 37
	optEncrypt     = 38
	optEnvironment = 39
	optStartTLS    = 46
	lastOption     = 49
	optEXOPL       = 255
)

// userWords end a prompt for a user name, in front of its colon.
var userWords = []string{"login", "username", "user name", "user", "userid", "user id", "user-id", "logon", "login name",
	"login as", "logon name", "account", "benutzername", "benutzer", "anmeldename"}

// passwordWords end a prompt for a password.
var passwordWords = []string{"password", "passwd", "passcode", "passphrase", "pass", "pin", "passwort", "kennwort"}

// failures are words of a line that says no, after a password was sent.
var failures = []string{"incorrect", "login failed", "login failure", "login invalid", "authentication fail", "authorization fail",
	"access denied", "permission denied", "invalid login", "invalid password", "invalid user", "invalid credential", "bad password",
	"bad login", "bad user", "wrong password", "wrong user", "wrong login", "not authorized", "not authorised", "unauthorized", "% bad",
	"denied", "failed", "maximum number of", "too many", "not permitted", "fehlgeschlagen", "falsch"}

// greetings are words of a line that says yes.
var greetings = []string{"last login", "last successful login", "welcome", "logged in", "logged on", "login successful", "login ok",
	"login accepted", "access granted", "built-in shell", "enter 'help'", "microsoft telnet server"}

// systems are words in a banner or a prompt that name a system.
var systems = []struct{ word, value string }{
	{"vxworks", "VxWorks"}, {"busybox", "Linux (BusyBox)"}, {"microsoft telnet", "Windows"}, {"windows ce", "Windows CE"},
	{"debian gnu/linux", "Debian"}, {"ubuntu", "Ubuntu"}, {"openwrt", "OpenWrt"}, {"freebsd", "FreeBSD"}, {"sunos", "SunOS"},
	{"qnx", "QNX"}, {"lynxos", "LynxOS"}, {"user access verification", "Cisco IOS"}, {"routeros", "RouterOS"}, {"mikrotik", "RouterOS"},
}
