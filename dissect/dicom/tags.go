package dicom

import (
	"fmt"
	"strings"
)

// pduType is the first byte of a PDU (PS3.8 9.3.1).
type pduType uint8

const (
	associateRQ pduType = iota + 1
	associateAC
	associateRJ
	dataTF
	releaseRQ
	releaseRP
	abort
)

var pduNames = [...]string{"", "A-ASSOCIATE-RQ", "A-ASSOCIATE-AC", "A-ASSOCIATE-RJ", "P-DATA-TF", "A-RELEASE-RQ", "A-RELEASE-RP", "A-ABORT"}

func (t pduType) String() string {
	if t >= associateRQ && t <= abort {
		return pduNames[t]
	}
	return fmt.Sprintf("type %02x", uint8(t))
}

// itemType is the first byte of an item of an A-ASSOCIATE PDU (PS3.8 9.3.2, 9.3.3, PS3.7 annex D.3.3).
type itemType uint8

const (
	itemApplication     itemType = 0x10
	itemContextRQ       itemType = 0x20
	itemContextAC       itemType = 0x21
	itemAbstract        itemType = 0x30
	itemTransfer        itemType = 0x40
	itemUser            itemType = 0x50
	itemMaximum         itemType = 0x51
	itemImplementation  itemType = 0x52
	itemAsync           itemType = 0x53
	itemRole            itemType = 0x54
	itemVersion         itemType = 0x55
	itemExtended        itemType = 0x56
	itemCommonExtended  itemType = 0x57
	itemIdentity        itemType = 0x58
	itemIdentityGranted itemType = 0x59
)

// contextResult is the answer to a presentation context (PS3.8 table 9-18).
type contextResult uint8

var contextResults = [...]string{"acceptance", "user_rejection", "no_reason", "abstract_syntax_not_supported", "transfer_syntaxes_not_supported"}

func (r contextResult) String() string {
	if int(r) < len(contextResults) {
		return contextResults[r]
	}
	return fmt.Sprintf("result_%d", uint8(r))
}

// identityType is the kind of a user identity (PS3.7 table D.3-14).
type identityType uint8

var identityTypes = [...]string{"", "username", "username_passcode", "kerberos", "saml", "jwt"}

func (t identityType) String() string {
	if t >= 1 && int(t) < len(identityTypes) {
		return identityTypes[t]
	}
	return fmt.Sprintf("type_%d", uint8(t))
}

// named tells whether the primary field is a user name rather than a token.
func (t identityType) named() bool { return t == 1 || t == 2 }

// The words of an A-ASSOCIATE-RJ (PS3.8 table 9-21) and an A-ABORT (table 9-26).
var (
	rejectResults = map[uint8]string{1: "permanent", 2: "transient"}
	rejectSources = map[uint8]string{1: "user", 2: "acse", 3: "presentation"}
	rejectReasons = map[[2]uint8]string{
		{1, 1}: "no_reason", {1, 2}: "application_context_not_supported", {1, 3}: "calling_ae_not_recognized",
		{1, 7}: "called_ae_not_recognized", {2, 1}: "no_reason", {2, 2}: "protocol_version_not_supported",
		{3, 1}: "temporary_congestion", {3, 2}: "local_limit_exceeded",
	}
	abortSources = map[uint8]string{0: "user", 2: "provider"}
	abortReasons = map[uint8]string{
		0: "not_specified", 1: "unrecognized_pdu", 2: "unexpected_pdu", 4: "unrecognized_parameter",
		5: "unexpected_parameter", 6: "invalid_parameter_value",
	}
)

func word[K comparable](m map[K]string, k K) string {
	if w, ok := m[k]; ok {
		return w
	}
	return fmt.Sprintf("unknown_%v", k)
}

// commandField says which DIMSE message it is (PS3.7 E.1-1); a response has the highest bit set.
type commandField uint16

const (
	cStore       commandField = 0x0001
	cGet         commandField = 0x0010
	cFind        commandField = 0x0020
	cMove        commandField = 0x0021
	cEcho        commandField = 0x0030
	nEventReport commandField = 0x0100
	nGet         commandField = 0x0110
	nSet         commandField = 0x0120
	nAction      commandField = 0x0130
	nCreate      commandField = 0x0140
	nDelete      commandField = 0x0150
	cCancel      commandField = 0x0FFF
	response     commandField = 0x8000
)

