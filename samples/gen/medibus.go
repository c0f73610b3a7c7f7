package main

import (
	"fmt"
	"time"
)

// medibus is a frame: the checksum is the low byte of the sum of all before it.
func medibus(start byte, body string) string {
	s := string(start) + body
	var sum byte
	for i := range len(s) {
		sum += s[i]
	}
	return fmt.Sprintf("%s%02X\r", s, sum)
}

// medibusVentilator: a gateway reads a ventilator behind a terminal server for five minutes. A lung is disconnected for a while, the
// limits of a value and the inspired oxygen are changed, alarms are switched off; late another host initialises the line and stops it.
func medibusVentilator(w *wire) {
	w.snap = 1600
	c := w.tcp(w.now, "10.20.0.50", "10.20.0.60", 41200, 4003)
	ask := func(command, answer string) {
		c.says(true, medibus(0x1b, command))
		c.says(false, medibus(0x01, answer))
	}
	ask("Q", "Q")
	ask("R", "R8888'Labvent 300'03.00:04.01")
	oxygen, high := " 40 ", "45.0"
	for i := range 30 {
		c.at = w.now.Add(time.Duration(10*(i+1)) * time.Second)
		ask("$", fmt.Sprintf("$07%4.1fB9%4d%s", 21.4+float64(w.random(9))/10, 480+w.random(30), "D614.0"))
		if i%3 == 0 {
			ask("%", "%B9 300")
			if i >= 15 {
				high = "70.0"
			}
			ask("&", "&07"+high)
		}
		if i >= 12 {
			oxygen = "100 "
		}
		if i%2 == 0 {
			ask(")", ")01"+fmt.Sprintf("%5s", oxygen)+"0B  5.0"+"42 14.0"+"4B   72")
		}
		alarms := "'"
		if i >= 8 && i < 11 {
			alarms += "O9ADISCONNECTED"
		}
		if i >= 20 {
			alarms += "357ALARMS OFF  "
		}
		ask("'", alarms)
		if i == 5 { // realtime data between two frames, and flow control inside one
			c.says(false, "\xd0\xc4\x81\x92\x13\x11\xd1\x85")
			ask("0", "0")
		}
		if i == 6 {
			c.says(true, medibus(0x1b, "\x3f"))
			c.says(false, medibus(0x01, "\x15"))
		}
	}
	c.close()
	x := w.tcp(w.now.Add(310*time.Second), "10.20.0.66", "10.20.0.60", 50999, 4003)
	x.says(true, medibus(0x1b, "Q"))
	x.says(false, medibus(0x01, "Q"))
	x.says(true, medibus(0x1b, "R"))
	x.says(false, medibus(0x01, "R8888'Labvent 300'03.00:04.01"))
	x.says(true, medibus(0x1b, "U"))
	x.says(false, medibus(0x01, "U"))
	x.close()
}
