package main

import (
	"net/netip"
	"time"
)

// intellivue is a monitor of Philips' data export in the making, built from its interface programming guide.
type intellivue struct {
	w        *wire
	monitor  station
	bed      string
	serial   string
	patient  [4]string // id, family, given name, birth date as 20060102
	admitted int
	boot     time.Time
}

// exporter is a client's association with it.
type exporter struct {
	*intellivue
	client station
	invoke int
	at     time.Time
}

func (v *intellivue) mac() []byte { return v.monitor.mac }

func (v *intellivue) relative(at time.Time) []byte {
	return b32(int(at.Sub(v.boot) / (time.Second / 8000)))
}

func ava(id int, value ...[]byte) []byte { return join(b16(id), sized(value...)) }

// description are the attributes of the system: identity, production, network, services.
func (v *intellivue) description(more ...[]byte) []byte {
	ip := netip.MustParseAddr(v.monitor.ip).AsSlice()
	spec := func(kind, component int, s string) []byte { return join(b16(kind, component), label(s)) }
	list := [][]byte{
		ava(2336, b32(0x00030000)),
		ava(2438, b16(1, 4429)),
		ava(2359, b32(0x06080608), b16(0x000f, 0x000b)),
		ava(61696, v.mac(), ip, []byte{255, 255, 255, 0}),
		ava(61697, listed(b16(1, 3, 24000, 0x4000), b16(1, 1, 24105, 0), b16(5, 1, 24105, 0), b16(10, 1, 24012, 0))),
		ava(2436, sized(v.mac()[:3], []byte{0xff, 0xff}, v.mac()[3:])),
		ava(2344, label("Philips"), label("866062")),
		ava(2349, listed(spec(1, 8, v.serial), spec(2, 8, "866062"), spec(3, 8, " A.00.30"), spec(5, 0x78, "--------"), spec(2, 0x58, "S-M8003-1402A"), spec(4, 0x58, "L.01.18"))),
	}
	return listed(append(list, more...)...)
}

// announce sends a connect indication.
func (v *intellivue) announce(at time.Time) {
	event := join(b16(35, 0, 0), v.relative(at), b16(3351), sized(v.description()))
	body := join(b16(0, 0), sized(event))
	from, to := v.monitor, station{ip: "224.0.23.63", mac: []byte{0x01, 0x00, 0x5e, 0x00, 0x17, 0x3f}, port: 24005}
	from.port = 24005
	v.w.udp(at, from, to, 8, 0xc0, join(b32(0x00000100), b16(1), sized(body)))
}

func (c *exporter) up(b []byte) {
	c.w.udp(c.at, c.client, c.monitor, 128, 0, b)
	c.at = c.at.Add(3 * time.Millisecond)
}

func (c *exporter) down(b []byte) {
	c.w.udp(c.at, c.monitor, c.client, 64, 0xc0, b)
	c.at = c.at.Add(2 * time.Millisecond)
}

// remote is a remote operation of a type behind the session header.
func remote(kind int, body []byte) []byte { return join(b32(0xe1000002), b16(kind), sized(body)) }

var (
	ivSession = []byte{0x05, 0x08, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x80, 0x00, 0x14, 0x02, 0x00, 0x02}
	ivOID     = []byte{0x06, 0x0c, 0x2a, 0x86, 0x48, 0xce, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00}
)

// li is a length indicator: one byte, or two behind FF.
func li(n int) []byte {
	if n < 255 {
		return []byte{byte(n)}
	}
	return append([]byte{255}, b16(n)...)
}

