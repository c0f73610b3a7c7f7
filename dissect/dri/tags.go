package dri

import "strconv"

const endOfList = 0xff

// mainType is a record's type.
type mainType uint16

const (
	mainValues  mainType = 0
	mainWaves   mainType = 1
	mainAlarms  mainType = 4
	mainNetwork mainType = 5
	mainEvents  mainType = 8
)

func (m mainType) String() string {
	switch m {
	case mainValues:
		return "values"
	case mainWaves:
		return "waves"
	case mainAlarms:
		return "alarms"
	case mainNetwork:
		return "network"
	case mainEvents:
		return "events"
	}
	return ""
}

// Subrecords of network records.
const (
	netLogin   = 0
	netPatient = 6
	netLogout  = 10

	loginLen   = 30
	patientLen = 350
)

var valueNames = map[uint8]string{0: "request", 1: "displayed", 2: "trend_10s", 3: "trend_60s", 4: "auxiliary"}

var waveNames = map[uint8]string{0: "command", 1: "ECG1", 2: "ECG2", 3: "ECG3", 4: "P1", 5: "P2", 6: "P3", 7: "P4", 8: "pleth", 9: "CO2", 10: "O2", 11: "N2O", 12: "AA",
	13: "airway_pressure", 14: "flow", 15: "respiration", 16: "P5", 17: "P6", 18: "EEG1", 19: "EEG2", 20: "EEG3", 21: "EEG4", 23: "volume",
	24: "tonometry_pressure", 29: "spirometry_loop", 32: "entropy", 35: "BIS", 36: "P7", 37: "P8", 38: "pleth2", 39: "respiration_100"}

func subrecordName(m mainType, n uint8) string {
	s := ""
	switch {
	case m == mainValues:
		s = valueNames[n]
	case m == mainWaves:
		s = waveNames[n]
	case m == mainAlarms && n <= 1:
		s = "status"
	case m == mainNetwork && n == netLogin:
		s = "login"
	case m == mainNetwork && n == netPatient:
		s = "patient"
	case m == mainNetwork && n == netLogout:
		s = "logout"
	}
	if s == "" {
		return strconv.Itoa(int(n))
	}
	return s
}

// maxLevel is the newest level of the interface that is known.
const maxLevel = 12

// levelName gives the year of a level. Requests leave it 0.
func levelName(n int) string {
	years := [...]string{"", "", "'95", "'97", "'98", "'99", "'01", "'02", "'03", "'05", "'09", "'15", "'19"}
	if n >= 0 && n < len(years) && years[n] != "" {
		return years[n]
	}
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func colourName(n uint16) string {
	return map[uint16]string{1: "white", 2: "yellow", 3: "red"}[n]
}

func priority(colour uint16) string {
	return map[uint16]string{1: "low", 2: "medium", 3: "high"}[colour]
}

func silenceName(n uint16) string {
	return map[uint16]string{0: "none", 1: "apnea", 2: "asystole", 3: "apnea_asystole", allSilent: "all", 5: "all_2min", 6: "all_5min", 7: "all_20s"}[n]
}

// scaled is a value in a group: what it is divided by, and its name; with a code of ISO/IEEE 11073-10101 if it has that meaning.
type scaled struct {
	name, code, unit string
	divisor          int
}

// group is a group of values in the basic class.
type group struct {
	name   string
	offset int
	bare   bool // without status and label in front
	fields []scaled
}

const (
	perMinute = "MDC_DIM_PER_MIN"
	mmHg      = "MDC_DIM_MMHG"
	percent   = "MDC_DIM_PERCENT"
	celsius   = "MDC_DIM_DEGC"
	cmH2O     = "MDC_DIM_CM_H2O"
)

func pressure(name string, offset int) group {
	return group{name: name, offset: offset, fields: []scaled{{"sys", "", mmHg, 100}, {"dia", "", mmHg, 100}, {"mean", "", mmHg, 100}, {"hr", "", perMinute, 1}}}
}

func temperature(name string, offset int) group {
	return group{name: name, offset: offset, fields: []scaled{{"temp", "", celsius, 100}}}
}

func gas(name string, offset int) group {
	return group{name: name, offset: offset, fields: []scaled{{"et", "", percent, 100}, {"fi", "", percent, 100}}}
}

// groups of the basic class, with their places in its 270 bytes.
var groups = []group{
	{name: "ecg", offset: 0, fields: []scaled{{"hr", "", perMinute, 1}}},
	pressure("p1", 16), pressure("p2", 30), pressure("p3", 44), pressure("p4", 58),
	{name: "nibp", offset: 72, fields: []scaled{{"MDC_PRESS_BLD_NONINV_SYS", "150021", mmHg, 100}, {"MDC_PRESS_BLD_NONINV_DIA", "150022", mmHg, 100},
		{"MDC_PRESS_BLD_NONINV_MEAN", "150023", mmHg, 100}, {"hr", "", perMinute, 1}}},
	temperature("t1", 86), temperature("t2", 94), temperature("t3", 102), temperature("t4", 110),
	{name: "spo2", offset: 118, fields: []scaled{{"MDC_PULS_OXIM_SAT_O2", "150456", percent, 100}, {"MDC_PULS_OXIM_PULS_RATE", "149530", "MDC_DIM_BEAT_PER_MIN", 1}}},
	{name: "co2", offset: 132, fields: []scaled{{"et", "", percent, 100}, {"fi", "", percent, 100}, {"rr", "", perMinute, 1}}},
	gas("o2", 146), gas("n2o", 156), gas("aa", 166),
	{name: "flow_vol", offset: 178, fields: []scaled{{"rr", "", perMinute, 1}, {"ppeak", "", cmH2O, 100}, {"peep", "", cmH2O, 100}, {"pplat", "", cmH2O, 100},
		{"tv_insp", "", "MDC_DIM_MILLI_L", 10}, {"tv_exp", "", "MDC_DIM_MILLI_L", 10}, {}, {"mv_exp", "", "MDC_DIM_L_PER_MIN", 100}}},
	{name: "ecg_extra", offset: 226, bare: true, fields: []scaled{{"MDC_ECG_HEART_RATE", "147842", "MDC_DIM_BEAT_PER_MIN", 1}}},
	pressure("p5", 240), pressure("p6", 254),
}