var commandNames = map[commandField]string{
	cStore: "C-STORE", cGet: "C-GET", cFind: "C-FIND", cMove: "C-MOVE", cEcho: "C-ECHO", nEventReport: "N-EVENT-REPORT",
	nGet: "N-GET", nSet: "N-SET", nAction: "N-ACTION", nCreate: "N-CREATE", nDelete: "N-DELETE", cCancel: "C-CANCEL",
}

func (f commandField) String() string {
	n, ok := commandNames[f&^response]
	switch {
	case !ok:
		return fmt.Sprintf("0x%04X", uint16(f))
	case f&response != 0:
		return n + "-RSP"
	}
	return n + "-RQ"
}

func (f commandField) known() bool {
	_, ok := commandNames[f&^response]
	return ok && f != cCancel|response
}

// The elements of a command set (PS3.7 E.1 and E.2), all in group 0000.
const (
	elGroupLength    = 0x0000
	elAffectedClass  = 0x0002
	elRequestedClass = 0x0003
	elCommandField   = 0x0100
	elMessageID      = 0x0110
	elRespondedTo    = 0x0120
	elMoveDest       = 0x0600
	elPriority       = 0x0700
	elDatasetType    = 0x0800
	elStatus         = 0x0900
	elOffending      = 0x0901
	elErrorComment   = 0x0902
	elErrorID        = 0x0903
	elAffectedInst   = 0x1000
	elRequestedInst  = 0x1001
	elEventType      = 0x1002
	elAttributeList  = 0x1005
	elActionType     = 0x1008
	elRemaining      = 0x1020
	elCompleted      = 0x1021
	elFailed         = 0x1022
	elWarning        = 0x1023
	elOriginatorAE   = 0x1030
	elOriginatorID   = 0x1031
)

const noDataset = 0x0101 // (0000,0800): no data set follows; any other value announces one

// operationKey names an event or action type of a SOP class.
type operationKey struct {
	class string
	field commandField
	typ   int64
}

// operations say what event and action types mean.
var operations = map[operationKey]string{
	// PS3.4 J.3: storage commitment
	{"1.2.840.10008.1.20.1", nAction, 1}: "commitment_request", {"1.2.840.10008.1.20.1", nEventReport, 1}: "commitment_success",
	{"1.2.840.10008.1.20.1", nEventReport, 2}: "commitment_failures",
	// PS3.4 F.9: procedure step notification
	{"1.2.840.10008.3.1.2.3.5", nEventReport, 1}: "step_in_progress", {"1.2.840.10008.3.1.2.3.5", nEventReport, 2}: "step_completed",
	{"1.2.840.10008.3.1.2.3.5", nEventReport, 3}: "step_discontinued", {"1.2.840.10008.3.1.2.3.5", nEventReport, 4}: "step_updated",
	// PS3.4 H.4: print
	{"1.2.840.10008.5.1.1.1", nAction, 1}: "print", {"1.2.840.10008.5.1.1.2", nAction, 1}: "print",
	{"1.2.840.10008.5.1.1.14", nEventReport, 1}: "job_pending", {"1.2.840.10008.5.1.1.14", nEventReport, 2}: "job_printing",
	{"1.2.840.10008.5.1.1.14", nEventReport, 3}: "job_done", {"1.2.840.10008.5.1.1.14", nEventReport, 4}: "job_failure",
	{"1.2.840.10008.5.1.1.16", nEventReport, 1}: "printer_normal", {"1.2.840.10008.5.1.1.16", nEventReport, 2}: "printer_warning",
	{"1.2.840.10008.5.1.1.16", nEventReport, 3}: "printer_failure",
	// PS3.4 CC.2: unified procedure step, whose instances are all of the push class
	{upsPush, nAction, 1}: "change_state", {upsPush, nAction, 2}: "cancel_request", {upsPush, nAction, 3}: "subscribe",
	{upsPush, nAction, 4}: "unsubscribe", {upsPush, nAction, 5}: "suspend_global_subscription",
	{upsPush, nEventReport, 1}: "state_report", {upsPush, nEventReport, 2}: "cancel_requested", {upsPush, nEventReport, 3}: "progress_report",
	{upsPush, nEventReport, 4}: "scp_status_change", {upsPush, nEventReport, 5}: "assigned",
}

