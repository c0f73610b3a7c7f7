package capture

import (
	"fmt"
	"strings"
)

// maxFilter is the longest filter taken; it also bounds the depth of the parser's recursion.
const maxFilter = 8192

type tokenKind uint8

const (
	endToken tokenKind = iota
	wordToken
	numberToken // begins with a digit: a number, or an address
	symbolToken
)

type token struct {
	kind tokenKind
	text string
	at   int
}

// lex cuts a filter into tokens. Inside brackets a colon stands between an offset and a size, outside it belongs to an
// address.
func lex(s string) ([]token, error) {
	if len(s) > maxFilter {
		return nil, fmt.Errorf("longer than %d characters", maxFilter)
	}
	var out []token
	for i, depth := 0, 0; i < len(s); {
		n, kind := 1, symbolToken
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case isDigit(c) || c == ':' && depth == 0:
			n, kind = wordEnd(s[i:], depth == 0, false), numberToken
		case isLetter(c) || c == '\\':
			n, kind = wordEnd(s[i:], depth == 0, true), wordToken
			if strings.Contains(s[i:i+n], ":") {
				kind = numberToken
			}
		case c == '[':
			depth++
		case c == ']':
			depth--
		case strings.IndexByte("()+-*/%&|^<>=!:", c) < 0:
			return nil, fmt.Errorf("character %q at %d has no meaning", c, i+1)
		default:
			for _, op := range []string{"&&", "||", "<<", ">>", "<=", ">=", "==", "!="} {
				if strings.HasPrefix(s[i:], op) {
					n = 2
				}
			}
		}
		out = append(out, token{kind, s[i : i+n], i})
		i += n
	}
	return append(out, token{endToken, "the end", len(s)}), nil
}

// wordEnd is the length of the word, number or address at the start of s. A minus belongs to a word like tcp-syn, but
// not to a number.
func wordEnd(s string, colons, word bool) int {
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c), isLetter(c), c == '.', c == ':' && colons:
		case c == '-' && word && i+1 < len(s) && isLetter(s[i+1]):
		default:
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
