package intellivue

import (
	"strconv"
	"strings"
)

// operation is a remote operation (RO type).
type operation uint16

const (
	invoke  operation = 1
	result  operation = 2
	failure operation = 3
	linked  operation = 5
)

func (o operation) String() string {
	return map[operation]string{invoke: "invoke", result: "result", failure: "error", linked: "linked_result"}[o]
}

// command is what is invoked.
type command uint16

const (
	eventReport          command = 0
	confirmedEventReport command = 1
	get                  command = 3
	set                  command = 4
	confirmedSet         command = 5
	action               command = 7
)

func (c command) String() string {
	return map[command]string{eventReport: "event_report", confirmedEventReport: "confirmed_event_report", get: "get", set: "set",
		confirmedSet: "confirmed_set", action: "confirmed_action"}[c]
}

// failureReason is that of an error.
type failureReason uint16

func (f failureReason) String() string {
	return map[failureReason]string{0: "no_such_object_class", 1: "no_such_object_instance", 2: "access_denied", 7: "get_list_error", 8: "set_list_error",
		9: "no_such_action", 10: "processing_failure", 15: "invalid_argument", 16: "invalid_scope", 17: "invalid_object_instance"}[f]
}

// objectClass is a class of managed objects (partition 1).
type objectClass uint16

const (
	classEnumeration  objectClass = 5
	classNumeric      objectClass = 6
	classWave         objectClass = 9
	classMDS          objectClass = 33
	classBed          objectClass = 35
	classBattery      objectClass = 41
	classPatient      objectClass = 42
	classAlertMonitor objectClass = 54
)

func (o objectClass) String() string {
	return map[objectClass]string{classEnumeration: "enumeration", classNumeric: "numeric", classWave: "wave", classMDS: "mds", classBed: "mds",
		classBattery: "battery", classPatient: "patient", classAlertMonitor: "alert_monitor"}[o]
}

// Events and actions (partition 3 and Philips' own).
const (
	eventMDSCreate  = 3334
	eventIndication = 3351
	actionPoll      = 3094
	actionExtPoll   = 61755
)

func actionName(n uint16) string {
	switch n {
	case eventMDSCreate:
		return "mds_create"
	case eventIndication:
		return "connect_indication"
	case actionPoll:
		return "poll"
	case actionExtPoll:
		return "extended_poll"
	}
	return strconv.Itoa(int(n))
}

func operatorName(n uint16) string {
	switch n {
	case 0:
		return "replace"
	case 1:
		return "add"
	case 2:
		return "remove"
	case 3:
		return "default"
	}
	return strconv.Itoa(int(n))
}

func groupName(n uint16) string {
	return map[uint16]string{0: "all", 2049: "alert_monitor", 2051: "observed_value", 2055: "patient_demographics", 2058: "system_application",
		2059: "system_identification", 2060: "system_production", 2064: "vmo_dynamic", 2065: "vmo_static"}[n]
}

// Attributes that are read or named.
const (
	attrPollProfile  = 1
	attrPAlarms      = 2306
	attrTAlarms      = 2308
	attrBedLabel     = 2334
	attrModel        = 2344
	attrProduction   = 2349
	attrMode         = 2374
	attrArea         = 2317
	attrNumeric      = 2384
	attrPatientState = 2391
	attrBirth        = 2392
	attrPatientID    = 2394
	attrFamily       = 2396
	attrGiven        = 2397
	attrSex          = 2401
	attrPatientType  = 2402
	attrTimeAbs      = 2439
	attrWaves        = 2407
	attrNumerics     = 2379
	attrWave         = 2414
	attrSystemID     = 2436
	attrSystemType   = 2438
	attrStatus       = 2471
	attrAge          = 2520
	attrHeight       = 2524
	attrWeight       = 2527
	attrPaced        = 2590
	attrNetwork      = 61696
	attrServices     = 61697
	attrNotes1       = 61737
	attrNotes2       = 61738
)

var attributeNames = map[uint16]string{
	attrPollProfile: "poll_profile_support", attrPAlarms: "p_alarm_list", attrTAlarms: "t_alarm_list", attrBedLabel: "bed_label", 2337: "handle",
	2340: "label", 2343: "label_string", attrModel: "system_model", attrProduction: "production_specification", 2351: "type", 2359: "localization",
	attrArea: "application_area", attrMode: "operating_mode", attrNumerics: "numeric_compound_value", attrNumeric: "numeric_value",
	attrPatientState: "patient_state", attrBirth: "birth_date", attrPatientID: "patient_id", attrFamily: "family_name", attrGiven: "given_name",
	attrSex: "sex", attrPatientType: "patient_type", attrWaves: "sample_array_compound_value", 2413: "sample_array_specification",
	attrWave: "sample_array_value", 2415: "scale_and_range", attrSystemID: "system_id", attrSystemType: "system_type", attrTimeAbs: "date_and_time",
	attrStatus: "mds_status", attrAge: "age", attrHeight: "height", attrWeight: "weight", attrPaced: "paced_mode", 61441: "patient_internal_id",
	attrNetwork: "network_address", attrServices: "protocol_support", attrNotes1: "notes_1", attrNotes2: "notes_2", 61758: "time_period_poll",
	61992: "object_poll_number_priority", 62009: "numeric_priority_list", 62010: "wave_priority_list",
}

