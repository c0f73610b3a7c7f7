package device

import (
	"context"
	"database/sql"
	"regexp"

	"wardtrace/dissect/event"
)

// services are the recognised protocols that a host answered to, or spoke as a client.
const services = `
	SELECT ip, role, min(ts), count(*) FROM (
		SELECT dst_ip AS ip, service || ' server' AS role, ts FROM flow WHERE service IS NOT NULL AND dst_local AND dst_packets > 0 AND dst_port NOT IN (5353, 5355, 137)
		UNION ALL
		SELECT src_ip, service || ' client', ts FROM flow WHERE service IN ('dicom', 'hl7', 'mqtt') AND src_local)
	WHERE ip IS NOT NULL AND role NOT IN ('icmp server', 'icmp6 server', 'arp server') GROUP BY ALL ORDER BY 1, 2`

// conduct is what clinical traffic says of a host: address, time, class, confidence, why.
const conduct = `
	SELECT ip, min(ts), class, max(confidence), why FROM (
		-- who stores images of a modality made them, or passes them on
		SELECT f.src_ip AS ip, d.ts, 'imaging' AS class, 55 AS confidence, 'stores objects of modality ' || d.modality AS why
		FROM dicom_dataset d JOIN dicom_message m ON m.flow_id = d.flow_id AND m.seq = d.parent_seq JOIN flow f ON f.flow_id = d.flow_id
		WHERE m.command = 'C-STORE-RQ' AND m.dir = 'client' AND m.move_originator_ae IS NULL -- else it hands out what it keeps
			AND d.modality IN ('CT', 'MR', 'US', 'CR', 'DX', 'XA', 'RF', 'NM', 'PT', 'MG', 'ES', 'IO', 'PX', 'OT')
		UNION ALL
		-- who takes images in keeps them; who takes in what was fetched reads them
		SELECT f.dst_ip, m.ts, CASE WHEN m.move_originator_ae IS NULL THEN 'pacs' ELSE 'workstation' END, 60,
			CASE WHEN m.move_originator_ae IS NULL THEN 'takes objects in (C-STORE)' ELSE 'has objects sent to itself (C-MOVE)' END
		FROM dicom_message m JOIN flow f USING (flow_id) WHERE m.command = 'C-STORE-RQ' AND m.dir = 'client' AND f.dst_packets > 0
		UNION ALL
		SELECT f.dst_ip, w.ts, 'pacs', 60, 'hands out or takes in objects by DICOMweb' FROM dicomweb w JOIN flow f USING (flow_id)
		WHERE w.objects_received + w.objects_sent > 0 AND w.status_code BETWEEN 200 AND 299
		UNION ALL
		SELECT f.dst_ip, m.ts, 'server', 50, 'answers worklist queries' FROM dicom_message m JOIN flow f USING (flow_id)
		WHERE m.command = 'C-FIND-RSP' AND m.sop_class = '1.2.840.10008.5.1.4.31'
		UNION ALL
		SELECT f.dst_ip, m.ts, 'pacs', 40, 'answers queries (C-FIND)' FROM dicom_message m JOIN flow f USING (flow_id)
		WHERE m.command = 'C-FIND-RSP' AND m.dir = 'server' AND m.sop_class <> '1.2.840.10008.5.1.4.31' -- a worklist is a RIS's
		UNION ALL
		SELECT f.dst_ip, min(f.ts), 'interface engine', 55, 'takes HL7 in from several hosts' FROM flow f
		WHERE f.service = 'hl7' GROUP BY f.dst_ip HAVING count(DISTINCT f.src_ip) > 1
		UNION ALL
		SELECT f.src_ip, min(m.ts), 'lab', 40, 'sends laboratory results' FROM hl7_message m JOIN flow f USING (flow_id)
		WHERE m.dir = 'client' AND m.type = 'ORU' AND regexp_matches(upper(coalesce(m.sending_app, '') || ' ' || coalesce(m.sending_facility, '')), '\b(LAB|LIS|LABOR|PATHOLOGY)')
		GROUP BY f.src_ip HAVING count(*) >= 5 -- a single one may be forged
		UNION ALL
		SELECT dst_ip, ts, 'server', 45, 'answers to ' || service FROM flow
		WHERE service IN ('mqtt', 'dns', 'hl7', 'http', 'tls') AND dst_local AND dst_packets > 0 AND dst_port < 10000)
	WHERE ip IS NOT NULL GROUP BY ip, class, why ORDER BY 1, 3, 5`

// names are habits of naming hosts; the first that fits counts. They are hints: people call things what they like.
var names = []struct {
	re         *regexp.Regexp
	class      string
	confidence int64
}{
	{regexp.MustCompile(`(?i)(srv|server)([^a-z]|$)`), "server", 50},
	{regexp.MustCompile(`(?i)(^|[^a-z])(pump|infus|syringe)`), "pump", 50},
	{regexp.MustCompile(`(?i)(^|[^a-z])(vent(ilator)?)([^a-z]|$)`), "ventilator", 45},
	{regexp.MustCompile(`(?i)(^|[^a-z])(monitor|bedside|telemetry|vitals?|mon)([^a-z]|$)`), "monitor", 45},
	{regexp.MustCompile(`(?i)(^|[^a-z])(ct|mr|mri|us|ultrasound|xray|cath|modality|mammo)([^a-z]|$)`), "imaging", 40},
	{regexp.MustCompile(`(?i)(^|[^a-z])(pacs|orthanc|vna)`), "pacs", 50},
	{regexp.MustCompile(`(?i)(^|[^a-z])(lab|lis|analy[sz]er)([^a-z]|$)`), "lab", 40},
	{regexp.MustCompile(`(?i)(^|[^a-z])(ws|pc|desktop|workstation|laptop|viewer|read|reading)([^a-z]|$)`), "workstation", 45},
	{regexp.MustCompile(`(?i)(^|[^a-z])(dc|adt|his|ris|emr|ns)([^a-z]|$)`), "server", 45},
	{regexp.MustCompile(`(?i)(^|[^a-z])(gw|gateway|router|fw|firewall|switch|ap)([^a-z]|$)`), "network", 45},
	{regexp.MustCompile(`(?i)(^|[^a-z])(printer|print|mfp)`), "printer", 45},
}

// behaviour adds what hosts do, and what they are called, to the evidence.
func (hs *hosts) behaviour(ctx context.Context, db *sql.DB) error {
	err := each(ctx, db, services, func(r *sql.Rows) error {
		var ip, role string
		var ts stamp
		var n int64
		if err := r.Scan(&ip, &role, &ts, &n); err != nil {
			return err
		}
		if h := hs.at(ip, event.Time(ts)); h != nil {
			h.add(piece{"role", role, "traffic", 90})
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, db, conduct, func(r *sql.Rows) error {
		var ip string
		var ts stamp
		p := piece{attribute: "class"}
		if err := r.Scan(&ip, &ts, &p.value, &p.confidence, &p.source); err != nil {
			return err
		}
		if h := hs.at(ip, event.Time(ts)); h != nil {
			h.add(p)
		}
		return nil
	})
	for _, h := range hs.byID {
		if h.outside {
			h.add(piece{"class", "network", "forwards for outside addresses", 70})
			h.add(piece{"role", "router", "forwards for outside addresses", 70})
		}
		name, _, _ := h.best("hostname")
		for _, n := range names {
			if name != "" && n.re.MatchString(name) {
				h.add(piece{"class", n.class, "its name is " + name, n.confidence})
				break
			}
		}
	}
	return err
}
