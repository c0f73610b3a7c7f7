#!/usr/bin/env bash
# Records the samples of laboratory instruments.
#
#   laboratory.sh CASE OUTDIR      CASE is analyser, faults, unframed or poct1a
#
# PYTHON names an interpreter that has the package astm.
set -euo pipefail
LAB=$(cd "$(dirname "$0")" && pwd)
CASE=${1:?usage: laboratory.sh CASE OUTDIR} OUT=${2:?usage: laboratory.sh CASE OUTDIR} PYTHON=${PYTHON:-python3}
case $CASE in
analyser) SERVE="serve-astm" PORT=15200 ;;
faults) SERVE="serve-refusing" PORT=15200 ;;
unframed) SERVE="serve-quiet" PORT=4000 ;;
poct1a) SERVE="serve-poct" PORT=3001 ;;
*) echo "laboratory.sh: no case $CASE" >&2; exit 2 ;;
esac
mkdir -p "$OUT"
"$LAB/cable.sh" "$OUT/capture.pcap" "exec $PYTHON '$LAB/peers/labcases.py' $SERVE $PORT" "$PYTHON '$LAB/peers/labcases.py' $CASE 10.30.1.20 $PORT"
