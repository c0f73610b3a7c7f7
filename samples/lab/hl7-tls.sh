#!/usr/bin/env bash
# Records the sample hl7-tls: MLLP in clear and over TLS on one server.
#
#   hl7-tls.sh OUTDIR
#
# PYTHON names an interpreter that has the package hl7. Needs openssl for a certificate, which is thrown away.
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
OUT=${1:?usage: hl7-tls.sh OUTDIR} PYTHON=${PYTHON:-python3}
mkdir -p "$OUT"
KEYS=$(mktemp -d)
trap 'rm -rf "$KEYS"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/O=Lab Hospital/CN=engine.lab.example" -keyout "$KEYS/key.pem" -out "$KEYS/cert.pem" 2>/dev/null
"$LAB/cable.sh" "$OUT/capture.pcap" "exec $PYTHON '$LAB/peers/hl7tls.py' serve '$KEYS/cert.pem' '$KEYS/key.pem'" "$PYTHON '$LAB/peers/hl7tls.py' send 10.30.1.20"
