// Package all lists the protocols, in the order in which they are asked.
package all

import (
	"wardtrace/dissect"
	"wardtrace/dissect/alaris"
	"wardtrace/dissect/arp"
	"wardtrace/dissect/astm"
	"wardtrace/dissect/bcc"
	"wardtrace/dissect/ble"
	"wardtrace/dissect/carescape"
	"wardtrace/dissect/coap"
	"wardtrace/dissect/contec"
	"wardtrace/dissect/dhcp"
	"wardtrace/dissect/dicom"
	"wardtrace/dissect/dicomweb"
	"wardtrace/dissect/dns"
	"wardtrace/dissect/dri"
	"wardtrace/dissect/fhir"
	"wardtrace/dissect/ftp"
	"wardtrace/dissect/hl7"
	"wardtrace/dissect/hl7v3"
	"wardtrace/dissect/http"
	"wardtrace/dissect/icmp"
	"wardtrace/dissect/ieee11073"
	"wardtrace/dissect/intellivue"
	"wardtrace/dissect/lldp"
	"wardtrace/dissect/medibus"
	"wardtrace/dissect/mqtt"
	"wardtrace/dissect/nkv"
	"wardtrace/dissect/oncrpc"
	"wardtrace/dissect/poct1a"
	"wardtrace/dissect/sdc"
	"wardtrace/dissect/sensor"
	"wardtrace/dissect/ssh"
	"wardtrace/dissect/telnet"
	"wardtrace/dissect/terumo"
	"wardtrace/dissect/tftp"
	"wardtrace/dissect/tlp20"
	"wardtrace/dissect/tls"
	"wardtrace/dissect/vista120"
	"wardtrace/dissect/wsd"
	"wardtrace/dissect/x12"
)

// Protocols is every protocol that conversations are probed for. Within a transport the order is: those with the
// strongest signature first. A protocol that names the conversation's port is asked before those that do not.
var Protocols = []*dissect.Protocol{
	&dicom.Protocol,
	hl7.Protocol,
	hl7v3.Protocol,
	astm.Protocol,
	poct1a.Protocol,
	x12.Protocol,
	tls.Protocol,
	ssh.Protocol,
	http.HTTP2,
	http.With(dicomweb.Protocol, fhir.Protocol, hl7.Protocol, hl7v3.Protocol, x12.Protocol, sdc.Protocol),
	mqtt.With(hl7.Protocol, fhir.Protocol, sensor.Protocol),
	bcc.Protocol,
	alaris.Protocol,
	terumo.Protocol,
	dri.Protocol,
	oncrpc.Protocol,
	vista120.Protocol,
	contec.Protocol,
	nkv.Protocol,
	medibus.Protocol,
	ieee11073.Protocol,
	ftp.Protocol,
	telnet.Protocol,
	dns.Protocol,
	wsd.Protocol,
	dhcp.Protocol,
	dhcp.Protocol6,
	tlp20.Protocol,
	intellivue.Protocol,
	carescape.Protocol,
	tls.DTLS,
	coap.With(hl7.Protocol, fhir.Protocol, sensor.Protocol),
	tftp.Protocol,
	icmp.Protocol,
	arp.Protocol,
	lldp.Protocol,
	ble.Protocol,
}