// session is the connect or accept of an association, with its presentation data in BER and the user information.
func ivAssociation(kind byte, system int) []byte {
	profile := ava(1, b32(0x80000000, 8000, 1456, 1456, 0xffffffff, 0x60000000), listed(ava(61441, b32(0x8c000000), b16(0, 0))))
	info := join(b32(0x80000000, 0x40000000, 0, system, 0x20000000), b16(0, 0), listed(profile))
	ber := join([]byte{0x31, 0x80, 0xa0, 0x80, 0x80, 0x01, 0x01, 0x00, 0x00, 0xa2, 0x80, 0xa0, 0x03, 0x00, 0x00, 0x01, 0xa4, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01,
		0x06, 0x04, 0x52, 0x01, 0x00, 0x01, 0x30, 0x80, 0x06, 0x02, 0x51, 0x01, 0x00, 0x00, 0x00, 0x00, 0x30, 0x80, 0x02, 0x01, 0x02}, ivOID, []byte{0x01, 0x01, 0x30, 0x80},
		ivOID, []byte{0x02, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xa0, 0x80, 0x60, 0x80, 0xa1, 0x80}, ivOID,
		[]byte{0x03, 0x01, 0x00, 0x00, 0xbe, 0x80, 0x28, 0x80}, ivOID, []byte{0x01, 0x01, 0x02, 0x01, 0x02, 0x81, byte(len(info))}, info, make([]byte, 16))
	rest := join(ivSession, []byte{0xc1}, li(len(ber)), ber)
	return join([]byte{kind}, li(len(rest)), rest)
}

// associate opens an association and takes the monitor's description.
func (v *intellivue) associate(at time.Time, client station) *exporter {
	c := &exporter{intellivue: v, client: client, at: at}
	c.up(ivAssociation(0x0d, 0x80000000))
	c.down(ivAssociation(0x0e, 0x00800000))
	mds := v.description(ava(2334, wide(v.bed)), ava(2374, b16(0x4000)), ava(2317, b16(2)), ava(2471, b16(6)), ava(2439, bcdTime(c.at)))
	create := join(b16(33, 0, 0), v.relative(c.at), b16(3334), sized(b16(33, 0, 0), mds))
	c.down(remote(1, join(b16(1, 1), sized(create))))
	c.up(remote(2, join(b16(1, 1), sized(b16(33, 0, 0), v.relative(c.at), b16(3334, 0)))))
	return c
}

// ask sends a single (period 0) or extended poll and gives its number.
func (c *exporter) ask(class, group, seconds int) int {
	c.invoke++
	poll := b16(c.invoke, 1, class, group)
	kind := 3094
	if seconds > 0 {
		kind = 61755
		poll = join(poll, listed(ava(61758, b32(seconds*8000))))
	}
	c.up(remote(1, join(b16(c.invoke, 7), sized(b16(33, 0, 0), b32(0), b16(kind), sized(poll)))))
	return c.invoke
}

// tell sends a result of a poll: kind 2, or 5 with its state and number.
func (c *exporter) tell(number, class, group, part, series int, extended bool, objects ...[]byte) {
	kind, head := 3094, b16(number)
	if extended {
		kind, head = 61755, b16(number, series)
	}
	reply := join(head, c.relative(c.at), bcdTime(c.at), b16(1, class, group), listed(join(b16(0), listed(objects...))))
	body := join(b16(number, 7), sized(b16(33, 0, 0), b16(kind), sized(reply)))
	if part > 0 {
		body = join([]byte{byte(part), byte(series + 1)}, body)
		c.down(remote(5, body))
		return
	}
	c.down(remote(2, body))
}

func object(handle int, attrs ...[]byte) []byte { return join(b16(handle), listed(attrs...)) }

// values are a patient's numerics at some time: heart rate, saturation, pulse, respiration, arterial pressure, temperature.
func (c *exporter) values(i int) [][]byte {
	nu := func(term, state, unit int, v []byte) []byte { return join(b16(term, state, unit), v) }
	hr := 72 + i%7
	if i >= 40 && i < 60 {
		hr = 131 + i%5
	}
	probe := nu(0x4b60, 0, 6048, float(368+i%3, -1))
	if i%30 == 29 {
		probe = nu(0x4b60, 0x8000, 6048, b32(0x007fffff)) // the probe is out: no number
	}
	return [][]byte{
		object(0x0101, ava(2384, nu(0x4182, 0, 2720, float(hr, 0)))),
		object(0x0102, ava(2384, nu(0x4bb8, 0, 544, float(96+i%3, 0)))),
		object(0x0103, ava(2384, nu(0x4822, i/64%2*0x4000, 2720, float(hr, 0)))),
		object(0x0104, ava(2384, nu(0x500a, 0, 2784, float(14+i%4, 0)))),
		object(0x0105, ava(2379, listed(nu(0x4a15, 0, 3872, float(121+i%6, 0)), nu(0x4a16, 0, 3872, float(74+i%4, 0)), nu(0x4a17, 0, 3872, float(91+i%5, 0))))),
		object(0x0106, ava(2384, probe)),
	}
}

