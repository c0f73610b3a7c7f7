#!/bin/bash
# Records samples/contec-firmware: what CVE-2025-0626 looks like. A client in the place of the monitor asks the port mapper of
# 202.114.4.119 for the mount service, mounts /pm and reads two files; the file server is nfs-ganesha, the client nfs-cat of libnfs. The
# address is that of the advisory, inside namespaces that no other network reaches. Run as root; needs nfs-ganesha-vfs, rpcbind,
# libnfs-utils, iproute2, ethtool and tcpdump.
set -euo pipefail
cd "$(dirname "$0")"
NET=conteclab
source pair.sh
DIR=$(cd .. && pwd)/contec-firmware
FILES=$(mktemp -d /dev/shm/pm.XXXXXX)
CONFIG=$(mktemp)

make_pair
mkdir -p "$DIR"
in_server ip addr add 202.114.4.119/24 dev eth0
in_client ip addr add 202.114.4.20/24 dev eth0
head -c 90000 /dev/zero | tr '\0' 'M' >"$FILES/monitor"
echo "invented" >"$FILES/version"
chmod -R a+rX "$FILES"
cat >"$CONFIG" <<END
NFS_CORE_PARAM { Protocols = 3; Bind_addr = 202.114.4.119; mount_path_pseudo = true; }
EXPORT { Export_Id = 1; Path = $FILES; Pseudo = /pm; Access_Type = RO; Squash = No_Root_Squash; SecType = sys;
         Protocols = 3; Transports = UDP, TCP; FSAL { Name = VFS; } }
END
in_server rpcbind -w -f >/dev/null 2>&1 &
sleep 1
in_server ganesha.nfsd -F -L /dev/null -f "$CONFIG" -p "$CONFIG.pid" >/dev/null 2>&1 &
sleep 5
record "$DIR/capture.pcap"
in_client timeout 20 nfs-ls "nfs://202.114.4.119/pm?version=3" || true
for f in version monitor; do
	in_client timeout 20 nfs-cat "nfs://202.114.4.119/pm/$f?version=3" | wc -c || true
done
stop_record
rm -rf "$FILES" "$CONFIG"
