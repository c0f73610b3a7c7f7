package dissect

// Set is the list of protocols in the order they are asked.
type Set struct {
	byTransport map[Transport][]*Protocol
	byPort      map[portKey][]*Protocol // the same list with those first that name the port
}

type portKey struct {
	t    Transport
	port uint16
}

// NewSet orders protocols for lookup. Within a transport they are asked in the order given, but those that name one of
// the conversation's ports first.
func NewSet(list []*Protocol) *Set {
	s := &Set{byTransport: map[Transport][]*Protocol{}, byPort: map[portKey][]*Protocol{}}
	for _, p := range list {
		for _, t := range p.Transports {
			s.byTransport[t] = append(s.byTransport[t], p)
		}
	}
	for _, p := range list {
		for _, t := range p.Transports {
			for _, port := range p.Ports {
				k := portKey{t, port}
				if s.byPort[k] == nil {
					s.byPort[k] = s.portFirst(k)
				}
			}
		}
	}
	return s
}

func (s *Set) portFirst(k portKey) []*Protocol {
	var first, rest []*Protocol
	for _, p := range s.byTransport[k.t] {
		named := false
		for _, port := range p.Ports {
			named = named || port == k.port
		}
		if named {
			first = append(first, p)
		} else {
			rest = append(rest, p)
		}
	}
	return append(first, rest...)
}

// For gives the protocols to ask about a conversation. The list is shared: do not change it.
func (s *Set) For(c *Conn) []*Protocol {
	if l, ok := s.byPort[portKey{c.Transport, c.Server.Port()}]; ok {
		return l
	}
	if l, ok := s.byPort[portKey{c.Transport, c.Client.Port()}]; ok {
		return l
	}
	return s.byTransport[c.Transport]
}

// Serves tells whether a protocol names this port.
func (s *Set) Serves(t Transport, port uint16) bool { return s.byPort[portKey{t, port}] != nil }
