package casetest

// The ward: 2026-11-20, 01:58 to 03:41. Addresses, names and patients are invented.
const wardEvidence = `
INSERT INTO case_info VALUES ('state', 'running'), ('phi', 'pseudonym'), ('phi_key', '0011223344556677'), ('filter', ''), ('local', ''), ('packets', '48211'), ('skipped_files', '1');
INSERT INTO capture_file BY NAME SELECT 1 AS file, '/evidence/ward/a.pcapng' AS path, repeat('a1', 32) AS sha256, 20000000 AS bytes, 'pcapng' AS format, 30000 AS packets,
	TIMESTAMP_NS '2026-11-20 01:58:02' AS first_ts, TIMESTAMP_NS '2026-11-20 02:40:00' AS last_ts, 0 AS drops, '' AS damage, 262144 AS snaplen, 0 AS snapped,
	19000000 AS wire_bytes, 19000000 AS captured_bytes, 0 AS lost_bytes, true AS complete, 'Dumpcap (Wireshark) 4.0' AS application;
INSERT INTO capture_file BY NAME SELECT 2 AS file, '/evidence/ward/b.pcapng' AS path, repeat('b2', 32) AS sha256, 12000000 AS bytes, 'pcapng' AS format, 18211 AS packets,
	TIMESTAMP_NS '2026-11-20 02:40:01' AS first_ts, TIMESTAMP_NS '2026-11-20 03:41:19' AS last_ts, 0 AS drops, '' AS damage, 262144 AS snaplen, 0 AS snapped,
	11000000 AS wire_bytes, 11000000 AS captured_bytes, 0 AS lost_bytes, true AS complete;
INSERT INTO device BY NAME SELECT unnest([
	{'device_id': '00:12:21:07:41:03', 'ip': '10.20.0.43', 'mac': '00:12:21:07:41:03', 'hostname': 'pump-3', 'vendor': 'Example Infusion', 'model': 'EI-3000', 'version': '4.02', 'class': 'pump', 'role': 'telnet server, ftp server'},
	{'device_id': '00:12:21:07:41:01', 'ip': '10.20.0.41', 'mac': '00:12:21:07:41:01', 'hostname': 'pump-1', 'vendor': 'Example Infusion', 'model': 'EI-3000', 'version': '4.02', 'class': 'pump', 'role': NULL},
	{'device_id': '00:50:56:a1:00:10', 'ip': '10.20.0.10', 'mac': '00:50:56:a1:00:10', 'hostname': 'pacs', 'vendor': 'Orthanc', 'model': NULL, 'version': '1.12', 'class': 'pacs', 'role': 'dicom server'},
	{'device_id': '00:50:56:a1:00:20', 'ip': '10.20.0.20', 'mac': '00:50:56:a1:00:20', 'hostname': 'engine', 'vendor': NULL, 'model': NULL, 'version': NULL, 'class': 'interface engine', 'role': 'hl7 server'},
	{'device_id': '00:09:fb:20:00:51', 'ip': '10.20.0.51', 'mac': '00:09:fb:20:00:51', 'hostname': 'mon-bed-1', 'vendor': 'Example Monitoring', 'model': 'M8', 'version': NULL, 'class': 'monitor', 'role': 'mqtt client'},
	{'device_id': '00:09:fb:20:00:52', 'ip': '10.20.0.52', 'mac': '00:09:fb:20:00:52', 'hostname': 'mon-bed-2', 'vendor': 'Example Monitoring', 'model': 'M8', 'version': NULL, 'class': 'monitor', 'role': 'mqtt client'},
	{'device_id': '00:50:56:a1:00:05', 'ip': '10.20.0.5', 'mac': '00:50:56:a1:00:05', 'hostname': 'ct-1', 'vendor': 'Example Imaging', 'model': 'CT 64', 'version': 'VA20', 'class': 'imaging', 'role': 'dicom client'},
	{'device_id': '02:00:5e:10:66:01', 'ip': '10.20.0.66', 'mac': '02:00:5e:10:66:01', 'hostname': NULL, 'vendor': NULL, 'model': NULL, 'version': NULL, 'class': NULL, 'role': 'dicom client'}], recursive := true);
UPDATE device SET first_ts = TIMESTAMP_NS '2026-11-20 01:58:02', last_ts = TIMESTAMP_NS '2026-11-20 03:41:19';
UPDATE device SET first_ts = TIMESTAMP_NS '2026-11-20 02:10:31', contradictions = ['hostname: also raspberrypi (30)'] WHERE ip = '10.20.0.66';
INSERT INTO device_address SELECT device_id, ip, mac, first_ts, last_ts FROM device;
INSERT INTO flow BY NAME SELECT (1::BIGINT << 32) | (i * 40 + 1) AS flow_id, 1 AS file, i * 40 + 1 AS frame,
	TIMESTAMP_NS '2026-11-20 01:58:02' + to_seconds(i * 31) AS ts, TIMESTAMP_NS '2026-11-20 01:58:04' + to_seconds(i * 31 + i % 17) AS until,
	['10.20.0.5', '10.20.0.51', '10.20.0.52', '10.20.0.41', '10.20.0.20'][1 + i % 5] AS src_ip, 40000 + i AS src_port, ['10.20.0.10', '10.20.0.20', '10.20.0.20', '10.20.0.20', '10.20.0.10'][1 + i % 5] AS dst_ip,
	[11112, 1883, 1883, 2575, 11112][1 + i % 5] AS dst_port, 'tcp' AS proto, ['dicom', 'mqtt', 'mqtt', 'hl7', 'dicom'][1 + i % 5] AS service, 'SF' AS conn_state,
	20 + i % 90 AS src_packets, 20 AS dst_packets, 4000 + i * 7 AS src_bytes, 600 AS dst_bytes, 0 AS missed_bytes, true AS src_local, true AS dst_local, 2 AS first_flags, 'idle' AS ended,
	'1:c29tZSBmbG93IG9mIHRoZSB3YXJkCg=' AS community_id
	FROM range(0, 199) t(i);
INSERT INTO hl7_message BY NAME SELECT flow_id, file, frame, 1 AS seq, ts, 'client' AS dir, 'ORU' AS type, 'id:' || lpad(to_hex(frame % 37), 16, '0') AS patient_id, 'name:x' AS patient_name
	FROM flow WHERE service = 'hl7';
INSERT INTO dicom_dataset BY NAME SELECT flow_id, file, frame, 2 AS seq, ts, 'client' AS dir, 'object' AS kind, 'id:' || lpad(to_hex(frame % 23), 16, '0') AS patient_id
	FROM flow WHERE service = 'dicom';
`

