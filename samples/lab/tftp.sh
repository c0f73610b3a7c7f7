#!/bin/bash
# Records samples/tftp-transfers: files fetched and stored by TFTP, with and without options, in windows, and refused.
# Run as root; needs tftpd-hpa, tftp-hpa, atftpd, atftp, curl, iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=tftplab
source pair.sh
OUT=$(cd .. && pwd)/tftp-transfers
RUN=$(mktemp -d)
chmod 755 "$RUN"

make_pair
cd "$RUN"
mkdir -m 777 hpa at
python3 - <<'PY'
import random
random.seed(69)
for name, size in (("pump-7.bin", 23456), ("full.bin", 1024), ("monitor.img", 40000), ("scope.img", 30000)):
    open("hpa/" + name, "wb").write(b"\x27\x05\x19\x56" + random.randbytes(size - 4))
open("hpa/ward.cfg", "w").write("station=4\nbed=12\nalarm=on\n" * 3)
PY
cp hpa/* at/
cp hpa/ward.cfg up.cfg
in_server in.tftpd --listen --foreground --create --user nobody --permissive --address $SERVER_IP:69 --secure "$RUN/hpa" &
in_server atftpd --daemon --no-fork --user root.root --port 6969 --bind-address $SERVER_IP "$RUN/at" 2>/dev/null &
sleep 1
record "$OUT/capture.pcap"
get() { in_client timeout 20 tftp -m "$1" $SERVER_IP -c get "$2" "$RUN/got-$2" || true; }
get binary pump-7.bin
get ascii ward.cfg
get binary full.bin
get binary none.bin
in_client timeout 20 tftp -m binary $SERVER_IP -c put "$RUN/hpa/pump-7.bin" stored.bin
in_client timeout 20 curl -s --tftp-blksize 1024 -o got-curl "tftp://$SERVER_IP/monitor.img"
in_client timeout 20 curl -s -T up.cfg "tftp://$SERVER_IP/up.cfg"
in_client timeout 20 curl -s -o /dev/null "tftp://$SERVER_IP/..%2f..%2fetc/passwd" || true
in_client timeout 20 atftp --option "blksize 1400" --option "windowsize 8" --option "tsize 0" --get -r monitor.img -l got-window $SERVER_IP 6969
in_client timeout 60 atftp --option "blksize 512" --option "windowsize 4" --get -r scope.img -l got-scope $SERVER_IP 6969
stop_record
cmp got-pump-7.bin hpa/pump-7.bin && cmp hpa/stored.bin hpa/pump-7.bin && cmp got-curl hpa/monitor.img && cmp got-window at/monitor.img && cmp got-scope at/scope.img
cd hpa && sha256sum pump-7.bin ward.cfg full.bin monitor.img scope.img >"$OUT/files.sha256"
chown "$(id -u):$(id -g)" "$OUT/capture.pcap"
rm -rf "$RUN"
