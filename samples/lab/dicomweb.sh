#!/bin/bash
# Records samples/dicomweb-services and samples/dicomweb-bulk: Orthanc with its DICOMweb plugin as archive; dicomweb-client,
# requests and curl as clients.
#
#   dicomweb.sh SCENE OUTDIR     SCENE is services or bulk
#
# PYTHON names an interpreter that has dicomweb-client, pydicom, requests and numpy. Needs root, orthanc, orthanc-dicomweb, curl,
# iproute2, ethtool and tcpdump. Nothing leaves the machine.
set -euo pipefail
SCENE=${1:?usage: dicomweb.sh SCENE OUTDIR} OUT=$(realpath -m "${2:?usage: dicomweb.sh SCENE OUTDIR}") PYTHON=${PYTHON:-python3}
cd "$(dirname "$0")"
LAB=$PWD
NET=dwlab
source pair.sh
WORK=$(mktemp -d)
mkdir -p "$OUT"
trap 'drop_pair; rm -rf "$WORK"' EXIT

PLUGIN=$(ls /usr/share/orthanc/plugins/libOrthancDicomWeb.so* | head -n 1)

# archive: Orthanc at port 8042, one anonymous and one with a password at port 8043.
archive() {
	local port=$1 secured=$2
	mkdir -p "$WORK/$port"
	cat >"$WORK/$port.json" <<-END
		{ "Name": "LAB ARCHIVE", "StorageDirectory": "$WORK/$port", "IndexDirectory": "$WORK/$port", "Plugins": ["$PLUGIN"],
		  "HttpPort": $port, "RemoteAccessAllowed": true, "AuthenticationEnabled": $secured, "RegisteredUsers": { "viewer": "Invented-4711" },
		  "DicomServerEnabled": false, "DicomAet": "LAB_PACS", "HttpVerbose": false, "OverwriteInstances": true,
		  "DicomWeb": { "Enable": true, "Root": "/dicom-web/", "EnableWado": true, "WadoRoot": "/wado", "StudiesMetadata": "Full" } }
	END
	in_server Orthanc "$WORK/$port.json" >"$WORK/$port.log" 2>&1 </dev/null &
}

make_pair
ip -n "$NET-client" addr add 10.20.0.31/24 dev eth0
ip -n "$NET-client" addr add 10.20.0.12/24 dev eth0
archive 8042 false
archive 8043 true
sleep 5
record "$OUT/capture.pcap"
in_client "$PYTHON" "$LAB/peers/dicomwebcases.py" "$SCENE" "$SERVER_IP"
stop_record
