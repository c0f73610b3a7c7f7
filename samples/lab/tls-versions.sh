#!/bin/bash
# Records samples/tls-versions: OpenSSL as client and server, one conversation a case. Run as root; needs openssl,
# python3, iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=tlslab
source pair.sh
OUT=$(cd .. && pwd)/tls-versions/capture.pcap
RUN=$(mktemp -d)

# Certificates: a CA, a server and a client signed by it, and a device's own: small key, SHA-1, long expired.
make_certificates() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 3650 -subj "/O=Ward Example/CN=Ward Example CA" 2>/dev/null
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr \
		-subj "/C=DE/O=Ward Example/CN=pacs.ward.example" 2>/dev/null
	printf 'subjectAltName=DNS:pacs.ward.example,DNS:viewer.ward.example,IP:%s\n' "$SERVER_IP" >san
	openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial 0x8BB00EE -days 20 -extfile san -out server.crt 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -keyout client.key -out client.csr -subj "/O=Ward Example/CN=modality-7.ward.example" 2>/dev/null
	openssl x509 -req -in client.csr -CA ca.crt -CAkey ca.key -set_serial 7 -days 700 -out client.crt 2>/dev/null
	mkdir -p db && : >db/index.txt && echo 00C0FFEE >db/serial
	cat >ca.cnf <<-CNF
		[ca]
		default_ca = own
		[own]
		dir = db
		database = db/index.txt
		serial = db/serial
		new_certs_dir = db
		default_md = sha1
		policy = any
		[any]
		commonName = supplied
		organizationName = optional
	CNF
	openssl req -newkey rsa:1024 -nodes -keyout device.key -out device.csr -subj "/O=Invented Pumps Ltd/CN=PUMP-3" 2>/dev/null
	openssl ca -batch -config ca.cnf -selfsign -keyfile device.key -in device.csr -out device.crt -notext \
		-startdate 20100101000000Z -enddate 20150101000000Z 2>/dev/null
	cat server.crt ca.crt >chain.crt
}

# serve PORT ARGUMENTS: an echo server that turns the client's line round.
serve() {
	local port=$1
	shift
	in_server openssl s_server -quiet -rev -accept "$port" "$@" </dev/null >/dev/null 2>&1 &
}

# talk PORT ARGUMENTS: connect, send one line, read the answer, close.
talk() {
	local port=$1
	shift
	(sleep 0.3; echo "ping"; sleep 0.3; echo "CLOSE"; sleep 0.3) |
		in_client timeout 4 openssl s_client -connect "$SERVER_IP:$port" "$@" >/dev/null 2>&1 || true
}

make_pair
cd "$RUN"
make_certificates
old="ALL:@SECLEVEL=0"
good=(-cert server.crt -key server.key -cert_chain ca.crt)
serve 443 "${good[@]}" -alpn h2,http/1.1 -num_tickets 1
serve 2762 "${good[@]}" -tls1_2 -Verify 1 -CAfile ca.crt
serve 8443 -cert device.crt -key device.key -cipher "$old"
serve 4433 "${good[@]}" -groups P-384
serve 4434 -nocert -cipher "aNULL:@SECLEVEL=0" -tls1_2
serve 4435 -cert device.crt -key device.key -cipher "DHE:@SECLEVEL=0" -tls1_2
serve 4436 "${good[@]}" -tls1_3
in_server python3 -c 'import socket, time
s = socket.create_server(("", 4437)); c = s.accept(); time.sleep(60)' & # accepts and never answers
sleep 1

record "$OUT"
talk 443 -servername pacs.ward.example -alpn h2,http/1.1
talk 443 -servername pacs.ward.example -alpn http/1.1 -tls1_2 -sess_out session
talk 443 -servername pacs.ward.example -alpn http/1.1 -tls1_2 -sess_in session
talk 2762 -tls1_2 -servername other.ward.example -cert client.crt -key client.key
talk 8443 -tls1 -cipher "$old" -noservername
talk 8443 -tls1_1 -cipher "$old" -noservername
talk 4433 -groups X25519:P-384 -servername viewer.ward.example
talk 4434 -tls1_2 -cipher "aNULL:@SECLEVEL=0" -noservername
talk 4435 -tls1_2 -cipher "DHE:@SECLEVEL=0" -noservername
talk 4436 -tls1_2
talk 443 -tls1_2 -verify_return_error -servername pacs.ward.example
talk 4437 -servername silent.ward.example
stop_record
rm -rf "$RUN"
