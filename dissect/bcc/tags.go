package bcc

// use says what becomes of a value beside its row.
type use uint8

const (
	plain use = iota
	private
	patientText
	setting  // of a therapy: a change is a change of the therapy
	progress // of a therapy: it moves by itself
	status
	alarm
	identity
)

// key is what is known of a key.
type key struct {
	meaning string
	use     use
	param   string // parameter of therapy, attribute of identity
	unit    string // certain unit, or
	unitOf  string // the key whose value is the unit
}

// keys are those of the specification whose meaning is published. The name of an alarm is its text.
var keys = map[string]key{
	"FMNOR": {meaning: "number of pillars"}, "FMSTAT": {meaning: "state of the ComDevice"}, "FMDONGLE": {meaning: "hardware protection"},
	"FMBANY": {meaning: "last scanned bar code", use: private}, "FMRT": {meaning: "type of a segment"}, "FMRSTAT": {meaning: "state of a segment"},
	"GNACK": {meaning: "answer to ADMIN:ALIVE"}, "GNERR": {meaning: "error"},
	"GNNEW": {meaning: "pump and software", use: identity, param: "software"}, "GNMODEL": {meaning: "model and software", use: identity, param: "software"},
	"INSERNUM": {meaning: "serial number", use: identity, param: "serial"}, "INNR": {meaning: "unique identifier"},
	"INDTNR": {meaning: "device type number"}, "VERSION": {meaning: "protocol version"},

	"INRT": {meaning: "rate", use: setting, param: "rate", unit: "ml/h"}, "INVTB": {meaning: "volume to be infused", use: progress, param: "vtbi"},
	"INVI": {meaning: "infused volume", use: progress, param: "volume"}, "INRMT": {meaning: "time that remains", unit: "s"},
	"INTIME": {meaning: "time of infusion"}, "INVOLAC": {meaning: "volume in the syringe"}, "INSYR": {meaning: "size of the syringe"},
	"INBORT": {meaning: "rate of the bolus", use: setting, param: "bolus rate"}, "INBOVAL": {meaning: "volume of the bolus", use: progress, param: "bolus"},
	"INBOCNT": {meaning: "boluses between two requests"}, "BOLTYPE": {meaning: "type of the bolus"}, "INAVRT": {meaning: "average rate between two requests"},
	"INSOL": {meaning: "drug, long name"}, "INSOLSN": {meaning: "drug, short name"}, "INSOLID": {meaning: "drug, id"},
	"INDOCAL": {meaning: "dose mode"}, "INDCON": {meaning: "concentration", use: setting, param: "concentration", unitOf: "INDCONU"},
	"INDCONU": {meaning: "unit of the concentration"}, "INDORT": {meaning: "dose rate", use: setting, param: "dose", unitOf: "INDORTU"},
	"INDORTU": {meaning: "unit of the dose rate"}, "INAKKU": {meaning: "time of the battery"}, "INSTBY": {meaning: "rest of the standby time"},
	"INPSOLL": {meaning: "pressure value"}, "INP1": {meaning: "limit of the pressure alarm"}, "INP2": {meaning: "pressure in percent of the highest one"},
	"DLNAME": {meaning: "drug list"}, "DLCRETIME": {meaning: "drug list made"}, "DRUGCAT": {meaning: "drug category"}, "INSOLPRIO": {meaning: "alarm priority of the drug"},
	"DRUGORDERNO": {meaning: "order number", use: private}, "OPMODE": {meaning: "mode of operation"}, "DISPNAME": {meaning: "disposable"}, "DISPCHG": {meaning: "disposable changed"},
	"SLLOW": {meaning: "soft limit, low"}, "SLHIGH": {meaning: "soft limit, high"}, "HLHIGH": {meaning: "hard limit, high"}, "RTLIMUT": {meaning: "unit of the limits"},
	"BOLRTSLLOW": {meaning: "bolus rate, soft limit, low"}, "BOLRTSLHIGH": {meaning: "bolus rate, soft limit, high"}, "BOLRTHLHIGH": {meaning: "bolus rate, hard limit, high"},
	"BOLVOLSLLOW": {meaning: "bolus volume, soft limit, low"}, "BOLVOLSLHIGH": {meaning: "bolus volume, soft limit, high"},
	"BOLVOLHLHIGH": {meaning: "bolus volume, hard limit, high"}, "BOLVOLLIMUT": {meaning: "unit of the bolus volume limits"},
	"DGDSTATUS": {meaning: "state of the dose guard"}, "DGDALERTSLL": {meaning: "soft limit, low: 1 overridden, 2 rejected"},
	"DGDALERTSLH": {meaning: "soft limit, high: 1 overridden, 2 rejected"}, "DGDALERTHLH": {meaning: "hard limit, high: 1 overridden, 2 rejected"},
	"RUNSTATE": {meaning: "state, as bits"}, "DSSTATUS": {meaning: "00050 switched off, 00051 switched on"}, "ACTCHAN": {meaning: "0 piggyback, 1 primary"},
	"LASTDA": {meaning: "last device alarm", use: alarm}, "PREALARM": {meaning: "alarm that is near"},
	"PATID": {meaning: "patient", use: private}, "PATIDBADGE": {meaning: "patient, scanned from the badge", use: private},
	"PATIDDRUG": {meaning: "patient, scanned from the drug's label", use: private}, "NURSEID": {meaning: "nurse", use: private},
	"PATW": {meaning: "weight of the patient", unit: "kg"}, "PATH": {meaning: "height of the patient", unit: "cm"},
	"PATAGE": {meaning: "age of the patient", use: patientText}, "PATSEX": {meaning: "sex of the patient", use: patientText},
	"TCIMOD": {meaning: "TCI mode"}, "TCIMODEL": {meaning: "TCI model"}, "TCITAR": {meaning: "TCI target"}, "TCIPLA": {meaning: "TCI plasma"}, "TCIEFF": {meaning: "TCI effect"},
	"PCAAD": {meaning: "PCA, given of asked for, in percent"}, "PCABR": {meaning: "PCA, boluses asked for"}, "PCALOT": {meaning: "PCA, lock-out time"}, "PCABA": {meaning: "PCA, boluses given"},
	"AUTOPROGSTATE": {meaning: "state of auto-programming"}, "LASTAUTOPROGERR": {meaning: "last error of auto-programming"}, "PROGSTAT": {meaning: "step of programming"},

	"INM1": {meaning: "ready", use: status}, "INM2": {meaning: "bolus", use: status}, "INM3": {meaning: "pumping", use: status}, "INM4": {meaning: "CC function", use: status},
	"INM5": {meaning: "bolus released", use: status}, "INM6": {meaning: "standby", use: status}, "INM7": {meaning: "data lock", use: status}, "INM8": {meaning: "mains", use: status},
	"INM9": {meaning: "disposable changed", use: status}, "INM10": {meaning: "KVO", use: status}, "INM11": {meaning: "without drop sensor", use: status},
	"INM12": {meaning: "below the low soft limit", use: status}, "INM13": {meaning: "above the high soft limit", use: status},

	"INA1": {meaning: "battery empty", use: alarm}, "INA2": {meaning: "syringe empty", use: alarm}, "INA3": {meaning: "pressure", use: alarm},
	"INA4": {meaning: "standby ends in two minutes", use: alarm}, "INA5": {meaning: "standby over", use: alarm}, "INA6": {meaning: "CC", use: alarm},
	"INA7": {meaning: "end of volume", use: alarm}, "INA8": {meaning: "end of time", use: alarm}, "INA9": {meaning: "syringe", use: alarm}, "INA10": {meaning: "not used"},
	"INA11": {meaning: "battery nearly empty", use: alarm}, "INA12": {meaning: "syringe nearly empty", use: alarm}, "INA13": {meaning: "door open", use: alarm},
	"INA14": {meaning: "drops", use: alarm}, "INA15": {meaning: "air", use: alarm}, "INA16": {meaning: "end of KVO", use: alarm},
}

// requests are all that BCC has; MEM:GETSLOT# is followed by pillar and slot.
var requests = map[string]bool{"ADMIN:ALIVE": true, "ADMIN:VERSION": true, "MEM:GET": true}