const wardRules = `
INSERT INTO rule_run BY NAME SELECT unnest([
	{'rule': 'arp/sweep', 'title': 'A device asked for every address of its network', 'outcome': 'ran', 'findings': 0, 'detail': NULL, 'response': 'Find the switch port of the hardware address and what it is.', 'benign': 'an asset scanner'},
	{'rule': 'net/port-scan', 'title': 'Many ports of one device were tried', 'outcome': 'ran', 'findings': 0, 'detail': NULL, 'response': 'If the device hangs on a patient, have the ward look at it: scans have restarted fragile devices. Ask who runs scans.', 'benign': 'a vulnerability scanner of the house'},
	{'rule': 'telnet/guessing', 'title': 'Passwords of a device were guessed', 'outcome': 'ran', 'findings': 0, 'detail': NULL, 'response': 'Ask clinical engineering about the device before touching it. Have its settings compared with the prescription. Change its service password.', 'benign': 'a service technician who forgot it'},
	{'rule': 'dicom/mass-query', 'title': 'An image archive was asked for all patients', 'outcome': 'ran', 'findings': 0, 'detail': NULL, 'response': 'Keep the log of the archive. Ask who owns the asking address.', 'benign': 'a migration'},
	{'rule': 'dicom/bulk-pull', 'title': 'Many studies were fetched from an image archive', 'outcome': 'ran', 'findings': 0, 'detail': NULL, 'response': 'Keep the log of the archive. Tell the privacy office which patients it was.', 'benign': 'a migration'},
	{'rule': 'net/large-upload', 'title': 'Much more data left the hospital than came back', 'outcome': 'ran', 'findings': 0, 'detail': NULL, 'response': 'Ask who owns the target address. Keep firewall and proxy logs of this time.', 'benign': 'a cloud backup'},
	{'rule': 'hl7/forged-result', 'title': 'A laboratory result was sent twice with different values', 'outcome': 'ran', 'findings': 0, 'detail': NULL, 'response': 'Compare with the own record of the laboratory before anyone acts on the value.', 'benign': 'a corrected result'},
	{'rule': 'mqtt/clear', 'title': 'Vital signs travel in clear', 'outcome': 'ran', 'findings': 0, 'detail': NULL, 'response': 'Plan TLS with the maker of the monitors.', 'benign': '-'},
	{'rule': 'dns/tunnel', 'title': 'Data was hidden in name lookups', 'outcome': 'nothing to read', 'findings': 0, 'detail': 'no row in dns', 'response': 'Block the domain at the resolver.', 'benign': 'virus scanners'}], recursive := true);
`

