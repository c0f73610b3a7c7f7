package main

import (
	"fmt"
	"strings"
	"time"
)

// ftpSession logs in by FTP; with a file it stores that many bytes of it over a passive connection.
func (w *wire) ftpSession(at time.Time, src, dst string, port uint16, user, password, file string, size int) {
	c := w.tcp(at, src, dst, port, 21)
	turn := func(command, reply string) {
		c.at = c.at.Add(30 * time.Millisecond)
		if command != "" {
			c.says(true, command+"\r\n")
		}
		c.says(false, reply+"\r\n")
	}
	turn("", "220 service ready")
	turn("USER "+user, "331 password required")
	if password == "" {
		turn("PASS invented-0000", "530 not logged in")
		turn("QUIT", "221 bye")
		c.close()
		return
	}
	turn("PASS "+password, "230 logged in")
	if file != "" {
		turn("TYPE I", "200 ok")
		turn("PASV", fmt.Sprintf("227 entering passive mode (%s,200,10)", strings.ReplaceAll(dst, ".", ",")))
		d := w.tcp(c.at.Add(10*time.Millisecond), src, dst, port+1, 200<<8+10)
		turn("STOR "+file, "150 opening data connection")
		d.at = c.at
		d.push(true, size, 1400)
		d.close()
		c.at = d.at
		turn("", "226 transfer complete")
	}
	turn("QUIT", "221 bye")
	c.close()
}

// monitorLogin: monitors announce themselves; a workstation fails to log in to one by FTP and then does, and stores a file there. The
// same workstation's visit at a file server is no finding of this kind.
func monitorLogin(w *wire) {
	v := newIntellivue(w)
	for i := range 4 {
		v.announce(w.now.Add(time.Duration(i) * 30 * time.Second))
	}
	makers[v.monitor.ip] = v.monitor.mac
	defer delete(makers, v.monitor.ip)
	w.ftpSession(w.after(1), "10.20.0.66", v.monitor.ip, 51000, "service", "", "", 0)
	w.ftpSession(w.after(1.5), "10.20.0.66", v.monitor.ip, 51010, "service", "invented-4711", "wlan-fw.bin", 60000)
	w.ftpSession(w.after(3), "10.20.0.66", "10.20.0.35", 51020, "nurse", "invented-0815", "", 0)
}
