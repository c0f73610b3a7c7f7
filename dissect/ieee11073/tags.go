package ieee11073

import (
	"fmt"
	"strconv"

	"wardtrace/dissect/nomenclature"
)

// Choices of an APDU, annex A.8.
const (
	aarq = 0xE200
	aare = 0xE300
	rlrq = 0xE400
	rlre = 0xE500
	abrt = 0xE600
	prst = 0xE700
)

var apduNames = map[uint16]string{aarq: "association_request", aare: "association_response", rlrq: "release_request", rlre: "release_response",
	abrt: "abort", prst: "data"}

// Remote operations, annex A.10.
const (
	eventReport          = 0x0100
	confirmedEventReport = 0x0101
	get                  = 0x0103
	set                  = 0x0104
	confirmedSet         = 0x0105
	action               = 0x0106
	confirmedAction      = 0x0107
	eventResult          = 0x0201
	getResult            = 0x0203
	setResult            = 0x0205
	actionResult         = 0x0207
	roer                 = 0x0300
	rorj                 = 0x0400
)

var serviceNames = map[uint16]string{eventReport: "event_report", confirmedEventReport: "confirmed_event_report", get: "get", set: "set",
	confirmedSet: "confirmed_set", action: "action", confirmedAction: "confirmed_action", eventResult: "event_report_result", getResult: "get_result",
	setResult: "set_result", actionResult: "action_result", roer: "error", rorj: "reject"}

// Notifications and actions, 10101 partition 1.
const (
	notiConfig      = 3356
	notiSegmentData = 3361
	firstScanReport = 3357
	lastScanReport  = 3373
	actSegClear     = 3084
	actSegInfo      = 3085
	actSetTime      = 3095
	actDataRequest  = 3099
	actSegTransfer  = 3100
)

// form is the format of a scan report's body.
type form uint8

const (
	fixed form = iota
	variable
	grouped
)

// reports are the scan reports: their format, and whether they tell of several persons.
var reports = map[uint16]struct {
	form    form
	persons bool
}{3357: {fixed, false}, 3358: {variable, false}, 3359: {fixed, true}, 3360: {variable, true},
	3362: {variable, false}, 3363: {fixed, false}, 3364: {grouped, false}, 3365: {variable, true}, 3366: {fixed, true}, 3367: {grouped, true},
	3368: {variable, false}, 3369: {fixed, false}, 3370: {grouped, false}, 3371: {variable, true}, 3372: {fixed, true}, 3373: {grouped, true}}

var associationResults = map[uint16]string{0: "accepted", 1: "rejected_permanent", 2: "rejected_transient", 3: "accepted_unknown_config",
	4: "rejected_no_common_protocol", 5: "rejected_no_common_parameter", 6: "rejected_unknown", 7: "rejected_unauthorized", 8: "rejected_unsupported_version"}

var abortReasons = map[uint16]string{0: "undefined", 1: "buffer_overflow", 2: "response_timeout", 3: "configuration_timeout"}

var releaseReasons = map[uint16]string{0: "normal", 1: "no_more_configurations", 2: "configuration_changed"}

var configResults = map[uint16]string{0: "accepted", 1: "unsupported", 2: "standard_unknown"}

var errorNames = map[uint16]string{1: "no_such_object_instance", 2: "access_denied", 9: "no_such_action", 17: "invalid_object_instance", 23: "protocol_violation",
	24: "not_allowed_by_object", 25: "action_timed_out", 26: "action_aborted"}

var rejectNames = map[uint16]string{0: "unrecognized_apdu", 2: "badly_structured_apdu", 101: "unrecognized_operation", 103: "resource_limitation", 303: "unexpected_error"}

var transferResults = map[uint16]string{0: "successful", 1: "no_such_segment", 2: "try_later", 3: "empty", 512: "failed"}

var modifyOperators = map[uint16]string{0: "replace", 1: "add", 2: "remove", 3: "default"}

// specTypes are the kinds of a production specification's entries, and what they say of the host.
var specTypes = map[uint16]struct{ name, attribute string }{0: {"unspecified", ""}, 1: {"serial", "serial"}, 2: {"part", ""}, 3: {"hardware", ""},
	4: {"software", "version"}, 5: {"firmware", "version"}, 6: {"protocol", ""}, 7: {"gmdn", ""}}

