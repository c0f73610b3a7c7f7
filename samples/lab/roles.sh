# The servers and the clients of the ward: sourced by ward.sh.

# at MINUTE: wait for that minute of the plan (scaled); no wait when it has passed.
at() {
	local wait
	wait=$(awk "BEGIN { d = $T0 + $1 * 60 * $SCALE - $(date +%s.%N); print (d > 0 ? d : 0) }")
	sleep "$wait"
}

# pause LOW HIGH: a random wait in seconds.
pause() { sleep "$(shuf -i "$1-$2" -n 1)"; }

running() { (($(date +%s) < T0 + SECONDS_ALL + 120)); }

# role NAME FUNCTION ARGS...: a client's working day, in the background. A failed step is noted and the day goes on.
role() {
	local name=$1
	shift
	(set +e; "$@") >>"$RUN/log/$name.role.log" 2>&1 </dev/null &
	ROLES+=($!)
}

make_router() {
	plug gw eth1 br1 00:00:0c:4a:10:02
	ip -n "$NET-gw" addr add "$OUTSIDE.1/24" dev eth1
	ip -n "$NET-gw" route add blackhole 10.20.1.0/24 # the neighbouring VLAN: the router lets nothing in
	ip netns exec "$NET-gw" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0
}

# ---- servers -------------------------------------------------------------------------------------------------------

start_servers() {
	"$PYTHON" "$LAB/peers/make_dicom.py" "$RUN"
	make_certificates
	serve_dhcp_dns
	serve_intranet
	serve_pacs
	serve ris wlmscpfs --data-files-path "$RUN/worklist" 104
	serve engine "$PYTHON" "$LAB/peers/engine.py" 2575
	serve_broker
	serve_web pumpserver 80 'location /pump/ { return 204; } location / { return 404; }'
	serve_web update "443 ssl" "root $RUN/www;" update
	serve_drop
	serve_pump pump-1 Ward7-keep
	serve_pump pump-3 Ward7-mend
	sleep 6
}

