package xmlread

// All methods take a nil node for an element that is not there.

// Attr gives the value of an attribute by its local name, "" if there is none.
func (n *Node) Attr(name string) string {
	v, _ := n.Has(name)
	return v
}

// Has gives the value of an attribute by its local name, and whether it is there.
func (n *Node) Has(name string) (string, bool) {
	if n == nil {
		return "", false
	}
	for i := range n.Attrs {
		if n.Attrs[i].Name == name && n.Attrs[i].Space != "xmlns" {
			return n.Attrs[i].Value, true
		}
	}
	return "", false
}

// Child gives the first child element of that local name.
func (n *Node) Child(name string) *Node {
	if n == nil {
		return nil
	}
	for _, k := range n.Kids {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// First gives the first child element, whatever its name.
func (n *Node) First() *Node {
	if n == nil || len(n.Kids) == 0 {
		return nil
	}
	return n.Kids[0]
}

// Path follows local names down.
func (n *Node) Path(names ...string) *Node {
	for _, name := range names {
		n = n.Child(name)
	}
	return n
}

// All gives the child elements of that local name.
func (n *Node) All(name string) []*Node {
	if n == nil {
		return nil
	}
	var out []*Node
	for _, k := range n.Kids {
		if k.Name == name {
			out = append(out, k)
		}
	}
	return out
}

// Value gives the own text.
func (n *Node) Value() string {
	if n == nil {
		return ""
	}
	return n.Text
}

// Walk visits the element and all below it in the order of the document, as long as visit says to go below.
func (n *Node) Walk(visit func(*Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	for _, k := range n.Kids {
		k.Walk(visit) // as deep as maxDepth
	}
}

// Find gives the first element of that local name, this one included, in the order of the document.
func (n *Node) Find(name string) (found *Node) {
	n.Walk(func(k *Node) bool {
		if found == nil && k.Name == name {
			found = k
		}
		return found == nil
	})
	return found
}

// Lookup gives the namespace that a prefix stands for here: values, too, may be qualified names (xsi:type).
func (n *Node) Lookup(prefix string) string {
	space, name := "xmlns", prefix
	if prefix == "" {
		space, name = "", "xmlns"
	}
	for ; n != nil; n = n.Parent {
		for i := range n.Attrs {
			if n.Attrs[i].Space == space && n.Attrs[i].Name == name {
				return n.Attrs[i].Value
			}
		}
	}
	return ""
}
