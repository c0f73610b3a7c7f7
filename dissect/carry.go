package dissect

import "wardtrace/dissect/event"

// Carrier offers whole messages, as MQTT and CoAP transport them, to the protocols that may be inside. To them a message is a datagram.
// The zero value is ready. It belongs to one conversation, so that a message costs no memory of its own.
type Carrier struct {
	conn Conn
	seg  Segment
}

// Message gives the name of the protocol that took the message, "" if none did.
func (k *Carrier) Message(c *Conn, carried []*Protocol, dir Dir, payload []byte, ref event.Ref, out *event.Batch) string {
	if len(payload) == 0 {
		return ""
	}
	for _, p := range carried {
		k.conn = *c
		k.conn.Transport, k.conn.Midstream, k.conn.Guessed, k.conn.Carried = UDP, false, false, nil
		if p.Probe(&k.conn, dir, payload) != Yes {
			continue
		}
		d := p.New(&k.conn)
		k.seg = Segment{Data: payload, Dir: dir, Ref: ref}
		if _, err := d.Feed(&k.seg, out); err == nil {
			d.Close(out)
			return p.Name
		}
	}
	return ""
}
