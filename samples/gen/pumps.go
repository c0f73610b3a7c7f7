package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// makers are hosts whose hardware address says who made them, by IEEE's list of assigned prefixes.
var makers = map[string][]byte{
	"10.20.0.161": {0x00, 0x12, 0x21, 0x20, 0x01, 0x61}, // B. Braun: a SpaceCom
	"10.20.0.165": {0xf8, 0xc6, 0x78, 0x20, 0x01, 0x65}, // CareFusion: a PCU
	"10.20.0.191": {0x00, 0x22, 0xdb, 0x20, 0x01, 0x91}, // Translogic: a tube station
}

// bccBlock makes a block of BCC as the specification says: length and check sum of what is not stuffed, then character stuffing
// if it is on.
func bccBlock(bed, info string, last, stuffed bool) string {
	end := "\x03"
	if !last {
		end = "\x17"
	}
	body := "\x02" + bed + "/1/1>" + info + end
	length := 1 + 5 + len(body) + 5 + 1
	head := fmt.Sprintf("\x01%05d%s", length, body)
	sum := 0
	for _, b := range []byte(head) {
		sum += int(b)
	}
	b := fmt.Sprintf("%s%05d\x04", head, sum%256)
	if stuffed {
		b = strings.NewReplacer("D", "EX", "E", "EE", "d", "ex", "e", "ee").Replace(b)
	}
	return b
}

// bccAsk sends a request and its answer, each acknowledged.
func (c *conn) bccAsk(request string, answers ...string) {
	c.says(true, bccBlock("1", request, true, true))
	c.says(false, "\x06")
	for i, a := range answers {
		c.says(false, bccBlock("W3/BED7", a, i == len(answers)-1, true))
		c.says(true, "\x06")
	}
}

// bccValues writes values as a ComDevice does: key=value, a pump's address before each group.
func bccValues(uptime int, address string, pairs ...string) string {
	var list []string
	for _, p := range pairs {
		key, value, _ := strings.Cut(p, "=")
		list = append(list, fmt.Sprintf("%d,%s,%s,%s", uptime, address, key, value))
	}
	return strings.Join(list, "\x1e")
}

// infusion is what a pump of the sample does in minute m: its rate is changed in minute 8, the drug in minute 12 while it is
// stopped, an alarm sounds in minutes 15 and 16, a soft limit is overridden in minute 20, a bolus is given in minute 25, and in minute 36 the
// drug is another one although the pump never stopped.
func infusion(m int) []string {
	rate, drug, id, on := "4.0", "Noradrenalin", "NA5", "1"
	if m >= 8 {
		rate = "6.5"
	}
	if m >= 13 {
		rate, drug, id = "10.0", "Propofol 2%", "PR2"
	}
	if m == 12 {
		on = "0"
	}
	if m >= 36 {
		drug, id = "Noradrenalin", "NA5"
	}
	flag := func(from, until int) string {
		if m >= from && m < until {
			return "1"
		}
		return "0"
	}
	return []string{"INRT=" + rate, fmt.Sprintf("INVI=%.1f", 12+0.1*float64(m)), "INVTB=50.0", "INSOL=" + drug, "INSOLID=" + id, "INM3=" + on,
		"INM2=" + flag(25, 26), "INBOVAL=" + map[bool]string{true: "2.0", false: "_NV"}[m >= 25], "INA3=" + flag(15, 17), "INA13=0", "LASTDA=" + map[bool]string{true: "1203", false: "0"}[m >= 15],
		"DGDALERTSLH=" + flag(20, 40), "SLHIGH=8.0", "PATID=LAB-7001", "PATW=71.5"}
}

// bccWard: 40 minutes of a server that reads out a SpaceCom every minute. In minute 31 an address that never did so reads it out as well, asks
// for what BCC does not have, and speaks to another port of the SpaceCom.
func bccWard(w *wire) {
	w.snap = 65535
	c := w.tcp(w.now, "10.20.0.31", "10.20.0.161", 42000, 4001)
	c.bccAsk("ADMIN:ALIVE", bccValues(86400, "50100", "GNACK=0"))
	c.bccAsk("ADMIN:VERSION", "86400,50100,V3.30,")
	for m := range 40 {
		c.at = w.after(float64(m) + 0.2)
		first, up := infusion(m), 86412+60*m
		if m == 0 {
			first = append([]string{"GNNEW=688F030006", "INSERNUM=204711", "INDTNR=12"}, first...)
		}
		second := bccValues(up, "50112", "INRT=80.0", "INSOL=Ringer", "INM3=1", "INA15=0")
		c.bccAsk("MEM:GET", bccValues(up, "50111", first...), second+"\x1e"+bccValues(up, "50100", "FMNOR=1", "FMSTAT=0"))
	}
	c = w.tcp(w.after(31), "10.20.0.66", "10.20.0.161", 51000, 4001)
	c.bccAsk("ADMIN:ALIVE", bccValues(88260, "50100", "GNACK=0"))
	c.bccAsk("MEM:GETSLOT#11", bccValues(88261, "50111", infusion(31)...))
	c.bccAsk("MEM:SET#11,INRT,99", bccValues(88262, "50100", "GNERR=68"))
	c.close()
	c = w.tcp(w.after(32), "10.20.0.66", "10.20.0.161", 51001, 1500)
	c.push(true, 420, 1400)
	c.push(false, 64, 1400)
	c.close()
}

