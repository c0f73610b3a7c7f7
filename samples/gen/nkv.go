package main

import (
	"fmt"
	"hash/crc32"
	"time"
)

// nkv is a message of the remote protocol of NKV-550 ventilators.
func nkv(body string) string {
	whole := func(crc string) string {
		return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><device version=\"1.0\">" + body + "<crc>" + crc + "</crc></device>"
	}
	doc := whole(fmt.Sprintf("%08X", crc32.ChecksumIEEE([]byte(whole("FFFFFFFF")))))
	return fmt.Sprintf("%08d%s", len(doc), doc)
}

// nkvVentilator: a workstation watches a ventilator for three minutes; then another host sets its inspired oxygen to that of air and its
// end-expiratory pressure to nothing.
func nkvVentilator(w *wire) {
	w.snap = 1600
	report := func(fio2, peep, i int) string {
		return nkv(fmt.Sprintf("<settings><mode>VC</mode><fio2>%d</fio2><peep>%d</peep><rate>14</rate></settings><monitors><vte>%d</vte><ppeak>%d</ppeak>"+
			"</monitors><alarms><active>%d</active></alarms>", fio2, peep, 470+w.random(30), 21+w.random(4), i/12))
	}
	c := w.tcp(w.now, "10.20.0.50", "10.20.0.61", 42100, 15376)
	c.says(true, nkv("<command>2</command>"))
	for i := range 12 {
		c.at = w.now.Add(time.Duration(16*(i+1)) * time.Second)
		fio2, peep := 60, 8
		if i >= 10 {
			fio2, peep = 21, 0
		}
		c.says(false, report(fio2, peep, i/10*12))
	}
	c.close()
	x := w.tcp(w.now.Add(178*time.Second), "10.20.0.66", "10.20.0.61", 50777, 15376)
	x.says(true, nkv("<command>1</command><settings><fio2>21</fio2><peep>0</peep></settings>"))
	x.close()
}
