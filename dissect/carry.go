package dissect

import "wardtrace/dissect/event"

// CarryMessage offers one whole message, as carriers such as MQTT and CoAP transport them, to the protocols that may be
// inside, and gives the name of the one that took it, "" if none did. To them it is a datagram.
func CarryMessage(c *Conn, carried []*Protocol, dir Dir, payload []byte, ref event.Ref, out *event.Batch) string {
	if len(payload) == 0 {
		return ""
	}
	for _, p := range carried {
		conn := *c
		conn.Transport, conn.Midstream, conn.Guessed, conn.Carried = UDP, false, false, nil
		if p.Probe(&conn, dir, payload) != Yes {
			continue
		}
		d := p.New(&conn)
		if _, err := d.Feed(&Segment{Data: payload, Dir: dir, Ref: ref}, out); err == nil {
			d.Close(out)
			return p.Name
		}
	}
	return ""
}