// statusBits are the bits of MeasurementStatus, annex A.3.
var statusBits = []struct {
	bit  uint16
	name string
}{{0x8000, "invalid"}, {0x4000, "questionable"}, {0x2000, "not_available"}, {0x1000, "calibrating"}, {0x0800, "test"}, {0x0400, "demo"},
	{0x0080, "validated"}, {0x0040, "early"}, {0x0020, "ongoing"}}

// Attributes, 10101 partition 1.
const (
	attrModel          = 2344
	attrLabel          = 2343
	attrPhysio         = 2347
	attrProduction     = 2349
	attrType           = 2351
	attrStatus         = 2375
	attrAccuracy       = 2378
	attrCompound       = 2379
	attrNumeric        = 2384
	attrPower          = 2389
	attrSystemID       = 2436
	attrSystemType     = 2438
	attrClock          = 2439
	attrBatteryTime    = 2440
	attrSegmentEnd     = 2442
	attrAbsolute       = 2448
	attrRelative       = 2449
	attrSegmentStart   = 2450
	attrUnit           = 2454
	attrBattery        = 2460
	attrEnum           = 2462
	attrHiRes          = 2537
	attrConfigID       = 2628
	attrSamples        = 2632
	attrEnumOID        = 2633
	attrEnumString     = 2634
	attrBasic          = 2636
	attrSegmentMap     = 2638
	attrSegmentPerson  = 2639
	attrHandleMap      = 2643
	attrValueMap       = 2645
	attrSimple         = 2646
	attrStoreLabel     = 2647
	attrSegmentLabel   = 2648
	attrSpecs          = 2650
	attrIDPartition    = 2655
	attrEnumPartition  = 2656
	attrEnumBits32     = 2661
	attrEnumBits16     = 2662
	attrCompoundSimple = 2676
	attrCompoundBasic  = 2677
	attrPhysioList     = 2678
)

// parts are the numbers of standard configurations by hundreds: 11073-104zz has zz00 to zz99, so 10471 has 7100.
var parts = map[uint16]string{4: "pulse oximeter", 6: "ECG", 7: "blood pressure monitor", 8: "thermometer", 15: "weighing scale", 17: "glucose meter",
	18: "coagulation meter", 19: "insulin pump", 20: "body composition analyser", 21: "peak flow monitor", 25: "continuous glucose monitor",
	41: "cardiovascular fitness monitor", 42: "strength fitness equipment", 71: "activity hub", 72: "medication monitor"}

// standardOf gives the part a standard configuration belongs to and the device it is about, "" if it is none that is known.
func standardOf(config uint16) (part, class string) {
	if class = parts[config/100]; class == "" || config >= firstOwnConfig {
		return "", ""
	}
	return fmt.Sprintf("104%02d", config/100), class
}

// firstOwnConfig is the first configuration id that is not a standard one.
const firstOwnConfig = 0x4000

// standards are the standard configurations that are read, with the terms of 10101: what 10404, 10407, 10415 and 10417 give in
// their tables of the configuration.
var standards = map[uint16][]standardObject{
	400:  {{1, 19384, 544, pair{attrBasic, 2}, nil, false}, {10, 18458, 2720, pair{attrBasic, 2}, nil, false}},
	401:  {{1, 19384, 544, pair{attrBasic, 2}, nil, true}, {10, 18458, 2720, pair{attrBasic, 2}, nil, true}},
	700:  {{1, 18948, 3872, pair{attrCompoundBasic, 10}, []uint16{18949, 18950, 18951}, true}, {2, 18474, 2720, pair{attrBasic, 2}, nil, true}},
	1500: {{1, 57664, 1731, pair{attrSimple, 4}, nil, true}},
	1700: {{1, 29112, 2130, pair{attrBasic, 2}, nil, true}},
}

type standardObject struct {
	handle uint16
	term   uint16
	unit   uint16
	value  pair
	parts  []uint16
	stamp  bool // an absolute time stamp follows
}

// term names a term of a partition, by its number if the nomenclature here does not have it.
func term(p nomenclature.Partition, t uint16) string {
	if x, ok := nomenclature.Find(p, t); ok {
		return x.RefID
	}
	return strconv.Itoa(int(t))
}

// named gives a closed list's word, else the number.
func named(m map[uint16]string, n uint16) string {
	if s, ok := m[n]; ok {
		return s
	}
	return strconv.Itoa(int(n))
}
