#!/usr/bin/env bash
# Records the samples of devices that speak HL7 (IHE PCD), between hl7apy peers.
#
#   hl7-pcd.sh CASE OUTDIR      CASE is pcd, alarms-off, altered-vitals or bulk-query
#
# PYTHON names an interpreter that has the package hl7apy.
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
CASE=${1:?usage: hl7-pcd.sh CASE OUTDIR} OUT=${2:?usage: hl7-pcd.sh CASE OUTDIR} PYTHON=${PYTHON:-python3}
mkdir -p "$OUT"
"$LAB/cable.sh" "$OUT/capture.pcap" "exec $PYTHON '$LAB/peers/hl7pcd.py' serve 2575" "$PYTHON '$LAB/peers/hl7pcd.py' $CASE 10.30.1.20 2575"