// The unified procedure step classes are upsPush, and three more that begin with upsFamily.
const (
	upsFamily = "1.2.840.10008.5.1.4.34.6."
	upsPush   = upsFamily + "1"
)

// operation says what the event or action of a command is.
func operation(c *command, class string) string {
	typ := c.eventType
	if c.field&^response == nAction {
		typ = c.actionType
	}
	if strings.HasPrefix(class, upsFamily) {
		class = upsPush
	}
	if !typ.OK {
		return ""
	}
	return operations[operationKey{class, c.field &^ response, typ.V}]
}

var priorities = map[uint16]string{0: "medium", 1: "high", 2: "low"}

// status is the Status element (0000,0900) (PS3.7 annex C, and the service classes of PS3.4).
type status uint16

const (
	success status = 0x0000
	cancel  status = 0xFE00
)

func (s status) String() string { return fmt.Sprintf("0x%04X", uint16(s)) }

// category is the word of PS3.7 C.1 to C.5.
func (s status) category() string {
	switch {
	case s == success:
		return "success"
	case s == cancel:
		return "cancel"
	case s == 0xFF00 || s == 0xFF01:
		return "pending"
	case s == 0x0001 || s>>12 == 0xB || s == 0x0107 || s == 0x0116:
		return "warning"
	}
	return "failure"
}

func (s status) pending() bool { return s == 0xFF00 || s == 0xFF01 }

var statusMeanings = map[status]string{
	0x0000: "success", 0xFE00: "cancelled", 0xFF00: "pending", 0xFF01: "pending, optional keys not supported",
	0x0001: "requested optional attributes are not supported", 0x0105: "no such attribute", 0x0106: "invalid attribute value",
	0x0107: "attribute list error", 0x0110: "processing failure", 0x0111: "duplicate SOP instance",
	0x0112: "no such SOP instance", 0x0113: "no such event type", 0x0114: "no such argument",
	0x0115: "invalid argument value", 0x0116: "attribute value out of range", 0x0117: "invalid object instance",
	0x0118: "no such SOP class", 0x0119: "class-instance conflict", 0x0120: "missing attribute",
	0x0121: "missing attribute value", 0x0122: "refused: SOP class not supported", 0x0123: "no such action type",
	0x0124: "refused: not authorized", 0x0210: "duplicate invocation", 0x0211: "unrecognized operation",
	0x0212: "mistyped argument", 0x0213: "resource limitation", 0xA700: "refused: out of resources",
	0xA701: "refused: cannot calculate number of matches", 0xA702: "refused: cannot perform sub-operations",
	0xA801: "refused: move destination unknown", 0xA900: "identifier does not match SOP class",
	0xB000: "coercion of data elements, or sub-operations with failures", 0xB006: "elements discarded",
	0xB007: "data set does not match SOP class",
	0xC300: "the unified procedure step may not be changed", 0xC301: "its transaction UID was not given rightly",
	0xC302: "it is in progress already", 0xC303: "it may only become scheduled by N-CREATE", 0xC304: "it has not met its final requirements",
	0xC307: "no such unified procedure step", 0xC308: "the receiving AE title is not known", 0xC309: "it was not created scheduled",
	0xC310: "it is not in progress", 0xC311: "it is completed already", 0xC312: "its performer cannot be reached",
	0xC315: "event reports are not supported", 0xB304: "it is cancelled already", 0xB305: "coerced invalid values", 0xB306: "it is completed already",
}

func (s status) meaning() string {
	if m, ok := statusMeanings[s]; ok {
		return m
	}
	switch {
	case s>>8 == 0xA7:
		return "refused: out of resources"
	case s>>8 == 0xA9:
		return "data set or identifier does not match SOP class"
	case s>>12 == 0xC:
		return "cannot understand, or unable to process"
	}
	return ""
}

// commitment says why an instance was not committed (PS3.3 C.14.1.1).
func (s status) commitment() string {
	switch s {
	case 0x0119:
		return "class-instance conflict"
	case 0x0122:
		return "SOP class not supported"
	case 0x0131:
		return "duplicate transaction UID"
	}
	return s.meaning()
}
