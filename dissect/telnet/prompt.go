package telnet

import "strings"

// asks is what a line of the server without an end asks for.
type asks uint8

const (
	asksNothing asks = iota
	asksUser
	asksPassword
	asksCommand
)

// prompt tells what an unended line asks for. line is in lower case, without spaces at its end.
func prompt(line string) asks {
	if line == "" {
		return asksNothing
	}
	body, mark := line[:len(line)-1], line[len(line)-1:]
	if mark == ":" || mark == ">" {
		body = strings.TrimRight(body, " ")
		if strings.HasPrefix(body, "last ") { // "last login: yesterday" is on its way
			return asksNothing
		}
		if mark == ":" && strings.Contains(body, "password for ") {
			return asksPassword
		}
		if endsInWord(body, passwordWords) {
			return asksPassword
		}
		if endsInWord(body, userWords) && (mark == ":" || body == "login" || body == "username") {
			return asksUser
		}
	}
	if strings.Contains("$#>%", mark) {
		return asksCommand
	}
	return asksNothing
}

// endsInWord tells whether a text ends in one of the words, on its own.
func endsInWord(s string, words []string) bool {
	for _, w := range words {
		if rest, ok := strings.CutSuffix(s, w); ok {
			if rest == "" || !letter(rest[len(rest)-1]) {
				return true
			}
		}
	}
	return false
}

func letter(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_'
}

func contains(line string, words []string) bool {
	for _, w := range words {
		if strings.Contains(line, w) {
			return true
		}
	}
	return false
}

// fails tells whether a line says no. Greetings tell of earlier failures: "last failed login", "there were 2 failed".
func fails(line string) bool {
	return contains(line, failures) && !strings.HasPrefix(line, "last ") && !strings.HasPrefix(line, "there w")
}

// host gives the name in front of "login:", as getty writes it.
func host(line string) string {
	name, ok := strings.CutSuffix(strings.TrimRight(line, " "), " login:")
	if !ok || strings.ContainsAny(name, " \t:()<>") || name == "" || len(name) > nameCap {
		return ""
	}
	return name
}
