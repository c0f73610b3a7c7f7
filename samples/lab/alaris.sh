#!/usr/bin/env bash
# Records samples/alaris-infupy: the Alaris client of the Python package infupy at a pump behind a terminal server.
#
#   alaris.sh OUTDIR
#
# PYTHON names an interpreter that has the packages infupy 2022.1.11, pyserial and crcmod.
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
OUT=${1:?usage: alaris.sh OUTDIR} PYTHON=${PYTHON:-python3}
mkdir -p "$OUT"
"$LAB/cable.sh" "$OUT/capture.pcap" "exec $PYTHON '$LAB/peers/alarispump.py' 4003" "$PYTHON '$LAB/peers/alarisclient.py' 10.30.1.20 4003"
