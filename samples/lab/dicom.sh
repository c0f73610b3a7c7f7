#!/usr/bin/env bash
# Records the DICOM samples: DCMTK, Orthanc, pynetdicom and nmap as hosts of one small network, each in a namespace of
# its own without a link to the machine's own network.
#
#   dicom.sh CASE OUTDIR    CASE is a sample's name without dicom-, as in: dicom.sh charsets /tmp/out
#
# PYTHON names an interpreter that has pydicom, pynetdicom and numpy. Needs root, dcmtk, orthanc, nmap, tcpdump.
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
CASE=${1:?usage: dicom.sh CASE OUTDIR} OUT=${2:?usage: dicom.sh CASE OUTDIR} PYTHON=${PYTHON:-python3}
NET=wtdicom
WORK=$(mktemp -d)
mkdir -p "$OUT"

drop() {
	local ns pid
	for ns in $(ip netns list | awk -v net="^$NET-" '$1 ~ net { print $1 }'); do
		for pid in $(ip netns pids "$ns"); do kill "$pid" 2>/dev/null || true; done
		ip netns del "$ns" || true
	done
	rm -rf "$WORK"
}
trap drop EXIT

# host NAME NUMBER: a namespace with the address 10.20.3.NUMBER on the bridge.
host() {
	local ns=$NET-$1
	ip netns add "$ns"
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip -n "$NET-switch" link add "p$2" type veth peer name eth0 netns "$ns"
	ip -n "$ns" link set eth0 address "02:00:00:00:03:$(printf %02x "$2")"
	ip -n "$ns" addr add "10.20.3.$2/24" dev eth0
	ip netns exec "$NET-switch" ethtool -K "p$2" tx off sg off tso off gso off gro off >/dev/null
	ip netns exec "$ns" ethtool -K eth0 tx off sg off tso off gso off gro off >/dev/null
	ip -n "$NET-switch" link set "p$2" master br0 up
	ip -n "$ns" link set lo up
	ip -n "$ns" link set eth0 up
}

on() {
	local name=$1
	shift
	ip netns exec "$NET-$name" "$@"
}

serve() { on "$@" >"$WORK/$1.log" 2>&1 </dev/null & sleep 1; }
peer() { local name=$1; shift; on "$name" "$PYTHON" "$LAB/peers/dicomcases.py" "$@"; }
services() { local name=$1; shift; on "$name" "$PYTHON" "$LAB/peers/dicomservices.py" "$@"; }
abuse() { local name=$1; shift; on "$name" "$PYTHON" "$LAB/peers/dicomabuse.py" "$@"; }

# orthanc NAME TITLE: an archive on port 4242 that knows the modalities below.
orthanc() {
	mkdir -p "$WORK/$1"
	cat >"$WORK/$1.json" <<-END
		{ "Name": "$1", "StorageDirectory": "$WORK/$1", "IndexDirectory": "$WORK/$1", "Plugins": [], "HttpServerEnabled": false,
		  "DicomAet": "$2", "DicomPort": 4242, "DicomCheckCalledAet": true, "DicomAlwaysAllowEcho": true,
		  "DicomAlwaysAllowStore": true, "DicomAlwaysAllowFind": true, "DicomAlwaysAllowGet": true, "DicomAlwaysAllowMove": true,
		  "UnknownSopClassAccepted": true, "OverwriteInstances": true,
		  "DicomModalities": { "ws": ["WORKSTATION1", "10.20.3.31", 11112], "rogue": ["LAPTOP", "10.20.3.66", 11112] } }
	END
	serve "$1" Orthanc "$WORK/$1.json"
	sleep 3
}

start() {
	ip netns exec "$NET-switch" tcpdump -i br0 -U -w "$OUT/capture.pcap" tcp 2>/dev/null &
	DUMP=$!
	sleep 1
}

stop() {
	sleep 1
	kill -INT "$DUMP"
	wait "$DUMP" || true
}

ip netns add "$NET-switch"
ip netns exec "$NET-switch" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
ip -n "$NET-switch" link add br0 type bridge stp_state 0 mcast_snooping 0
ip -n "$NET-switch" link set br0 up
host pacs 20
host ct1 11
host us1 12
host ws1 31

