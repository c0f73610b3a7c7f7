package link_test

import (
	"slices"
	"testing"
)

// TestSDC holds that what a handle means, told on one connection, explains what is reported on another.
func TestSDC(t *testing.T) {
	db := caseOf(t, "sdc-clear")
	for _, c := range []struct {
		query string
		want  []string
	}{
		{`SELECT DISTINCT concat_ws(' ', code, coding_system, name, unit, status) FROM observation ORDER BY 1`,
			[]string{"MDC_ECG_HEART_RATE MDC Heart rate {beat}/min valid", "MDC_PULS_OXIM_SAT_O2 MDC oxygen saturation by pulse oximetry % valid"}},
		{`SELECT concat_ws(' ', parameter, before, after, unit) FROM therapy WHERE remote ORDER BY ts`,
			[]string{"rate 12.5 25.0 mL/h", "rate 25.0 5000.0 mL/h", "Pump mode", "rate 25.0 25.0 mL/h"}},
		{`SELECT concat_ws(' ', code, priority, kind, phase, before, after, remote) FROM alarm WHERE phase IN ('limits', 'off', 'silenced', 'end') ORDER BY ts, seq`,
			[]string{"MDC_EVT_HI high physiological end true false false", "MDC_EVT_HI high physiological silenced On Psd true", "MDC_EVT_HI high physiological silenced On Psd false",
				"MDC_EVT_HI high physiological limits 50 to 120 30 to 220 true", "MDC_EVT_HI high physiological limits 50 to 120 30 to 220 false", "MDC_EVT_HI high physiological off Psd Off true",
				"MDC_EVT_HI high physiological off Psd Off false"}},
		{`SELECT count(*) FROM (SELECT patient_id FROM observation UNION ALL SELECT patient_id FROM alarm UNION ALL SELECT patient_id FROM therapy) WHERE patient_id IS DISTINCT FROM
			(SELECT DISTINCT patient_id FROM sdc_context WHERE kind = 'Patient' AND NOT proposed)`, []string{"0"}},
		// seq counts a flow's rows: what was made after loading stands where its source kept a number free
		{`SELECT count(*) FROM (SELECT flow_id, seq FROM (SELECT flow_id, seq FROM observation UNION ALL SELECT flow_id, seq FROM alarm UNION ALL SELECT flow_id, seq FROM therapy
			UNION ALL SELECT flow_id, seq FROM sdc UNION ALL SELECT flow_id, seq FROM sdc_state UNION ALL SELECT flow_id, seq FROM sdc_operation UNION ALL SELECT flow_id, seq FROM sdc_context
			UNION ALL SELECT flow_id, seq FROM http UNION ALL SELECT flow_id, seq FROM identity) GROUP BY ALL HAVING count(*) > 1)`, []string{"0"}},
		{`SELECT count(*) FROM observation o ANTI JOIN sdc_state s ON s.flow_id = o.flow_id AND s.seq = o.parent_seq AND s.number = o.number`, []string{"0"}},
	} {
		if got := column(t, db, c.query); !slices.Equal(got, c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", c.query, got, c.want)
		}
	}
	if got := column(t, caseOf(t, "sdc-tls"), "SELECT protocol || ' ' || reason FROM tls_service ORDER BY ts"); !slices.Equal(got, []string{"sdc announced", "sdc reports"}) {
		t.Errorf("TLS services %q", got)
	}
}