func attributeName(id uint16) string {
	if s := attributeNames[id]; s != "" {
		return s
	}
	return strconv.Itoa(int(id))
}

// multiParameter is the type of a usual bedside monitor.
const multiParameter = "multi_parameter_monitor"

// systemType names types of systems (partition 1) whose name the guide gives.
func systemType(n uint16) string {
	switch n {
	case 4429:
		return multiParameter
	case 4113:
		return "gas_analyzer"
	case 4449:
		return "infusion_pump"
	case 4465:
		return "ventilator"
	case 4493:
		return "multi_modal"
	}
	return strconv.Itoa(int(n))
}

func operatingMode(n uint16) string {
	return bits(n, []bit{{0x8000, "unspecified"}, {0x4000, "monitoring"}, {0x2000, "demo"}, {0x1000, "service"}, {0x0002, "standby"}, {0x0001, "config"}})
}

func applicationArea(n uint16) string {
	return map[uint16]string{0: "unspecified", 1: "operating_room", 2: "intensive_care", 3: "neonatal_intensive_care", 4: "cardiology"}[n]
}

func systemStatus(n uint16) string {
	return map[uint16]string{0: "disconnected", 1: "unassociated", 6: "operating"}[n]
}

// service names one entry of the protocol support: its application, its transport and its port.
func service(app, transport, port uint16) string {
	a := map[uint16]string{1: "acse", 5: "data_out"}[app]
	if a == "" {
		a = strconv.Itoa(int(app))
	}
	t := map[uint16]string{1: "udp"}[transport]
	if t == "" {
		t = "transport" + strconv.Itoa(int(transport))
	}
	return a + " " + t + " " + strconv.Itoa(int(port))
}

type bit struct {
	mask uint16
	name string
}

func names(n uint16, list []bit) []string {
	var out []string
	for _, b := range list {
		if n&b.mask != 0 {
			out = append(out, b.name)
		}
	}
	return out
}

func bits(n uint16, list []bit) string { return strings.Join(names(n, list), ",") }

// measurement is the state of a measurement.
type measurement uint16

var measurementBits = []bit{{0x8000, "invalid"}, {0x4000, "questionable"}, {0x2000, "unavailable"}, {0x1000, "calibration"}, {0x0800, "test"}, {0x0400, "demo"},
	{0x0080, "validated"}, {0x0040, "early"}, {0x0020, "ongoing"}, {0x0002, "in_alarm"}, {0x0001, "alarm_inhibited"}}

func (m measurement) unusable() bool { return m&(0x8000|0x2000) != 0 }

func (m measurement) String() string {
	if s := bits(uint16(m), measurementBits); s != "" {
		return s
	}
	return "valid"
}

// alertState is the state of an alert.
type alertState uint16

const (
	alertOff      alertState = 0x8000 | 0x4000 // inhibited, suspended
	alertSilenced alertState = 0x1000
	alertNew      alertState = 0x0008
)

func (a alertState) names() []string {
	return names(uint16(a), []bit{{0x8000, "inhibited"}, {0x4000, "suspended"}, {0x2000, "latched"}, {0x1000, "silenced"}, {0x0400, "test"}, {0x0200, "standby"},
		{0x0100, "demo"}, {0x0008, "new"}})
}

type alertFlags uint16

func (a alertFlags) names() []string {
	return names(uint16(a), []bit{{0x4000, "bedside_audible"}, {0x2000, "central_audible"}, {0x1000, "visual_latching"}, {0x0800, "audible_latching"},
		{0x0400, "short_yellow"}, {0x0200, "derived"}})
}

// priority is that of an alert's type: technical in the low byte, physiological in the high one.
func priority(kind uint16) string {
	switch {
	case kind&0x0404 != 0:
		return "high"
	case kind&0x0202 != 0:
		return "medium"
	case kind&0x0101 != 0:
		return "low"
	}
	return ""
}

// Partitions of the nomenclature.
const (
	partitionSCADA = 2
	partitionEvent = 3
	partitionUnit  = 4
)

func code(partition, term uint16) int64 { return int64(partition)<<16 | int64(term) }

func decimal(partition, term uint16) string { return strconv.FormatInt(code(partition, term), 10) }
