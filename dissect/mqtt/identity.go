package mqtt

import (
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/event"
)

// libraries are client ids that a library makes up, by their beginnings.
var libraries = []struct{ prefix, software string }{
	{"mosq-", "mosquitto client"}, {"mosq/", "mosquitto client"}, {"mosqpub|", "mosquitto client"}, {"mosqsub|", "mosquitto client"},
	{"paho", "Eclipse Paho"}, {"mqttjs_", "MQTT.js"}, {"mqtt-explorer-", "MQTT Explorer"}, {"mqttx_", "MQTTX"}, {"mqttfx", "MQTT.fx"},
	{"ESP8266", "ESP8266"}, {"ESP32", "ESP32"}, {"DVES_", "Tasmota"}, {"shelly", "Shelly"}, {"nodered", "Node-RED"}, {"hivemq", "HiveMQ client"},
}

// client emits what CONNECT says about the client.
func (v *conversation) client(h *half, dir dissect.Dir, row *Packet, out *event.Batch) {
	if dir != dissect.FromClient {
		return
	}
	say := func(attribute, value, source string, confidence int64) {
		if value != "" && len(value) <= 128 {
			v.identity(out, h.ref, dissect.FromClient, event.Identity{Attribute: attribute, Value: value, Source: source, Confidence: confidence})
		}
	}
	say("role", "mqtt client", "mqtt.connect", 80)
	say("user", row.User, "mqtt.user", 60)
	id := row.ClientID
	for _, l := range libraries {
		if strings.HasPrefix(id, l.prefix) {
			say("software", l.software, "mqtt.client_id", 50)
			if _, host, ok := strings.Cut(id, "-"); ok && strings.HasPrefix(l.prefix, "mosq") && strings.HasSuffix(l.prefix, "|") { // mosqpub|1234-host
				say("hostname", host, "mqtt.client_id", 50)
			}
			return
		}
	}
	if isHostname(id) {
		say("hostname", id, "mqtt.client_id", 20)
	}
}

// isHostname tells whether a client id could be what somebody called the device; made-up ones are long or all digits.
func isHostname(s string) bool {
	if len(s) < 3 || len(s) > 24 || strings.HasPrefix(s, "auto") {
		return false
	}
	letters := 0
	for _, r := range s {
		switch {
		case r|0x20 >= 'a' && r|0x20 <= 'z':
			letters++
		case r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return letters >= 2
}

// broker emits that the server is one.
func (v *conversation) broker(h *half, out *event.Batch) {
	v.identity(out, h.ref, dissect.FromServer, event.Identity{Attribute: "role", Value: "mqtt broker", Source: "mqtt.connack", Confidence: 90})
}

// maxIdentity bounds the different assertions of a connection: a second CONNECT could bring new ones for ever.
const maxIdentity = 32

// identity emits an assertion about one side, once a connection.
func (v *conversation) identity(out *event.Batch, ref event.Ref, about dissect.Dir, id event.Identity) {
	host, mac := v.conn.Client, v.conn.ClientMAC
	if about == dissect.FromServer {
		host, mac = v.conn.Server, v.conn.ServerMAC
	}
	if host.IsValid() {
		id.IP = host.Addr().String()
	}
	id.MAC = mac.String()
	if _, old := v.known[id]; old || len(v.known) >= maxIdentity {
		return
	}
	if v.known == nil {
		v.known = map[event.Identity]struct{}{}
	}
	v.known[id] = struct{}{}
	event.Identities.Emit(out, ref, id)
}
