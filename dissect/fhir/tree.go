package fhir

import "strings"

// Limits of one resource: an entry of a bundle, or a body that is none.
const (
	maxNodes = 4096    // values kept; a long Observation has 200, a CapabilityStatement some thousand
	maxText  = 1 << 10 // bytes kept of a value: attachments may have megabytes
	maxDepth = 64      // levels of JSON; FHIR's deepest resources have about 20
	maxWords = 256     // names of which one copy is kept: a resource has some dozens
	maxKey   = 64      // bytes kept of a name: the longest of FHIR has 34
)

// node is a value of a resource in JSON or XML. The members of an array stand under its name one after the other, as in XML.
type node struct {
	key  string
	text string
	kids []*node
	bool // whether it is an object
}

// get goes down by the names, to the first of each; nil if one is missing.
func (n *node) get(path ...string) *node {
	for _, key := range path {
		next := (*node)(nil)
		if n != nil {
			for _, k := range n.kids {
				if k.key == key {
					next = k
					break
				}
			}
		}
		n = next
	}
	return n
}

// str gives the text at the path, "" if it is not there.
func (n *node) str(path ...string) string {
	if n = n.get(path...); n == nil {
		return ""
	}
	return n.text
}

// all gives the members of that name.
func (n *node) all(key string) []*node {
	if n == nil {
		return nil
	}
	var out []*node
	for _, k := range n.kids {
		if k.key == key {
			out = append(out, k)
		}
	}
	return out
}

// strs gives the texts of that name, at most limit.
func (n *node) strs(key string, limit int) []string {
	var out []string
	for _, k := range n.all(key) {
		if k.text != "" && len(out) < limit {
			out = append(out, k.text)
		}
	}
	return out
}

// walk visits all values below n, as deep as maxDepth.
func (n *node) walk(visit func(*node)) {
	if n == nil {
		return
	}
	for _, k := range n.kids {
		visit(k)
		k.walk(visit)
	}
}

func resourceType(n *node) string { return n.str("resourceType") }

// builder makes trees of what a lexer reads. A tree is given away when it is whole: an entry of a bundle as soon as it ends.
type builder struct {
	done  func(n *node, entry bool) // takes a whole tree
	open  []*node                   // from the root down
	count int                       // nodes of the current tree
	cut   bool                      // some were not kept
}

func (b *builder) push(key string) {
	n := &node{key: key, bool: true}
	if len(b.open) > 0 {
		if b.count++; b.count <= maxNodes {
			b.top().kids = append(b.top().kids, n)
		} else {
			b.cut = true
		}
	}
	b.open = append(b.open, n)
}

func (b *builder) top() *node { return b.open[len(b.open)-1] }

func (b *builder) value(key, text string) {
	if len(b.open) == 0 {
		return
	}
	if b.count++; b.count > maxNodes {
		b.cut = true
		return
	}
	b.top().kids = append(b.top().kids, &node{key: key, text: text})
}

// pop ends an object. Entries of bundles and parameters are given away and taken off the tree: a bundle may have gigabytes.
func (b *builder) pop() {
	if len(b.open) == 0 {
		return
	}
	n := b.top()
	b.open = b.open[:len(b.open)-1]
	switch {
	case len(b.open) == 0:
		b.done(n, false)
		b.count, b.cut = 0, false
	case len(b.open) == 1 && (n.key == "entry" || n.key == "parameter"):
		root := b.top()
		if k := len(root.kids); k > 0 && root.kids[k-1] == n {
			root.kids = root.kids[:k-1]
		}
		b.done(n, true)
		b.count, b.cut = len(root.kids), false
	}
}

// lastPart gives what is behind the last slash.
func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
