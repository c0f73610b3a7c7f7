package sdc

import "wardtrace/dissect/event"

// Message is one SOAP message.
type Message struct {
	TransDepth     int64            `col:"trans_depth" doc:"Number of the HTTP request on its connection, as in http."`
	Dir            string           `col:"dir" doc:"Who sent it: client or server of the flow."`
	Provider       string           `col:"provider" doc:"Which side of the flow is the provider (device): client or server."`
	Action         string           `col:"action" doc:"Message: GetMdib, GetMdibResponse, Subscribe, EpisodicMetricReport, SetValue, Fault, ..."`
	Service        string           `col:"service" doc:"Port type of the action: GetService, SetService, StateEventService, ..., eventing, transfer, mex, discovery."`
	MessageID      string           `col:"message_id" doc:"wsa:MessageID."`
	RelatesTo      string           `col:"relates_to" doc:"MessageID of the request that is answered."`
	SequenceID     string           `col:"sequence_id" doc:"SequenceId of the MDIB: changes when the provider restarts."`
	MdibVersion    event.Opt[int64] `col:"mdib_version" doc:"MdibVersion: a jump in a consumer's reports is a loss."`
	Descriptors    int64            `col:"descriptors" doc:"Descriptors in it."`
	States         int64            `col:"states" doc:"States in it, of waveforms too."`
	Samples        int64            `col:"samples" doc:"Samples of waveforms in it."`
	NotifyTo       string           `col:"notify_to" doc:"Address to which reports are subscribed."`
	Filters        []string         `col:"filters" doc:"Reports that are subscribed."`
	Expires        string           `col:"expires" doc:"How long the subscription shall last, or lasts (xsd:duration)."`
	SubscriptionID string           `col:"subscription_id" doc:"Address of the subscription's manager, which names it."`
	Fault          string           `col:"fault" doc:"Code of a SOAP fault."`
	Bytes          int64            `col:"bytes" doc:"Size of the body, unpacked."`
	Complete       bool             `col:"complete" doc:"The whole message was seen and read."`
}

// Device is what a device says of itself: DPWS ThisModel and ThisDevice, or the MetaData of an MDS.
type Device struct {
	ParentSeq    int64  `col:"parent_seq" doc:"seq of the message's row in sdc."`
	Source       string `col:"source" doc:"dpws or mds."`
	EPR          string `col:"epr" doc:"Endpoint reference of the host, as in wsd."`
	Handle       string `col:"handle" doc:"Handle of the MDS."`
	Manufacturer string `col:"manufacturer" doc:"Manufacturer."`
	Model        string `col:"model" doc:"Model name."`
	ModelNumber  string `col:"model_number" doc:"Model number."`
	FriendlyName string `col:"friendly_name" doc:"Name the device was given."`
	Firmware     string `col:"firmware" doc:"Firmware version."`
	Serial       string `col:"serial" doc:"Serial number."`
	UDI          string `col:"udi" doc:"Unique device identifier: its device identifier part."`
}

