#!/usr/bin/env bash
# Records the sample x12-claims.
#
#   claims.sh OUTDIR
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
OUT=${1:?usage: claims.sh OUTDIR} PYTHON=${PYTHON:-python3}
mkdir -p "$OUT"
"$LAB/cable.sh" "$OUT/capture.pcap" "exec $PYTHON '$LAB/peers/claims.py' serve 8080 5010" "$PYTHON '$LAB/peers/claims.py' send 10.30.1.20 8080 5010"
