package main

import "time"

// contecAddress: a monitor of the kind that CISA's ICSMA-25-030-01 is about tries the address in its firmware: NFS without
// an answer, then data to port 515 (the advisory gives the ports; the bytes are zeros).
func contecAddress(w *wire) {
	for i := range 4 {
		c := w.tcp(w.now.Add(time.Duration(i)*time.Minute), "10.20.0.33", "202.114.4.119", uint16(40000+i), 515)
		c.push(true, 400+16*i, 1400)
		c.close()
	}
	c := w.tcp(w.now.Add(5*time.Minute), "10.20.0.33", "202.114.4.119", 40100, 2049)
	c.push(true, 120, 1400)
	c.close()
}

// outsideIn: an address outside opens a DICOM port and a Telnet port inside; a mail server's web page, which may be
// reached, is no finding.
func outsideIn(w *wire) {
	c := w.tcp(w.now, "198.51.100.7", "10.20.0.20", 51000, 104)
	c.push(true, 300, 1400)
	c.push(false, 300, 1400)
	c.close()
	c = w.tcp(w.now.Add(20*time.Second), "198.51.100.7", "10.20.0.41", 51001, 23)
	c.push(false, 30, 1400)
	c.push(true, 20, 1400)
	c.close()
	c = w.tcp(w.now.Add(40*time.Second), "198.51.100.8", "10.20.0.25", 51002, 443)
	c.push(true, 500, 1400)
	c.push(false, 5000, 1400)
	c.close()
}

// uploadOutside: a workstation sends 110 MB to an address outside in jumbo segments. The snap length keeps the file small:
// lengths are those of the headers.
func uploadOutside(w *wire) {
	w.snap = 64
	for i := range 2 {
		c := w.tcp(w.now.Add(time.Duration(i)*5*time.Minute), "10.20.0.54", "203.0.113.9", uint16(52000+i), 443)
		c.push(true, 55_000_000, 60_000)
		c.push(false, 2000, 1400)
		c.close()
	}
	c := w.tcp(w.now.Add(12*time.Minute), "10.20.0.55", "203.0.113.10", 52100, 443)
	c.push(true, 3_000_000, 60_000)
	c.push(false, 2000, 1400)
	c.close()
}

// beacon: over 6 hours one host calls an address outside every 5 minutes give or take 6 s; another one calls as often, at
// random times and with random amounts, which is no beacon.
func beacon(w *wire) {
	w.snap = 64
	for i := range 72 {
		at := w.now.Add(time.Duration(i)*5*time.Minute + time.Duration(w.random(12000)-6000)*time.Millisecond + time.Minute)
		c := w.tcp(at, "10.20.0.54", "203.0.113.9", uint16(53000+i), 443)
		c.push(true, 200+w.random(20), 1400)
		c.push(false, 150, 1400)
		c.close()
	}
	for i := range 72 {
		at := w.now.Add(time.Duration(w.random(6*3600*1000)) * time.Millisecond)
		c := w.tcp(at, "10.20.0.55", "203.0.113.10", uint16(54000+i), 443)
		c.push(true, 100+w.random(9000), 1400)
		c.push(false, 100+w.random(90000), 1400)
		c.close()
	}
}

// quietOutside: what a healthy ward sends outside: 9 MB to an update server that sends more, time lookups by name left
// out, a visit now and then.
func quietOutside(w *wire) {
	w.snap = 64
	c := w.tcp(w.now, "10.20.0.54", "203.0.113.20", 55000, 443)
	c.push(true, 9_000_000, 60_000)
	c.push(false, 4_000_000, 60_000)
	c.close()
	for i := range 15 {
		at := w.now.Add(time.Duration(w.random(3*3600*1000)) * time.Millisecond)
		c := w.tcp(at, "10.20.0.55", "203.0.113.21", uint16(55100+i), 443)
		c.push(true, 100+w.random(3000), 1400)
		c.push(false, 100+w.random(60000), 1400)
		c.close()
	}
}