# dcmtk_archive: DCMTK's dcmqrscp as PACS_LAB on port 11112.
dcmtk_archive() {
	mkdir -p "$WORK/db"
	cat >"$WORK/qr.cfg" <<-END
		NetworkTCPPort = 11112
		MaxPDUSize = 16384
		MaxAssociations = 16
		HostTable BEGIN
		ws = (WORKSTATION1, 10.20.3.31, 11113)
		review = (REVIEW_1, 10.20.3.32, 11114)
		off = (REVIEW_2, 10.20.3.32, 11199)
		HostTable END
		VendorTable BEGIN
		VendorTable END
		AETable BEGIN
		PACS_LAB $WORK/db RW (200, 1024mb) ANY
		AETable END
	END
	serve pacs dcmqrscp -c "$WORK/qr.cfg"
}

case $CASE in
basic)
	peer ct1 make "$WORK/in" 3
	dcmtk_archive
	start
	on ct1 echoscu -aet CT_1 -aec PACS_LAB 10.20.3.20 11112
	on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 11112 "$WORK"/in/*.dcm
	on ws1 findscu -S -aet WORKSTATION1 -aec PACS_LAB -k QueryRetrieveLevel=STUDY -k "PatientName=LABPATIENT*" \
		-k StudyDate=20260101-20261231 -k StudyInstanceUID -k PatientID 10.20.3.20 11112
	on ws1 movescu -S -aet WORKSTATION1 -aec PACS_LAB -aem WORKSTATION1 --port 11113 -od "$WORK" -k QueryRetrieveLevel=STUDY \
		-k StudyInstanceUID=1.2.826.0.1.3680043.8.498.1.1 10.20.3.20 11112
	on ws1 movescu -S -aet WORKSTATION1 -aec PACS_LAB -aem NOWHERE --port 11113 -od "$WORK" -k QueryRetrieveLevel=STUDY \
		-k StudyInstanceUID=1.2.826.0.1.3680043.8.498.1.1 10.20.3.20 11112 || true
	on ws1 getscu -S -aet WORKSTATION1 -aec PACS_LAB -od "$WORK" -k QueryRetrieveLevel=STUDY \
		-k StudyInstanceUID=1.2.826.0.1.3680043.8.498.1.2 10.20.3.20 11112
	stop
	;;
cancel)
	serve pacs "$PYTHON" "$LAB/peers/dicomcases.py" scp 11112
	sleep 2
	start
	on ws1 findscu -S --cancel 3 -aet WORKSTATION1 -aec PACS_LAB -k QueryRetrieveLevel=STUDY -k "PatientName=*" -k PatientID \
		-k StudyInstanceUID 10.20.3.20 11112
	stop
	;;
worklist)
	host ris 21
	mkdir -p "$WORK/wl/RIS"
	touch "$WORK/wl/RIS/lockfile"
	peer ris worklist "$WORK/wl/RIS"
	serve ris wlmscpfs -dfr -dfp "$WORK/wl" 11112
	start
	on ct1 findscu -W -aet CT_1 -aec RIS -k "(0040,0100)[0].Modality=CT" -k "(0040,0100)[0].ScheduledStationAETitle=CT_1" \
		-k "(0040,0100)[0].ScheduledProcedureStepStartDate=20261120" -k "(0040,0100)[0].ScheduledProcedureStepID" \
		-k PatientName -k PatientID -k AccessionNumber -k RequestedProcedureID 10.20.3.21 11112
	stop
	;;
one-patient)
	host ris 21
	mkdir -p "$WORK/wl/RIS"
	touch "$WORK/wl/RIS/lockfile"
	peer ct1 one_patient "$WORK/wl/RIS" "$WORK/in"
	serve ris wlmscpfs -dfr -dfp "$WORK/wl" 11112
	dcmtk_archive
	start
	on ct1 findscu -W -aet CT_1 -aec RIS -k "(0040,0100)[0].Modality=CT" -k "(0040,0100)[0].ScheduledStationAETitle=CT_1" \
		-k PatientName -k PatientID -k PatientBirthDate -k AccessionNumber -k RequestedProcedureID 10.20.3.21 11112
	on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 11112 "$WORK"/in/*.dcm
	on ws1 findscu -P -aet WORKSTATION1 -aec PACS_LAB -k QueryRetrieveLevel=STUDY -k PatientID=LAB-4711 -k PatientName \
		-k StudyInstanceUID 10.20.3.20 11112
	on ws1 movescu -S -aet WORKSTATION1 -aec PACS_LAB -aem WORKSTATION1 --port 11113 -od "$WORK" -k QueryRetrieveLevel=STUDY \
		-k StudyInstanceUID=1.2.826.0.1.3680043.8.498.1.4711 10.20.3.20 11112
	stop
	;;
charsets)
	peer ct1 charsets "$WORK/in"
	orthanc pacs PACS_LAB
	start
	for f in "$WORK"/in/*.dcm; do on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 4242 "$f"; done
	stop
	;;
transfer-syntaxes | normalized | negotiation | malformed)
	serve pacs "$PYTHON" "$LAB/peers/dicomcases.py" scp 11112
	sleep 2
	start
	peer ct1 "$CASE" 10.20.3.20 11112
	stop
	;;
polyglot)
	peer us1 polyglot "$WORK/in"
	orthanc pacs PACS_LAB
	start
	for f in "$WORK"/in/*.dcm; do on us1 storescu -R -aet US_1 -aec PACS_LAB 10.20.3.20 4242 "$f"; done
	stop
	;;
ae-guessing)
	host rogue 66
	orthanc pacs PACS_LAB
	start
	for title in PACS ORTHANC DCM4CHEE ANY-SCP STORESCP CONQUEST ARCHIVE IMPAX SYNAPSE HOROS OSIRIX DICOM SERVER PACS_LAB; do
		on rogue echoscu -aet ROGUE -aec "$title" 10.20.3.20 4242 || true
	done
	on rogue findscu -S -aet ROGUE -aec PACS_LAB -k QueryRetrieveLevel=STUDY -k PatientName -k PatientID -k StudyInstanceUID \
		10.20.3.20 4242
	stop
	;;
echo-sweep)
	host rogue 66
	host ris 21
	orthanc pacs PACS_LAB
	serve ct1 storescp -aet CT_1 104
	serve us1 storescp -aet US_1 104
	serve ris storescp -aet RIS 11112
	start
	on rogue echoscu -aet ECHOSCU -aec ANY-SCP 10.20.3.11 104 || true
	on rogue echoscu -aet ECHOSCU -aec ANY-SCP 10.20.3.12 104 || true
	on rogue echoscu -aet ECHOSCU -aec ANY-SCP 10.20.3.20 4242 || true
	on rogue echoscu -aet ECHOSCU -aec ANY-SCP 10.20.3.21 11112 || true
	on rogue timeout 5 echoscu -to 2 -aet ECHOSCU -aec ANY-SCP 10.20.3.31 104 || true
	stop
	;;
nmap-ping)
	host rogue 66
	orthanc pacs PACS_LAB
	printf '%s\n' PACS ORTHANC DCM4CHEE ARCHIVE CONQUEST PACS_LAB >"$WORK/titles"
	start
	on rogue nmap -n -Pn -p 4242 --script dicom-ping 10.20.3.20
	on rogue nmap -n -Pn -p 4242 --script dicom-brute --script-args "passdb=$WORK/titles" 10.20.3.20
	stop
	;;
object-replaced)
	host rogue 66
	peer ct1 make "$WORK/in" 2
	peer rogue alter "$WORK/in" "$WORK/altered"
	orthanc pacs PACS_LAB
	start
	on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 4242 "$WORK"/in/*.dcm
	on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 4242 "$WORK"/in/0002.dcm # the same again: harmless
	on rogue storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 4242 "$WORK"/altered/0001.dcm
	stop
	;;
bulk-pull)
	host rogue 66
	peer ct1 make "$WORK/in" 62
	orthanc pacs PACS_LAB
	on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 4242 "$WORK"/in/*.dcm
	start
	peer rogue pull 10.20.3.20 4242 6 56
	stop
	;;
mass-query)
	host rogue 66
	peer ct1 make "$WORK/in" 5
	orthanc pacs PACS_LAB
	on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 4242 "$WORK"/in/*.dcm
	start
	peer rogue query 10.20.3.20 4242 210
	stop
	;;
move)
	host review 32
	peer ct1 make "$WORK/in" 4
	dcmtk_archive
	mkdir -p "$WORK/review"
	serve review storescp -aet REVIEW_1 -od "$WORK/review" 11114
	on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 11112 "$WORK"/in/*.dcm
	start
	move() {
		on ws1 movescu -S -aet WORKSTATION1 -aec PACS_LAB -aem "$1" -k QueryRetrieveLevel=STUDY \
			-k "StudyInstanceUID=1.2.826.0.1.3680043.8.498.1.$2" 10.20.3.20 11112 || true
	}
	move REVIEW_1 1
	sleep 1
	move REVIEW_1 2
	move REVIEW_2 3
	move NOWHERE 3
	on ws1 getscu -S -aet WORKSTATION1 -aec PACS_LAB -od "$WORK" -k QueryRetrieveLevel=STUDY \
		-k StudyInstanceUID=1.2.826.0.1.3680043.8.498.1.4 10.20.3.20 11112
	stop
	;;
services)
	serve pacs "$PYTHON" "$LAB/peers/dicomservices.py" provider 11112
	sleep 2
	start
	services ct1 services 10.20.3.20 11112
	stop
	;;
extended | documents)
	serve pacs "$PYTHON" "$LAB/peers/dicomservices.py" taker 11112
	sleep 2
	start
	services ct1 "$CASE" 10.20.3.20 11112
	stop
	;;
objects)
	services ct1 objects "$OUT/sent"
	serve pacs "$PYTHON" "$LAB/peers/dicomservices.py" taker 11112
	sleep 2
	start
	services ct1 send 10.20.3.20 11112 "$OUT/sent"
	stop
	;;
tls)
	peer ct1 make "$WORK/in" 2
	openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/O=LAB HOSPITAL/CN=pacs.lab" -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
	mkdir -p "$WORK/tls"
	serve pacs storescp -aet PACS_LAB -od "$WORK/tls" +tls "$WORK/key.pem" "$WORK/cert.pem" -ic 2762
	serve us1 storescp -aet STORE_2 -od "$WORK/tls" +tls "$WORK/key.pem" "$WORK/cert.pem" -ic 11120
	serve us1 storescp -aet STORE_2 -od "$WORK/tls" 11112
	serve us1 openssl s_server -accept 443 -key "$WORK/key.pem" -cert "$WORK/cert.pem" -www
	start
	on ct1 storescu -R +tls "$WORK/key.pem" "$WORK/cert.pem" -ic -aet CT_1 -aec PACS_LAB 10.20.3.20 2762 "$WORK"/in/*.dcm
	on ct1 echoscu -aet CT_1 -aec STORE_2 10.20.3.12 11112
	on ct1 storescu -R +tls "$WORK/key.pem" "$WORK/cert.pem" -ic -aet CT_1 -aec STORE_2 10.20.3.12 11120 "$WORK"/in/*.dcm
	printf 'GET / HTTP/1.0\r\n\r\n' | on ws1 timeout 5 openssl s_client -quiet -connect 10.20.3.12:443 >/dev/null 2>&1 || true
	stop
	;;
worklist-keys | worklist-contradiction)
	host ris 21
	mkdir -p "$WORK/wl/RIS"
	touch "$WORK/wl/RIS/lockfile"
	abuse ris steps "$WORK/wl/RIS"
	serve ris wlmscpfs -dfr -dfp "$WORK/wl" 11112
	if [ "$CASE" = worklist-keys ]; then
		start
		abuse ct1 keys 10.20.3.21 11112
	else
		host rogue 66
		serve rogue "$PYTHON" "$LAB/peers/dicomabuse.py" second_ris 11112
		serve pacs "$PYTHON" "$LAB/peers/dicomabuse.py" archive 11112
		sleep 2
		start
		abuse ct1 worklists 10.20.3.21 10.20.3.66 11112
		abuse ct1 step 10.20.3.20 11112 "IN PROGRESS"
		abuse rogue step 10.20.3.20 11112 DISCONTINUED
	fi
	stop
	;;
unexpected-writes)
	host rogue 66
	serve pacs "$PYTHON" "$LAB/peers/dicomabuse.py" archive 11112
	sleep 2
	start
	abuse rogue writes 10.20.3.20 11112
	stop
	;;
destination-guessing)
	host rogue 66
	peer ct1 make "$WORK/in" 1
	dcmtk_archive
	on ct1 storescu -R -aet CT_1 -aec PACS_LAB 10.20.3.20 11112 "$WORK"/in/*.dcm
	start
	for title in STORESCP LAPTOP IMPAX SYNAPSE HOROS; do
		on rogue movescu -S -aet WORKSTATION1 -aec PACS_LAB -aem "$title" -k QueryRetrieveLevel=STUDY \
			-k StudyInstanceUID=1.2.826.0.1.3680043.8.498.1.1 10.20.3.20 11112 || true
	done
	stop
	;;
deidentified)
	serve pacs "$PYTHON" "$LAB/peers/dicomservices.py" taker 11112
	sleep 2
	start
	services ct1 deidentified 10.20.3.20 11112
	stop
	;;
server-crash)
	host rogue 66
	serve pacs "$PYTHON" "$LAB/peers/dicomabuse.py" fragile 11112
	sleep 1
	start
	abuse rogue crash 10.20.3.20 11112 4
	stop
	;;
*)
	echo "dicom.sh: no case $CASE" >&2
	exit 2
	;;
esac
cp "$WORK"/*.log "$OUT/" 2>/dev/null || true