// bccCyclic: a minute and a half of a SpaceCom that opens the connection and pushes every five seconds, without character stuffing; one of its blocks is refused
// and sent again.
func bccCyclic(w *wire) {
	w.snap = 65535
	c := w.tcp(w.now, "10.20.0.161", "10.20.0.31", 43000, 4001)
	for i := range 18 {
		c.at = w.now.Add(time.Duration(5*i)*time.Second + 100*time.Millisecond)
		rate := "20.0"
		if i >= 6 {
			rate = "25.0"
		}
		b := bccBlock("W3/BED8", bccValues(1000+5*i, "50113", "INRT="+rate, "INDORT=0.5", "INDORTU=mg/kg/h", "INSOL=Propofol", "INM3=1", fmt.Sprintf("INRMT=%d", 7200-5*i)), true, false)
		if i == 10 {
			c.says(true, strings.Replace(b, "INRT", "INRX", 1))
			c.says(false, "\x15")
		}
		c.says(true, b)
		c.says(false, "\x06")
	}
	c.close()
}

// crc16 is CRC-16 with polynomial 1021, not reflected: CCITT-FALSE begins with FFFF, XMODEM with 0.
func crc16(s string, crc uint16) uint16 {
	for _, b := range []byte(s) {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// alaris sends a frame and its answer.
func (c *conn) alaris(ask, answer string) {
	c.says(true, fmt.Sprintf("!%s|%04X\r", ask, crc16(ask, 0xffff)))
	c.at = c.at.Add(40 * time.Millisecond)
	c.says(false, fmt.Sprintf("!%s|%04X\r", answer, crc16(answer, 0xffff)))
}

const alarisSerial = "8002-70417"

// alarisStatus is the answer to INF.
func alarisStatus(alarm string, rate, volume float64) string {
	return fmt.Sprintf("INF^%s^%s^SET^%.2f^ml/h^^%.3f^ml^18.50^mmHg^12:40^EVENT^%d", alarisSerial, alarm, rate, volume, 5000+int(volume*10))
}

// alarisRead opens a connection that reads a pump behind a terminal server once a minute.
func alarisRead(w *wire) {
	w.snap = 65535
	c := w.tcp(w.now, "10.20.0.31", "10.20.0.171", 44000, 4003)
	c.alaris("INST_SERIALNO", "INST_SERIALNO^"+alarisSerial)
	c.alaris("COMMS_PROTOCOL", "COMMS_PROTOCOL^Asena Rev 2.1.5")
	for m := range 40 {
		c.at = w.after(float64(m) + 0.3)
		alarm, rate := "-", 4.5
		if m == 14 || m == 15 {
			alarm = "AL_OCCLU"
		}
		if m >= 22 {
			rate = 6
		}
		if m >= 31 {
			rate = 120
		}
		c.alaris("INF", alarisStatus(alarm, rate, 0.1*float64(m)))
		if m%10 == 0 {
			c.alaris("INF_VTBI", "INF_VTBI^ACTIV^40.000^ml^STOP")
		}
	}
}

// alarisAsena: in minute 30 an address that never spoke to the terminal server asks for the serial number, takes the control that it gives
// to anybody, and sets another rate.
func alarisAsena(w *wire) {
	alarisRead(w)
	c := w.tcp(w.after(30), "10.20.0.66", "10.20.0.171", 51000, 4003)
	c.alaris("INST_SERIALNO", "INST_SERIALNO^"+alarisSerial)
	c.alaris(fmt.Sprintf("REMOTE_CTRL^ENABLED^%04X", crc16(alarisSerial, 0xffff)), "REMOTE_CTRL^ENABLED^****^PERMIT^0^ms")
	c.alaris("INF", alarisStatus("-", 6, 3))
	c.alaris("INF_STOP", "INF_STOP")
	c.alaris("INF_VTBI^DEACT", "INF_VTBI^DEACT^^^")
	c.alaris("INF_RATE^120.00^ml/h", "INF_RATE^120.00^ml/h")
	c.alaris("INF_START", "INF_START")
	c.close()
}

// terumoFrame makes a frame of the Terufusion protocol.
func terumoFrame(text string) string { return fmt.Sprintf("\x02%s%04X\x03", text, crc16(text, 0)) }

// terumoTE: a gateway asks a pump behind a terminal server every 20 seconds. The commands are invented, since their list is not public: only
// the frame is as the annex says.
func terumoTE(w *wire) {
	w.snap = 65535
	c := w.tcp(w.now, "10.20.0.31", "10.20.0.172", 45000, 4004)
	for i := range 12 {
		c.at = w.now.Add(time.Duration(20*i)*time.Second + 50*time.Millisecond)
		command := []string{"sample-status", "sample-status", "sample-history"}[i%3]
		c.says(true, terumoFrame(`<?xml version="1.0"?><REQ><DEVID>TE000417</DEVID><CMD>`+base64.StdEncoding.EncodeToString([]byte(command))+`</CMD></REQ>`))
		c.says(false, terumoFrame(`<?xml version="1.0"?><RES><DEVID>TE000417</DEVID><CMD>`+base64.StdEncoding.EncodeToString([]byte(command+" 12"))+`</CMD></RES>`))
	}
	c.close()
}