const wardDamage = `
UPDATE capture_file SET damage = 'cut off in the middle of a packet at byte 11,998,000', damages = 1, lost_bytes = 64000, snapped = 720, snaplen = 96, captured_bytes = 10400000 WHERE file = 2;
UPDATE capture_file SET first_ts = TIMESTAMP_NS '2026-11-20 02:44:01' WHERE file = 2;
UPDATE flow SET missed_bytes = 1460 WHERE frame IN (81, 161);
UPDATE flow SET dst_packets = 0, dst_bytes = 0 WHERE frame IN (201, 401, 601);
INSERT INTO anomaly BY NAME SELECT flow_id, file, frame, 3 AS seq, ts, 'tcp_gap' AS kind, 'tcp' AS protocol, 'payload bytes of this flow''s server that the capture lost' AS detail, 1460 AS count FROM flow WHERE missed_bytes > 0;
INSERT INTO anomaly BY NAME SELECT 2 AS file, 5 AS frame, 1 AS seq, TIMESTAMP_NS '2026-11-20 02:44:02' AS ts, 'snap_length' AS kind, 'capture' AS protocol, 'packets cut by the capture''s snap length' AS detail, 720 AS count;
`

const wardFindings = `
INSERT INTO flow BY NAME SELECT (1::BIGINT << 32) | (20000 + i * 3) AS flow_id, 1 AS file, 20000 + i * 3 AS frame, TIMESTAMP_NS '2026-11-20 02:11:07' + to_seconds(i * 2) AS ts,
	TIMESTAMP_NS '2026-11-20 02:11:08' + to_seconds(i * 2) AS until, '10.20.0.66' AS src_ip, 50000 + i AS src_port, CASE WHEN i < 300 THEN '10.20.0.43' ELSE '10.20.0.10' END AS dst_ip,
	CASE WHEN i < 300 THEN 1 + i ELSE 11112 END AS dst_port, 'tcp' AS proto, CASE WHEN i < 300 THEN NULL ELSE 'dicom' END AS service, 'REJ' AS conn_state, 3 AS src_packets, 2 AS dst_packets,
	CASE WHEN i < 300 THEN 0 ELSE 90000 END AS src_bytes, 0 AS dst_bytes, 0 AS missed_bytes, true AS src_local, true AS dst_local, 2 AS first_flags, 'idle' AS ended, '1:aW50cnVkZXIgYXQgd29yawo=' AS community_id
	FROM range(0, 500) t(i);
INSERT INTO flow BY NAME SELECT (1::BIGINT << 32) | 29000 AS flow_id, 1 AS file, 29000 AS frame, TIMESTAMP_NS '2026-11-20 02:31:40' AS ts, TIMESTAMP_NS '2026-11-20 02:38:02' AS until,
	'10.20.0.66' AS src_ip, 51999 AS src_port, '203.0.113.9' AS dst_ip, 8080 AS dst_port, 'tcp' AS proto, 'http' AS service, 'SF' AS conn_state, 150000 AS src_packets, 70000 AS dst_packets,
	209000000 AS src_bytes, 900 AS dst_bytes, 0 AS missed_bytes, true AS src_local, false AS dst_local, 2 AS first_flags, 'idle' AS ended, '1:b3V0IG9mIHRoZSBob3VzZQo=' AS community_id;
INSERT INTO dicom_dataset BY NAME SELECT flow_id, file, frame, 2 AS seq, ts, 'server' AS dir, 'match' AS kind, 'id:' || lpad(to_hex(frame % 12), 16, '0') AS patient_id
	FROM flow WHERE src_ip = '10.20.0.66' AND (service = 'dicom' OR frame = 29000);
INSERT INTO dicom_dataset BY NAME SELECT (1::BIGINT << 32) | 29000 AS flow_id, 1 AS file, 29000 + i AS frame, 10 + i AS seq, TIMESTAMP_NS '2026-11-20 02:32:00' AS ts, 'client' AS dir, 'object' AS kind,
	'id:' || lpad(to_hex(i), 16, '0') AS patient_id FROM range(0, 12) t(i);
CREATE TEMP TABLE told (ts VARCHAR, until VARCHAR, rule VARCHAR, level VARCHAR, kind VARCHAR, stage VARCHAR, attack VARCHAR, actor VARCHAR, target VARCHAR, frame BIGINT, n BIGINT, what VARCHAR, incident BIGINT, raised VARCHAR);
INSERT INTO told VALUES
	('02:11:07', '02:11:10', 'arp/sweep', 'medium', 'attack', 'reconnaissance', 'T1018,T0846', '10.20.0.66', '254 addresses', 20000, 254, 'asked for 254 addresses of its network in 3 s, 8 of them answered', 1, NULL),
	('02:12:20', '02:13:01', 'net/port-scan', 'high', 'attack', 'reconnaissance', 'T1046,T0846', '10.20.0.66', '10.20.0.43', 20030, 1000, 'tried 1,000 ports of 10.20.0.43, 997 of 1,000 attempts in vain', 1, 'the target is a pump'),
	('02:12:50', '02:13:31', 'net/port-scan', 'high', 'attack', 'reconnaissance', 'T1046,T0846', '10.20.0.66', '10.20.0.41', 20036, 1000, 'tried 1,000 ports of 10.20.0.41, 1,000 of 1,000 attempts in vain', 1, 'the target is a pump'),
	('02:14:31', '02:16:02', 'telnet/guessing', 'critical', 'attack', 'credentials', 'T1110.001,T0859', '10.20.0.66', '10.20.0.43', 20300, 41, 'guessed Telnet passwords on 10.20.0.43: 41 failures, then a login that worked', 1, 'the target is a pump; also reconnaissance on the same target'),
	('02:20:02', '02:20:04', 'dicom/mass-query', 'high', 'attack', 'reconnaissance', 'T1213', '10.20.0.66', '10.20.0.10', 20900, 3, 'queried 10.20.0.10 for all patients (3 keys, wildcard), never having spoken to it before', 1, NULL),
	('02:24:40', '02:29:11', 'dicom/bulk-pull', 'critical', 'attack', 'exfiltration', 'T1039,T1119', '10.20.0.66', '10.20.0.10', 20990, 18, 'pulled 18 studies of 12 patients from 10.20.0.10 (212 MB, in clear)', 1, NULL),
	('02:31:40', '02:38:02', 'net/large-upload', 'high', 'attack', 'exfiltration', 'T1048', '10.20.0.66', '203.0.113.9', 29000, 1, 'sent 209 MB to 203.0.113.9 and got 900 bytes back', 1, NULL),
	('02:47:13', '02:47:13', 'hl7/forged-result', 'critical', 'attack', 'tampering', 'T1565.002,T0856', '10.20.0.66', '10.20.0.20', 20600, 1, 'sent 10.20.0.20 a laboratory result under a control id that had been used, with another value', 1, NULL),
	('03:20:00', '03:22:00', 'net/port-scan', 'medium', 'attack', 'reconnaissance', 'T1046', '10.20.0.5', '10.20.0.52', 201, 15, 'tried 15 ports of 10.20.0.52, 15 of 15 attempts in vain', 2, NULL),
	('03:21:00', '03:21:30', 'telnet/guessing', 'medium', 'attack', 'credentials', 'T1110.001', '10.20.0.5', '10.20.0.52', 241, 6, 'guessed Telnet passwords on 10.20.0.52: 6 failures', 2, NULL),
	('03:30:00', '03:30:10', 'arp/sweep', 'low', 'attack', 'reconnaissance', 'T1018', '10.20.0.20', '30 addresses', 361, 30, 'asked for 30 addresses of its network in 10 s', NULL, NULL),
	('01:58:33', '03:41:00', 'mqtt/clear', 'medium', 'posture', 'exposure', '', '10.20.0.51', '10.20.0.20', 41, 80, 'vital signs of 10.20.0.51 crossed in clear 80 times', NULL, NULL),
	('01:59:04', '03:41:02', 'mqtt/clear', 'medium', 'posture', 'exposure', '', '10.20.0.52', '10.20.0.20', 81, 79, 'vital signs of 10.20.0.52 crossed in clear 79 times', NULL, NULL);
INSERT INTO finding BY NAME SELECT printf('%016x', row_number() OVER (ORDER BY t.ts, t.frame)) AS finding_id, t.rule, r.title, t.level, CASE WHEN t.raised IS NULL THEN t.level WHEN t.level = 'critical' THEN 'high' ELSE 'medium' END AS base_level, t.raised, t.kind, t.stage, t.attack,
	('2026-11-20 ' || t.ts)::TIMESTAMP_NS AS ts, ('2026-11-20 ' || t.until)::TIMESTAMP_NS AS until, t.actor, t.target, (1::BIGINT << 32) | t.frame AS flow_id, 1 AS file, t.frame, t.n AS count, t.what, t.incident AS incident_id
	FROM told t JOIN rule_run r USING (rule);
DROP TABLE told;
INSERT INTO finding_evidence SELECT finding_id, flow_id, file, frame FROM finding;
INSERT INTO finding_evidence SELECT f.finding_id, w.flow_id, w.file, w.frame FROM finding f JOIN flow w ON w.src_ip = f.actor AND w.dst_ip = f.target AND w.flow_id > f.flow_id AND w.frame < f.frame + 200 WHERE f.incident_id = 1;
UPDATE rule_run SET findings = (SELECT count(*) FROM finding f WHERE f.rule = rule_run.rule);
UPDATE rule_run SET outcome = 'could not judge', detail = '2 flows on ports of dns are encrypted or could not be read' WHERE rule = 'dns/tunnel';
INSERT INTO incident VALUES (1, 'critical', 196, TIMESTAMP_NS '2026-11-20 02:11:07', TIMESTAMP_NS '2026-11-20 02:47:13', '10.20.0.66: reconnaissance, credentials, exfiltration, tampering',
	['reconnaissance', 'credentials', 'exfiltration', 'tampering'], ['10.20.0.66'], ['254 addresses', '10.20.0.43', '10.20.0.41', '10.20.0.10', '203.0.113.9', '10.20.0.20'], 8);
INSERT INTO incident VALUES (2, 'medium', 16, TIMESTAMP_NS '2026-11-20 03:20:00', TIMESTAMP_NS '2026-11-20 03:22:00', '10.20.0.5: reconnaissance, credentials', ['reconnaissance', 'credentials'], ['10.20.0.5'], ['10.20.0.52'], 2);
`