# An internal authority signs the intranet; another one signs the update server. Keys live as long as the recording.
make_certificates() {
	local ca name
	mkdir -p "$RUN/tls"
	while read -r ca name host; do
		openssl req -x509 -newkey rsa:2048 -nodes -days 1825 -subj "/O=Laboratory/CN=$ca" \
			-keyout "$RUN/tls/$ca.key" -out "$RUN/tls/$ca.pem" 2>/dev/null
		openssl req -newkey rsa:2048 -nodes -subj "/O=Laboratory/CN=$host" \
			-keyout "$RUN/tls/$name.key" -out "$RUN/tls/$name.csr" 2>/dev/null
		openssl x509 -req -in "$RUN/tls/$name.csr" -CA "$RUN/tls/$ca.pem" -CAkey "$RUN/tls/$ca.key" -CAcreateserial -days 365 \
			-extfile <(echo "subjectAltName=DNS:$host") -out "$RUN/tls/$name.pem" 2>/dev/null
	done <<-END
		ward-ca intranet intranet.$DOMAIN
		update-ca update updates.example.net
	END
	cat "$RUN"/tls/*-ca.pem >"$RUN/tls/trust.pem"
}

serve_dhcp_dns() {
	cat >"$RUN/dnsmasq.conf" <<-END
		no-resolv
		no-hosts
		user=root
		interface=eth0
		except-interface=lo
		bind-interfaces
		pid-file=$RUN/dnsmasq.pid
		dhcp-leasefile=$RUN/leases
		dhcp-authoritative
		dhcp-sequential-ip
		domain=$DOMAIN
		local=/$DOMAIN/
		local=/example.net/
		host-record=updates.example.net,$OUTSIDE.80
		local=/20.10.in-addr.arpa/
		dhcp-range=$LAN.66,$LAN.79,255.255.255.0,20m
		dhcp-option=option:router,$LAN.1
		dhcp-option=option:dns-server,$LAN.2
		dhcp-host=00:12:21:07:41:01,$LAN.41
		dhcp-host=00:12:21:07:41:03,$LAN.43
		dhcp-host=88:4b:39:20:51:01,$LAN.51
		dhcp-host=44:4b:5d:20:52:01,$LAN.52
		dhcp-host=d4:ae:52:53:00:53,$LAN.53
		dhcp-host=d4:ae:52:53:00:54,$LAN.54
		dhcp-host=00:09:fb:60:61:01,$LAN.81
		dhcp-host=00:09:fb:60:61:02,$LAN.82
		dhcp-host=00:09:fb:60:61:03,$LAN.83
		dhcp-host=f0:e5:c3:60:61:04,$LAN.84
		dhcp-host=d4:ae:52:53:00:90,$LAN.90
		host-record=gw.$DOMAIN,$LAN.1
		host-record=ns1.$DOMAIN,$LAN.2
		host-record=intranet.$DOMAIN,$LAN.5
		host-record=pacs.$DOMAIN,$LAN.10
		host-record=ris.$DOMAIN,$LAN.11
		host-record=engine.$DOMAIN,$LAN.20
		host-record=lis.$DOMAIN,$LAN.21
		host-record=adt.$DOMAIN,$LAN.22
		host-record=broker.$DOMAIN,$LAN.30
		host-record=pumpserver.$DOMAIN,$LAN.31
	END
	serve ns1 dnsmasq --keep-in-foreground --conf-file="$RUN/dnsmasq.conf" --log-facility=-
}

# serve_web HOST LISTEN LOCATIONS [CERTIFICATE]: nginx with one server block, or two when LISTEN is "80 and 443".
serve_web() {
	local name=$1 listen=$2 locations=$3 certificate=${4:-} tls="" dir="$RUN/nginx-$1" line=""
	mkdir -p "$dir"
	[ -z "$certificate" ] || tls="ssl_certificate $RUN/tls/$certificate.pem; ssl_certificate_key $RUN/tls/$certificate.key; ssl_protocols TLSv1.2 TLSv1.3;"
	case $listen in
	"80 and 443") line="listen 80; listen 443 ssl;" ;;
	*) line="listen $listen;" ;;
	esac
	cat >"$dir/nginx.conf" <<-END
		daemon off; user root; worker_processes 1; pid $dir/pid; error_log stderr;
		events { worker_connections 128; }
		http {
		  access_log off; keepalive_timeout 15; client_max_body_size 8m; default_type text/html;
		  client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
		  server { $line server_name $name; $tls $locations }
		}
	END
	serve "$name" nginx -p "$dir" -c "$dir/nginx.conf"
}

serve_intranet() {
	mkdir -p "$RUN/www"
	{
		echo '<html><head><title>Laboratory ward</title></head><body><h1>Laboratory ward</h1><ul>'
		seq -f '<li>Notice %g: this page was made for a recording, it holds no patient.</li>' 1 40
		echo '</ul></body></html>'
	} >"$RUN/www/index.html"
	head -c 16000 /dev/urandom >"$RUN/www/definitions.bin"
	serve_web intranet "80 and 443" "root $RUN/www;" intranet
}

# The PACS rejects a called AE title that is not its own, and serves queries only to calling titles that it knows.
serve_pacs() {
	mkdir -p "$RUN/pacs"
	cat >"$RUN/pacs.json" <<-END
		{ "Name": "PACS", "StorageDirectory": "$RUN/pacs", "IndexDirectory": "$RUN/pacs",
		  "HttpServerEnabled": false, "DicomServerEnabled": true, "DicomAet": "PACS", "DicomPort": 11112,
		  "DicomCheckCalledAet": true, "DicomAlwaysAllowEcho": true, "DicomAlwaysAllowStore": false,
		  "DicomAlwaysAllowFind": false, "DicomAlwaysAllowGet": false, "DicomAlwaysAllowMove": false,
		  "DicomModalities": { "ct": ["CT01", "$LAN.51", 104], "us": ["US01", "$LAN.52", 104],
		                       "read": ["READ01", "$LAN.53", 11112] },
		  "Plugins": [], "ConcurrentJobs": 1, "DicomThreadsCount": 4 }
	END
	serve pacs Orthanc "$RUN/pacs.json"
}

# Six earlier studies reach the PACS over its own loopback, before the recording.
load_archive() {
	local try
	for try in $(seq 30); do
		if in_host pacs echoscu -aet CT01 -aec PACS 127.0.0.1 11112 2>/dev/null; then break; fi
		sleep 1
	done
	in_host pacs storescu -aet CT01 -aec PACS +sd 127.0.0.1 11112 "$RUN/earlier" >>"$RUN/log/archive.log" 2>&1
}

serve_broker() {
	mosquitto_passwd -c -b "$RUN/mqtt.users" monitor Mon-pass-1
	mosquitto_passwd -b "$RUN/mqtt.users" central Cen-pass-1
	printf '%s\n' 'listener 1883' 'allow_anonymous false' "password_file $RUN/mqtt.users" 'user root' >"$RUN/mosquitto.conf"
	serve broker mosquitto -c "$RUN/mosquitto.conf"
}

# serve_pump NAME PASSWORD: telnet and FTP for service, one account.
serve_pump() {
	local name=$1 home="$RUN/$1"
	mkdir -p "$home/log" "$RUN/empty"
	printf '%s\n' "device=$name" 'model=LAB-INFUSION 2' 'firmware=4.1.7' "server=$LAN.31" 'library=ward2-2026.3' >"$home/pump.conf"
	seq -f '2026-01-01T0%g:00:00 self test passed' 1 8 >"$home/log/events.txt"
	echo "PS1='$name:~\$ '; export PS1" >"$home/.profile"
	touch "$home/.hushlogin"
	# telnetd-ssl wants a certificate even where it is told not to use one
	[ -e "$RUN/telnetd.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=pump -keyout "$RUN/telnetd.pem" 2>/dev/null >>"$RUN/telnetd.pem"
	give_users "$name" "service:$2"
	serve_ftp "$name" service NO
	echo "telnet stream tcp nowait root $TELNETD in.telnetd -h -z nossl -z cert=$RUN/telnetd.pem -z key=$RUN/telnetd.pem -L /bin/login" >"$RUN/$name.inetd"
	at_home service "$name" inetutils-inetd -d -p"$RUN/$name.inetd.pid" "$RUN/$name.inetd"
}

# serve_ftp HOST USER WRITE: vsftpd for one local account.
serve_ftp() {
	mkdir -p "$RUN/empty"
	cat >"$RUN/$1.vsftpd" <<-END
		listen=YES
		background=NO
		anonymous_enable=NO
		local_enable=YES
		write_enable=$3
		pam_service_name=vsftpd
		secure_chroot_dir=$RUN/empty
		isolate_network=NO
		seccomp_sandbox=NO
		xferlog_enable=NO
		ftpd_banner=$1 file service
	END
	at_home "$2" "$1" vsftpd "$RUN/$1.vsftpd"
}

serve_drop() {
	give_users drop "box:b0x-of-things"
	serve_ftp drop box YES
	serve drop "$PYTHON" "$LAB/peers/sink.py" 80
}

# ---- clients -------------------------------------------------------------------------------------------------------

# lease HOST VENDOR_CLASS [CLIENT [HOSTNAME]]: devices use udhcpc; computers use dhclient.
lease() {
	local name=$1 class=$2 client=${3:-udhcpc} hostname=${4:-$1}
	if [ "$client" = udhcpc ]; then
		serve "$name" busybox udhcpc -f -i eth0 -x "hostname:$hostname" -V "$class" -s "$LAB/peers/lease.sh"
	else
		{
			echo "send host-name \"$hostname\";"
			[ -z "$class" ] || echo "send vendor-class-identifier \"$class\";"
			echo "request subnet-mask, broadcast-address, routers, domain-name, domain-name-servers, host-name;"
		} >"$RUN/$name.dhclient"
		serve "$name" dhclient -d -4 -cf "$RUN/$name.dhclient" -lf "$RUN/$name.lease" -pf "$RUN/$name.pid" \
			-sf "$LAB/peers/lease.sh" eth0
	fi
}

start_clients() {
	local name
	: >"$RUN/sent.jsonl"
	for name in pump-1 pump-3; do lease "$name" "BBRAUN-INFUSION"; sleep 0.7; done
	for name in mon-1 mon-2 mon-3; do lease "$name" "PHILIPS-PM"; sleep 0.7; done
	lease sensor-4 "DRAEGER-SENSOR"
	lease ct-1 "SIEMENS-CT"
	lease us-1 "GE-US"
	for name in read-1 ward-pc central-1; do lease "$name" "MSFT 5.0" dhclient; sleep 0.7; done
	sleep 3

	serve read-1 storescp --output-directory "$(mkdir -p "$RUN/read" && echo "$RUN/read")" -aet READ01 11112
	role central-1 vitals_screen
	role mon-1 monitor mon-1 2 311 0
	role mon-2 monitor mon-2 3 311 1
	role mon-3 monitor mon-3 4 5 0
	role sensor-4 monitor sensor-4 5 5 1
	role pump-1 pump pump-1 1 12.5
	role pump-3 pump pump-3 3 4.0
	role lis in_host lis "$PYTHON" "$LAB/peers/hl7send.py" lis "engine.$DOMAIN" 2575 "$SECONDS_ALL" "$RUN/sent.jsonl"
	role adt in_host adt "$PYTHON" "$LAB/peers/hl7send.py" adt "engine.$DOMAIN" 2575 "$SECONDS_ALL"
	role ct-1 modality ct-1 CT01 ct 1 7 12.5 18.5 24.5 29.5 34.5
	role us-1 modality us-1 US01 us 2.5 10 20 30
	role read-1 reader
	role read-1.update updates read-1
	role ward-pc browser
	role central-1.web central_web
}

# monitor HOST PATIENT VERSION QOS: vital signs every 12 s on one lasting connection.
monitor() {
	local name=$1 patient=$2 version=$3 qos=$4 extra=()
	if [ "$version" = 5 ]; then extra=(-D connect user-property ward W2 -D publish content-type application/json); fi
	sleep "$((patient * 2))"
	"$PYTHON" "$LAB/peers/vitals.py" "$name" "$patient" 12 "$((SECONDS_ALL + 60))" |
		in_host "$name" mosquitto_pub -h "broker.$DOMAIN" -V "$version" -q "$qos" -i "$name" -u monitor -P Mon-pass-1 \
			"${extra[@]}" -t "ward/w2/$name/vitals" -l
}

vitals_screen() {
	in_host central-1 mosquitto_sub -h "broker.$DOMAIN" -V 311 -i central-1 -u central -P Cen-pass-1 -t 'ward/w2/+/vitals'
}

# pump HOST OFFSET RATE: a status report to the pump server every 20 s.
pump() {
	local name=$1 rate=$3 number=0
	sleep "$2"
	while running; do
		number=$((number + 1))
		in_host "$name" curl -s -m 10 -A "LabPump/4.1.7" -H 'Content-Type: application/json' \
			--data "{\"device\":\"$name\",\"seq\":$number,\"state\":\"infusing\",\"rate_ml_h\":$rate,\"library\":\"ward2-2026.3\"}" \
			"http://pumpserver.$DOMAIN/pump/$name/status"
		sleep 20
	done
}

# modality HOST AE KIND MINUTE...: at each minute ask the worklist, then send the study of that number to the PACS.
modality() {
	local name=$1 ae=$2 kind=$3 number=0 minute
	shift 3
	at 0.4
	in_host "$name" echoscu -aet "$ae" -aec PACS "$LAN.10" 11112
	for minute in "$@"; do
		at "$minute"
		number=$((number + 1))
		in_host "$name" findscu -W -aet "$ae" -aec RIS "$LAN.11" 104 \
			-k PatientName -k PatientID -k PatientBirthDate -k PatientSex -k AccessionNumber -k StudyInstanceUID \
			-k "ScheduledProcedureStepSequence[0].Modality=${ae%01}" \
			-k "ScheduledProcedureStepSequence[0].ScheduledStationAETitle=$ae" \
			-k "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate"
		sleep 4
		in_host "$name" storescu -aet "$ae" -aec PACS +sd "$LAN.10" 11112 "$RUN/today/$kind-$number"
	done
}

# reader: a radiologist asks for one patient, then fetches that patient's study of today.
reader() {
	local minute study verb patient uid
	while read -r minute study verb; do
		at "$minute"
		IFS=$'\t' read -r _ patient uid < <(grep "^$study	" "$RUN/today.tsv")
		in_host read-1 findscu -S -aet READ01 -aec PACS "$LAN.10" 11112 -k QueryRetrieveLevel=STUDY \
			-k "PatientID=$patient" -k PatientName -k StudyInstanceUID -k StudyDate -k StudyDescription -k ModalitiesInStudy
		sleep 3
		if [ "$verb" = move ]; then
			in_host read-1 movescu -S -aet READ01 -aem READ01 -aec PACS "$LAN.10" 11112 \
				-k QueryRetrieveLevel=STUDY -k "StudyInstanceUID=$uid"
		else
			mkdir -p "$RUN/got"
			in_host read-1 getscu -S -aet READ01 -aec PACS "$LAN.10" 11112 -od "$RUN/got" \
				-k QueryRetrieveLevel=STUDY -k "StudyInstanceUID=$uid"
		fi
	done <<-END
		1.8 ct-1 move
		3.5 us-1 move
		5.5 ct-1 get
		8.2 ct-2 move
		14 ct-3 move
		21 us-3 move
		26 ct-5 get
		31 us-4 move
	END
}

# updates HOST: fewer than twenty visits to the update server, at uneven times: lawful, and no beacon.
updates() {
	local visit=0
	at 0.8
	while running && ((visit < 12)); do
		in_host "$1" curl -s -m 20 -A "LabUpdate/3" --cacert "$RUN/tls/trust.pem" -o /dev/null \
			"https://updates.example.net/definitions.bin"
		visit=$((visit + 1))
		pause 90 290
	done
}

browser() {
	local visit=0
	at 0.6
	while running; do
		visit=$((visit + 1))
		if ((visit % 2)); then
			in_host ward-pc curl -s -m 10 -A "Mozilla/5.0 LabBrowser" --cacert "$RUN/tls/trust.pem" --tlsv1.2 --tls-max 1.2 \
				-o /dev/null "https://intranet.$DOMAIN/"
		else
			in_host ward-pc curl -s -m 10 -A "Mozilla/5.0 LabBrowser" --cacert "$RUN/tls/trust.pem" --tlsv1.3 \
				-o /dev/null "https://intranet.$DOMAIN/"
		fi
		pause 45 75
	done
}

central_web() {
	at 0.7
	while running; do
		in_host central-1 curl -s -m 10 -A "LabCentral/2" -o /dev/null "http://intranet.$DOMAIN/index.html"
		pause 50 90
	done
}