// Descriptor is one entry of a device's description.
type Descriptor struct {
	ParentSeq     int64            `col:"parent_seq" doc:"seq of the message's row in sdc."`
	Provider      string           `col:"provider" doc:"Which side of the flow is the provider: client or server."`
	SequenceID    string           `col:"sequence_id" doc:"SequenceId of the MDIB it belongs to."`
	MdibVersion   event.Opt[int64] `col:"mdib_version" doc:"MdibVersion."`
	Modification  string           `col:"modification" doc:"Crt, Upt or Del in a DescriptionModificationReport."`
	Handle        string           `col:"handle" doc:"Its name in this MDIB."`
	ParentHandle  string           `col:"parent_handle" doc:"Handle of what it is part of."`
	Kind          string           `col:"kind" doc:"Mds, Vmd, Channel, NumericMetric, AlertCondition, LimitAlertCondition, AlertSignal, SetValueOperation, PatientContext, ..."`
	Code          string           `col:"code" doc:"Type: code."`
	RefID         string           `col:"ref_id" doc:"Type: reference identifier of a code of ISO/IEEE 11073-10101, if the nomenclature knows it."`
	CodingSystem  string           `col:"coding_system" doc:"Type: MDC for ISO/IEEE 11073-10101, else the system's identifier."`
	Name          string           `col:"name" doc:"Type: description in the message, else the nomenclature's name."`
	UnitCode      string           `col:"unit_code" doc:"Unit: code."`
	Unit          string           `col:"unit" doc:"Unit: the nomenclature's, else the description in the message."`
	Category      string           `col:"category" doc:"MetricCategory: Msrmt, Clc, Set, Preset, Rcmm."`
	Target        string           `col:"target" doc:"Handle on which an operation acts, or the condition a signal stands for."`
	Manifestation string           `col:"manifestation" doc:"How a signal shows: Aud, Vis, Tan, Oth."`
	Priority      string           `col:"priority" doc:"Of an alert condition: Hi, Me, Lo, None."`
	AlertKind     string           `col:"alert_kind" doc:"Of an alert condition: Phy, Tec, Oth."`
	Safety        string           `col:"safety" doc:"SafetyClassification: Inf, MedA, MedB, MedC."`
}

// State is the state of one descriptor, reported or proposed.
type State struct {
	ParentSeq    int64              `col:"parent_seq" doc:"seq of the message's row in sdc."`
	Provider     string             `col:"provider" doc:"Which side of the flow is the provider: client or server."`
	SequenceID   string             `col:"sequence_id" doc:"SequenceId of the MDIB it belongs to."`
	MdibVersion  event.Opt[int64]   `col:"mdib_version" doc:"MdibVersion."`
	Proposed     bool               `col:"proposed" doc:"A consumer asks for it (SetMetricState, SetAlertState, SetComponentState); else the device reports it."`
	Handle       string             `col:"handle" doc:"Handle of its descriptor."`
	Kind         string             `col:"kind" doc:"NumericMetric, EnumStringMetric, AlertCondition, LimitAlertCondition, AlertSignal, AlertSystem, Channel, SetValueOperation, ..."`
	StateVersion event.Opt[int64]   `col:"state_version" doc:"StateVersion."`
	Activation   string             `col:"activation" doc:"ActivationState: On, Off, Psd (paused); NotRdy, StndBy, Shtdn, Fail of components."`
	Mode         string             `col:"mode" doc:"OperatingMode of an operation: En, Dis, NA."`
	Value        string             `col:"value" doc:"Value of a numeric or enumerated metric."`
	Number       event.Opt[float64] `col:"number" doc:"The value as a number."`
	Text         string             `col:"text" phi:"free" doc:"Value of a string metric."`
	Validity     string             `col:"validity" doc:"Validity of the value: Vld, Vldated, Ong, Qst, Calib, Inv, Oflw, Uflw, NA."`
	MetricMode   string             `col:"metric_mode" doc:"Mode of the value: Real, Test, Demo."`
	DeterminedAt event.Time         `col:"determined_at" doc:"DeterminationTime by the device's clock."`
	Presence     string             `col:"presence" doc:"Of a condition: true, false; of a signal: On, Off, Latch, Ack."`
	Lower        event.Opt[float64] `col:"lower" doc:"Lower alarm limit."`
	Upper        event.Opt[float64] `col:"upper" doc:"Upper alarm limit."`
	Monitored    string             `col:"monitored" doc:"MonitoredAlertLimits: All, LoOff, HiOff, None."`
	Priority     string             `col:"priority" doc:"ActualPriority of a condition, if it differs from its descriptor's."`
}

