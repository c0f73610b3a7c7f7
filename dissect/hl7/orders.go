package hl7

// decodeORC takes the common part of an order (4.5.1).
func decodeORC(m *message, l *line) {
	m.order = order{control: m.comp(l.field(1), 1), placer: m.comp(l.field(2), 1), filler: m.comp(l.field(3), 1), fromORC: true, number: m.order.number + 1}
	start, _ := stamp(m.comp(l.field(7), 4), m.zone)
	if start == 0 {
		start = m.time(l.field(15))
	}
	m.firstOrder()
	m.addOrder(Order{Segment: "ORC", Status: m.comp(l.field(5), 1), Start: start,
		Provider: m.provider(l.field(12)), EnteredBy: m.provider(l.field(10))}, "")
}

// decodeOBR takes an order for observations, or what was ordered in front of its results (7.4.1).
func decodeOBR(m *message, l *line) {
	o := order{control: m.order.control, placer: m.comp(l.field(2), 1), filler: m.comp(l.field(3), 1), number: m.order.number + 1}
	if m.order.fromORC { // the numbers stand in either line
		o.placer, o.filler = pick(o.placer, m.order.placer), pick(o.filler, m.order.filler)
	} else {
		o.control = ""
	}
	o.panel, o.start = m.comp(l.field(4), 1), m.time(l.field(7))
	m.order = o
	m.firstOrder()
	m.addOrder(Order{Segment: "OBR", Status: m.comp(l.field(25), 1), Start: o.start, Provider: m.provider(l.field(16))}, l.field(4))
}

func pick(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// firstOrder fills the message's columns from the first order that has something to say.
func (m *message) firstOrder() {
	r := &m.row
	if len(m.orders) > 0 && r.PlacerOrder+r.FillerOrder != "" {
		return
	}
	r.PlacerOrder, r.FillerOrder = m.order.placer, m.order.filler
	r.OrderControl = pick(r.OrderControl, m.order.control)
}

// addOrder keeps a row; coded is the field that says what is ordered, units are the fields with those of amount and rate.
func (m *message) addOrder(o Order, coded string, units ...string) {
	o.OrderControl, o.PlacerOrder, o.FillerOrder = m.order.control, m.order.placer, m.order.filler
	o.Code, o.Text, o.CodingSystem = m.comp(coded, 1), m.comp(coded, 2), m.comp(coded, 3)
	o.PatientID = m.current
	if m.room(len(o.Text) + len(o.Provider) + len(o.EnteredBy) + len(o.Code)) {
		t := therapyOrder{Order: o, group: m.order.number}
		for i, raw := range units {
			*[]*string{&t.unit, &t.rateUnit}[i] = m.unit(raw)
		}
		m.orders = append(m.orders, t)
	}
}

// decodeRXO takes a drug order (4A.4.1).
func decodeRXO(m *message, l *line) {
	m.addOrder(Order{Segment: "RXO", Amount: float(l.field(2)), AmountMax: float(l.field(3)), Units: m.comp(l.field(4), 1),
		Rate: float(l.field(21)), RateUnits: m.comp(l.field(22), 1)}, l.field(1), l.field(4), l.field(22))
}

// decodeRXE takes an order as the pharmacy encoded it (4A.4.4).
func decodeRXE(m *message, l *line) {
	start, _ := stamp(m.comp(l.field(1), 4), m.zone)
	m.addOrder(Order{Segment: "RXE", Amount: float(l.field(3)), AmountMax: float(l.field(4)), Units: m.comp(l.field(5), 1),
		Rate: float(l.field(23)), RateUnits: m.comp(l.field(24), 1), Start: start}, l.field(2), l.field(5), l.field(24))
}

// decodeRXG takes what is to be given, to a pump among others (4A.4.6).
func decodeRXG(m *message, l *line) {
	start, _ := stamp(m.comp(l.field(3), 4), m.zone)
	m.addOrder(Order{Segment: "RXG", Amount: float(l.field(5)), AmountMax: float(l.field(6)), Units: m.comp(l.field(7), 1),
		Rate: float(l.field(15)), RateUnits: m.comp(l.field(16), 1), Start: start}, l.field(4), l.field(7), l.field(16))
}

// decodeRXD takes a dispense (4A.4.5).
func decodeRXD(m *message, l *line) {
	m.addOrder(Order{Segment: "RXD", Amount: float(l.field(4)), Units: m.comp(l.field(5), 1), Start: m.time(l.field(3)),
		Provider: m.provider(l.field(10))}, l.field(2), l.field(5))
}

// decodeRXA takes what was given (4A.4.7).
func decodeRXA(m *message, l *line) {
	m.addOrder(Order{Segment: "RXA", Status: m.comp(l.field(20), 1), Amount: float(l.field(6)), Units: m.comp(l.field(7), 1),
		Start: m.time(l.field(3)), Provider: m.provider(l.field(10))}, l.field(5), l.field(7))
}

// decodeRXC takes a component of a mixture (4A.4.3).
func decodeRXC(m *message, l *line) {
	m.addOrder(Order{Segment: "RXC", Amount: float(l.field(3)), Units: m.comp(l.field(4), 1)}, l.field(2))
}

// decodeRXR takes the route (4A.4.2) of the drug above.
func decodeRXR(m *message, l *line) {
	if n := len(m.orders); n > 0 && m.orders[n-1].Route == "" {
		m.orders[n-1].Route = m.comp(l.field(1), 1)
	}
}

// decodeTQ1 takes the timing (4.5.4) of the order above.
func decodeTQ1(m *message, l *line) {
	if n := len(m.orders); n > 0 && m.orders[n-1].Start == 0 {
		m.orders[n-1].Start = m.time(l.field(7))
	}
}