// demographics is the patient as an object.
func (c *exporter) demographics() []byte {
	born, err := time.Parse("20060102", c.patient[3])
	if err != nil {
		panic(err) // samples have dates
	}
	return object(0x0201, ava(2391, b16(c.admitted)), ava(2402, b16(1)), ava(2394, wide(c.patient[0])), ava(2396, wide(c.patient[1])), ava(2397, wide(c.patient[2])),
		ava(2392, bcdTime(born)), ava(2401, b16(2)), ava(2590, b16(0)), ava(2527, float(640, -1), b16(1731)), ava(61737, wide("invented note")))
}

// entry is one alert in a list.
func entry(source, code, kind, state, handle, instance int, text string) []byte {
	info := join(b16(instance), b32(0x00200000+code), b16(1, 0x4000|0x2000), wide(text))
	return join(b16(source, code, kind, state, 54, 0, handle, 516), sized(info))
}

// alarmed asks for the alerts and answers with the lists given.
func (c *exporter) alarmed(physiological, technical [][]byte) {
	n := c.ask(54, 2049, 0)
	c.tell(n, 54, 2049, 0, 0, false, object(0x0301, ava(2306, listed(physiological...)), ava(2308, listed(technical...))))
}

// release ends the association.
func (c *exporter) release() {
	tail := func(tag byte) []byte {
		return []byte{0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xa0, 0x80, tag, 0x80, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}
	}
	c.up(join([]byte{0x09, 0x18, 0xc1, 0x16}, tail(0x62)))
	c.down(join([]byte{0x0a, 0x18, 0xc1, 0x16}, tail(0x63)))
}

func newIntellivue(w *wire) *intellivue {
	w.snap = 1600
	return &intellivue{w: w, monitor: station{ip: "10.20.0.101", mac: []byte{0x00, 0x09, 0xfb, 0x20, 0x01, 0x65}, port: 24105}, bed: "ICU-12", serial: "DE00000001",
		patient: [4]string{"LAB-4711", "LABPATIENT", "JOIN", "19700102"}, admitted: 2, boot: w.now.Add(-75 * time.Second)}
}

// watch is a central's usual work over some minutes: description, patient, numerics every so many seconds, alerts as they come and go, waves for
// some seconds, a priority list, something the monitor refuses.
func (v *intellivue) watch(at time.Time, client station, minutes, seconds int) *exporter {
	c := v.associate(at, client)
	n := c.ask(33, 2060, 0)
	c.tell(n, 33, 2060, 0, 0, false, join(b16(0), v.description()))
	n = c.ask(42, 2055, 0)
	c.tell(n, 42, 2055, 0, 0, false, c.demographics())
	n = c.ask(6, 2065, 0) // static context: two parts, then the last as an ordinary result
	for i, part := range []int{1, 2, 0} {
		c.tell(n, 6, 2065, part, i, false, object(0x0101+i, ava(2337, b16(0x0101+i)), ava(2343, wide([]string{"HR", "SpO\ue145", "Pulse"}[i]))))
	}
	c.invoke++ // the order of waves: get, then set
	c.up(remote(1, join(b16(c.invoke, 3), sized(b16(33, 0, 0), b32(0), listed(b16(62010))))))
	c.down(remote(2, join(b16(c.invoke, 3), sized(b16(33, 0, 0), listed(ava(62010, listed(b32(0x00020102))))))))
	c.invoke++
	c.up(remote(1, join(b16(c.invoke, 5), sized(b16(33, 0, 0), b32(0), listed(join(b16(0, 62010), sized(listed(b32(0x00020102), b32(0x00024bb4)))))))))
	c.down(remote(2, join(b16(c.invoke, 5), sized(b16(33, 0, 0), listed(ava(62010, listed(b32(0x00020102), b32(0x00024bb4))))))))
	c.invoke++ // the battery: this model has no such object
	c.up(remote(1, join(b16(c.invoke, 7), sized(b16(33, 0, 0), b32(0), b16(3094), sized(b16(c.invoke, 1, 41, 0))))))
	c.down(remote(3, join(b16(c.invoke, 1), sized(b16(1, 41)))))
	numerics, wavePoll := c.ask(6, 2051, minutes*60), c.ask(9, 2051, 4)
	start := c.at
	for i := range minutes * 60 / seconds {
		c.at = start.Add(time.Duration(i*seconds) * time.Second)
		if i < 4 {
			sa := func(term int) []byte { return ava(2414, b16(term, 0), sized(make([]byte, 64))) }
			c.tell(wavePoll, 9, 2051, 0, i, true, object(0x0401, sa(0x0102)), object(0x0402, sa(0x4bb4)))
		}
		c.tell(numerics, 6, 2051, 0, i, true, c.values(i)...)
		if i%2 == 1 {
			c.ivAlerts(i)
		}
	}
	return c
}

