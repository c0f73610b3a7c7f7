#!/usr/bin/env bash
# Records the sample hl7v3-sharing: messages of version 3, document sharing and CDA over HTTP and MLLP.
#
#   hl7v3.sh OUTDIR
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
OUT=${1:?usage: hl7v3.sh OUTDIR} PYTHON=${PYTHON:-python3}
mkdir -p "$OUT"
"$LAB/cable.sh" "$OUT/capture.pcap" "exec $PYTHON '$LAB/peers/v3cases.py' serve 8080 2576" "$PYTHON '$LAB/peers/v3cases.py' send 10.30.1.20 8080 2576"