// Operation is one step of a remote operation: it is asked for, answered, reported on.
type Operation struct {
	ParentSeq     int64              `col:"parent_seq" doc:"seq of the message's row in sdc."`
	Provider      string             `col:"provider" doc:"Which side of the flow is the provider: client or server."`
	SequenceID    string             `col:"sequence_id" doc:"SequenceId of the MDIB; a request has none."`
	Phase         string             `col:"phase" doc:"request, response, or report (OperationInvokedReport)."`
	Operation     string             `col:"operation" doc:"SetValue, SetString, SetAlertState, SetMetricState, SetComponentState, SetContextState or Activate; NULL in a report."`
	Handle        string             `col:"handle" doc:"OperationHandleRef: the operation, see its descriptor."`
	Target        string             `col:"target" doc:"Handle of what was changed, if the report tells."`
	Value         string             `col:"value" doc:"Value that SetValue asks for."`
	Number        event.Opt[float64] `col:"number" doc:"The same as a number."`
	Text          string             `col:"text" phi:"free" doc:"Text that SetString asks for."`
	TransactionID event.Opt[int64]   `col:"transaction_id" doc:"TransactionId, which joins response and reports."`
	State         string             `col:"state" doc:"InvocationState: Wait, Start, Cnclld, CnclldMan, Fin, FinMod, Fail."`
	Error         string             `col:"error" doc:"InvocationError: Unspec, Unkn, Inv, Oth."`
	Source        string             `col:"source" doc:"InvocationSource of a report: who asked, as root^extension; AnonymousSdcParticipant without certificates."`
}

// Context is where a device is and whom it serves.
type Context struct {
	ParentSeq   int64            `col:"parent_seq" doc:"seq of the message's row in sdc."`
	Provider    string           `col:"provider" doc:"Which side of the flow is the provider: client or server."`
	SequenceID  string           `col:"sequence_id" doc:"SequenceId of the MDIB."`
	MdibVersion event.Opt[int64] `col:"mdib_version" doc:"MdibVersion."`
	Proposed    bool             `col:"proposed" doc:"A consumer asks for it (SetContextState); else the device reports it."`
	Kind        string           `col:"kind" doc:"Patient, Location, Ensemble, Operator, Workflow, Means."`
	Descriptor  string           `col:"descriptor" doc:"Handle of its descriptor."`
	Handle      string           `col:"handle" doc:"Handle of this context."`
	Association string           `col:"association" doc:"ContextAssociation: Assoc, Pre, Dis, No."`
	PatientID   string           `col:"patient_id" phi:"id" doc:"Identification of a patient: extension of the first."`
	IDRoot      string           `col:"id_root" doc:"Who gave that identifier."`
	PatientName string           `col:"patient_name" phi:"name" doc:"Family^given."`
	BirthDate   string           `col:"birth_date" phi:"birth" doc:"DateOfBirth."`
	Sex         string           `col:"sex" doc:"Sex: M, F, Unkn, Unspec."`
	PatientType string           `col:"patient_type" doc:"Ad, Ado, Ped, Inf, Neo, Oth, Unspec."`
	Facility    string           `col:"facility" doc:"Facility of a location."`
	Building    string           `col:"building" doc:"Building."`
	Floor       string           `col:"floor" doc:"Floor."`
	PointOfCare string           `col:"point_of_care" doc:"Point of care."`
	Room        string           `col:"room" doc:"Room."`
	Bed         string           `col:"bed" doc:"Bed."`
}

var (
	messages    = event.New[Message]("sdc", "ISO/IEEE 11073 SDC: SOAP messages of devices and their consumers.")
	devices     = event.New[Device]("sdc_device", "What SDC devices say of themselves.")
	descriptors = event.New[Descriptor]("sdc_descriptor", "Descriptions of SDC devices: what a handle means.")
	states      = event.New[State]("sdc_state", "States that SDC devices report, or that consumers ask for.")
	operations  = event.New[Operation]("sdc_operation", "Remote operations on SDC devices: asked for, answered, reported on.")
	contexts    = event.New[Context]("sdc_context", "Patients and places that SDC devices are associated with.")
)
