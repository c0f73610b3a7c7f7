#!/usr/bin/env bash
# Records the HL7 samples of single cases between python-hl7 peers.
#
#   hl7.sh CASE OUTDIR      CASE is a sample's name without hl7-, as in: hl7.sh charsets /tmp/out
#
# PYTHON names an interpreter that has the package hl7.
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
CASE=${1:?usage: hl7.sh CASE OUTDIR} OUT=${2:?usage: hl7.sh CASE OUTDIR} PYTHON=${PYTHON:-python3}
SERVE="serve 2575" ADDRESSES=1
case $CASE in
no-mllp) SERVE="serve-raw 2575" ;;
port-sweep) ADDRESSES=8 SERVE="serve 2575 10.30.1.20 10.30.1.22 10.30.1.23" ;;
esac
mkdir -p "$OUT"
"$LAB/cable.sh" "$OUT/capture.pcap" "exec $PYTHON '$LAB/peers/hl7cases.py' $SERVE" \
	"$PYTHON '$LAB/peers/hl7cases.py' $CASE 10.30.1.20 2575" "$ADDRESSES"