// ivAlerts are the alerts at some time: leads off at first, then a fast heart that a nurse silences.
func (c *exporter) ivAlerts(i int) {
	var physiological, technical [][]byte
	if i < 8 {
		technical = append(technical, entry(0x4182, 274, 0x0001, 0x0008, 0x0101, 1, "ECG LEADS OFF"))
	}
	if i >= 40 && i < 60 {
		state := 0x0008
		if i >= 48 {
			state = 0x1000
		}
		physiological = append(physiological, entry(0x4182, 40, 0x0200, state, 0x0101, 2, "**HR HIGH"))
	}
	c.alarmed(physiological, technical)
}

// intellivueMonitor: a monitor that announces itself, its central for 12 minutes, that comes again from another port.
func intellivueMonitor(w *wire) {
	v := newIntellivue(w)
	for i := range 3 {
		v.announce(w.now.Add(time.Duration(i) * 10 * time.Second))
	}
	central := station{ip: "10.20.0.90", port: 50011}
	c := v.watch(w.now.Add(25*time.Second), central, 12, 10)
	c.release()
	v.announce(c.at.Add(8 * time.Second))
	central.port = 50012
	c = v.associate(c.at.Add(12*time.Second), central)
	v.admitted = 8
	n := c.ask(42, 2055, 0)
	c.tell(n, 42, 2055, 0, 0, false, c.demographics())
	c.release()
}

// intellivueSecondClient: the same, and in minute 16 of 20 a workstation associates, takes the patient, changes the operating mode and
// sees the alarms suspended.
func intellivueSecondClient(w *wire) {
	v := newIntellivue(w)
	v.watch(w.now.Add(5*time.Second), station{ip: "10.20.0.90", port: 50011}, 20, 40)
	c := v.associate(w.after(16), station{ip: "10.20.0.66", port: 61234})
	n := c.ask(42, 2055, 0)
	c.tell(n, 42, 2055, 0, 0, false, c.demographics())
	c.alarmed([][]byte{entry(0x4182, 40, 0x0400, 0x0008, 0x0101, 9, "***EXTREME TACHY")}, nil)
	c.invoke++
	c.up(remote(1, join(b16(c.invoke, 5), sized(b16(33, 0, 0), b32(0), listed(join(b16(0, 2374), sized(b16(0x2000))))))))
	c.down(remote(2, join(b16(c.invoke, 5), sized(b16(33, 0, 0), listed(ava(2374, b16(0x2000)))))))
	c.at = c.at.Add(4 * time.Second)
	c.alarmed([][]byte{entry(0x4182, 40, 0x0400, 0x4000, 0x0101, 9, "***EXTREME TACHY")}, nil)
	c.at = c.at.Add(4 * time.Second)
	c.release()
}
