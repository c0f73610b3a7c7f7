package dicom

import (
	"fmt"
	"strings"

	"wardtrace/dissect"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
)

// oddity is a kind of anomaly row.
type oddity uint8

const (
	oddPDULength oddity = iota
	oddUnknownPDU
	oddOverMaximum
	oddPDVLength
	oddContext
	oddInterleaved
	oddOrphan
	oddAssociate
	oddSecondAssociate
	oddLostStep
	oddCommand
	oddEncoding
	oddDataset
	oddities
)

var oddityNames = [oddities]string{"dicom_bad_pdu_length", "dicom_unknown_pdu", "dicom_pdu_over_maximum",
	"dicom_bad_fragment", "dicom_unknown_context", "dicom_unfinished_message", "dicom_unexpected_dataset",
	"dicom_bad_associate", "dicom_second_associate", "dicom_lost_step", "dicom_bad_command", "dicom_encoding_differs",
	"dicom_bad_dataset"}

// anomaly notes an irregularity; the last that an association may have of its kind says so.
func (d *dissector) anomaly(out *event.Batch, ref event.Ref, kind oddity, count int64, detail string) {
	if a := d.assoc; a != nil {
		a.noted[kind]++
		if a.noted[kind] > maxAnomalies {
			return
		}
		if a.noted[kind] == maxAnomalies {
			detail += "; more of this kind in the association are not listed"
		}
	}
	dissect.Anomaly(out, ref, Protocol.Name, oddityNames[kind], count, detail)
}

// finish ends the association and writes its rows.
func (d *dissector) finish(out *event.Batch) {
	a := d.assoc
	if a == nil {
		return
	}
	for i := range d.half {
		h := &d.half[i]
		if h.msg != nil {
			h.msg.lost = true
			d.emit(h.msg, out)
			h.msg = nil
		}
		h.spoke = false
	}
	a.conclude()
	seq := associations.Emit(out, a.ref, a.row)
	for _, id := range a.order {
		x := a.context[id]
		row := PresentationContext{ParentSeq: int64(seq), ContextID: int64(id), SOPClass: x.abstract,
			SOPClassName: dataset.Name(x.abstract), Syntaxes: x.syntaxes, TransferSyntax: x.syntax}
		if x.answered {
			row.Result = x.result.String()
		}
		contexts.Emit(out, a.ref, row)
	}
	for _, n := range a.agreed {
		n.ParentSeq = int64(seq)
		negotiations.Emit(out, a.ref, n)
	}
	for _, t := range a.transfers {
		d.emitTransfer(t, out)
	}
	d.identify(a, out)
	d.assoc = nil
}

// conclude fills the columns that are known only in the end.
func (a *association) conclude() {
	r := &a.row
	switch {
	case r.Result == "" && a.asked && r.Messages > 0: // nobody sends messages unless accepted: the answer was not captured
		r.Result = "accepted"
	case r.Result == "" && (a.asked || a.early):
		r.Result = "unanswered"
	}
	if r.Ended == "" && r.Result != "rejected" {
		r.Ended = "cut"
	}
	if a.known {
		r.Requestor = a.requestor.String()
		r.CallingMaxPDU, r.CalledMaxPDU = a.max[a.requestor], a.max[a.requestor.Other()]
	}
	verification := len(a.order) > 0
	for _, id := range a.order {
		x := a.context[id]
		if len(x.syntaxes) > 0 || x.abstract != "" {
			r.ContextsProposed++
		}
		verification = verification && x.abstract == "1.2.840.10008.1.1"
		r.SOPClasses = addNew(r.SOPClasses, x.abstract)
		r.SOPClassNames = addNew(r.SOPClassNames, nameOf(x.abstract))
		for _, s := range x.syntaxes {
			r.ProposedSyntaxes = addNew(r.ProposedSyntaxes, s)
		}
		if x.answered && x.result == 0 {
			r.ContextsAccepted++
			r.AcceptedSyntaxes = addNew(r.AcceptedSyntaxes, x.syntax)
			r.AcceptedClassNames = addNew(r.AcceptedClassNames, nameOf(x.abstract))
		}
	}
	r.VerificationOnly = verification
}

func addNew(list []string, s string) []string {
	if s == "" || len(list) >= maxListed {
		return list
	}
	for _, x := range list {
		if x == s {
			return list
		}
	}
	return append(list, s)
}

// emit writes a message and its data set.
func (d *dissector) emit(m *message, out *event.Batch) {
	a, c := d.assoc, &m.command
	a.row.Messages++
	if m.dir == dissect.FromClient {
		a.row.ClientDatasetBytes += m.bytes
	} else {
		a.row.ServerDatasetBytes += m.bytes
	}
	row := Message{AssociationSeq: a.row.AssociationSeq, Started: m.started, Dir: m.dir.String(), CallingAE: a.row.CallingAE,
		CalledAE: a.row.CalledAE, ContextID: int64(m.ctx), SOPClass: c.class, SOPInstance: c.instance, Priority: c.priority,
		MoveDestination: c.moveDest, MoveOriginatorAE: c.originator, MoveOriginatorID: c.originID, Remaining: c.remaining,
		Completed: c.completed, Failed: c.failed, Warning: c.warning, Matches: c.matches, EventType: c.eventType,
		ActionType: c.actionType, Attributes: c.attributes, Offending: c.offending, ErrorComment: c.comment, ErrorID: c.errorID,
		HasDataset: m.obj != nil || m.orphan, DatasetBytes: m.bytes, Fragments: m.fragments, Complete: m.done && !m.lost && !m.orphan,
		InvalidUID: c.invalidUID, PathCharacters: c.path}
	if row.SOPClass == "" {
		row.SOPClass = a.abstract(m.ctx)
	}
	row.SOPClassName = dataset.Name(row.SOPClass)
	if c.field != 0 {
		row.Command, row.MessageID = c.field.String(), int64(c.messageID)
		if c.field&response != 0 || c.field == cCancel {
			row.MessageID = int64(c.respondedTo)
		}
		if c.field&response != 0 {
			row.Status, row.StatusCategory, row.StatusMeaning = c.status.String(), c.status.category(), c.status.meaning()
		}
	}
	row.Operation, row.CausedBy = operation(c, row.SOPClass), m.causedBy
	seq := messages.Emit(out, m.ref, row)
	if m.obj != nil && m.obj.Bytes > 0 {
		d.emitDataset(m, &row, seq, out)
	}
	m.keep.close(m.done && !m.lost)
	if c.field == cStore {
		d.moved(m, seq, out)
	}
	a.act(m)
}

func (d *dissector) emitDataset(m *message, msg *Message, seq uint32, out *event.Batch) {
	a, o := d.assoc, m.obj
	o.Finish()
	row := datasetRow(o)
	row.ParentSeq, row.AssociationSeq, row.Dir = int64(seq), a.row.AssociationSeq, msg.Dir
	row.Command, row.MessageID, row.Kind = msg.Command, msg.MessageID, kindOf(m.command.field)
	row.TransferSyntax = a.syntax(m.ctx)
	row.Complete = msg.Complete && o.Fault == dataset.NoFault
	if row.SOPInstance == "" && m.command.field == cStore {
		row.SOPInstance = m.command.instance
	}
	own := int64(datasets.Emit(out, m.ref, row))
	for _, id := range o.OtherIDs {
		otherIDs.Emit(out, m.ref, OtherID{ParentSeq: own, PatientID: id})
	}
	for _, r := range o.References {
		ref := Reference{ParentSeq: own, List: r.Within.Keyword(), SOPClass: r.Class, SOPClassName: dataset.Name(r.Class), SOPInstance: r.Instance}
		if r.Reason != 0 {
			ref.FailureReason, ref.FailureText = status(r.Reason).String(), status(r.Reason).commitment()
		}
		references.Emit(out, m.ref, ref)
	}
	if o.Differs {
		d.anomaly(out, m.ref, oddEncoding, int64(m.ctx), "a data set is encoded otherwise than its presentation context says: read as "+row.Encoding)
	}
	if o.Fault != dataset.NoFault && o.LostBytes == 0 && m.done {
		d.anomaly(out, m.ref, oddDataset, o.Bytes, fmt.Sprintf("a data set that cannot be read to its end: %s", o.Fault))
	}
}

func kindOf(f commandField) string {
	switch f {
	case cStore:
		return "object"
	case cFind:
		return "query"
	case cFind | response:
		return "match"
	case cMove, cGet:
		return "retrieve"
	}
	return "attributes"
}

// datasetRow copies what was gathered.
func datasetRow(o *dataset.Object) Dataset {
	row := Dataset{
		PatientID: o.PatientID, PatientIssuer: o.PatientIssuer, OtherPatientIDs: o.OtherPatientIDs, PatientName: o.PatientName,
		BirthDate: o.BirthDate, Sex: o.Sex, PatientAddress: o.PatientAddress, PatientTel: o.PatientTel, Accession: o.Accession,
		RequestedProcedure: o.RequestedProcedure, AdmissionID: o.AdmissionID, ReferringPhysician: o.ReferringPhysician,
		PerformingPhysician: o.PerformingPhysician, Operator: o.Operator, PatientFields: o.PatientFields,
		IdentityRemoved: o.IdentityRemoved, BurnedIn: o.BurnedIn, StudyUID: o.StudyUID, SeriesUID: o.SeriesUID, SOPClass: o.SOPClass,
		SOPInstance: o.SOPInstance, Modality: either(o.Modality, o.ModalitiesInStudy), BodyPart: o.BodyPart,
		StudyDate: either(o.StudyDate, o.ScheduledDate), StudyTime: o.StudyTime, StudyDescription: o.StudyDescription,
		SeriesDescription: o.SeriesDescription, SeriesNumber: o.SeriesNumber, InstanceNumber: o.InstanceNumber, ImageType: o.ImageType,
		Manufacturer: o.Manufacturer, Model: o.Model, Serial: o.Serial, DeviceUID: o.DeviceUID, Software: o.Software,
		StationName: either(o.StationName, o.PerformedStationName), StationAE: either(o.PerformedStationAE, o.ScheduledStationAE),
		Institution: o.Institution, Department: o.Department, StepStatus: either(o.StepStatus, o.StateOfProcedure),
		RetrieveAE: o.RetrieveAE, QueryLevel: o.QueryLevel, CharacterSet: o.Charset, CharacterSetGuessed: o.CharsetGuessed,
		Photometric: o.Photometric, PixelBytes: o.PixelBytes, PixelDigest: o.PixelDigest, ContentDigest: o.ContentDigest,
		ConceptCode: o.ConceptCode, ConceptScheme: o.ConceptScheme, ConceptMeaning: o.ConceptMeaning, DocumentTitle: o.DocumentTitle,
		Observer: o.Observer, CompletionFlag: o.CompletionFlag, VerificationFlag: o.VerificationFlag, VerifiedAt: o.VerifiedAt,
		DocumentType: o.DocumentType, DocumentFormat: o.DocumentFormat, PixelFragments: int64(o.PixelFragments),
		OtherIDCount: int64(len(o.OtherIDs)), TransactionUID: o.TransactionUID, StepLabel: o.StepLabel, ReceivingAE: o.ReceivingAE,
		DeletionLock: o.DeletionLock, Copies: o.Copies, FilmDestination: o.FilmDestination, FilmSize: o.FilmSize,
		DisplayFormat: o.DisplayFormat, ImagePosition: some(o.ImagePosition), PrintStatus: o.PrintStatus,
		PrivateCreators: o.PrivateCreators, UnknownVRs: int64(o.UnknownVRs),
		DocumentBytes: o.DocumentBytes, Foreign: o.Foreign, Executable: o.Executable,
		Referenced: int64(o.Referenced), Failed: int64(o.Failed), Elements: int64(o.Elements), PrivateElements: int64(o.PrivateElements),
		InvalidUID: o.InvalidUID, PathCharacters: o.PathCharacters, ActiveText: o.ActiveText, DatasetBytes: o.Bytes,
		LostBytes: o.LostBytes, Fault: o.Fault.String(), Encoding: encoding(o),
		Rows: some(o.Rows), Columns: some(o.Columns), BitsAllocated: some(o.BitsAllocated), BitsStored: some(o.BitsStored),
		Samples: some(o.Samples), Frames: some(o.Frames),
	}
	if row.StudyCount = int64(len(o.StudyUIDs)); row.StudyCount == 0 && o.StudyUID != "" {
		row.StudyCount = 1
	}
	if k := &o.Keys; k.Count > 0 {
		row.Wildcard, row.Unrestricted, row.KeysNarrowing = k.Wildcard, k.Narrowing == 0, int64(k.Narrowing)
		row.Keys, row.RangeDays, row.OpenRange = strings.Join(k.Named, " "), some(k.Days), k.OpenRange
	}
	return row
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func some(n int64) event.Opt[int64] { return event.Opt[int64]{V: n, OK: n != 0} }

func encoding(o *dataset.Object) string {
	s := o.Syntax()
	w := "explicit_le"
	switch {
	case s.Implicit:
		w = "implicit_le"
	case s.BigEndian:
		w = "explicit_be"
	}
	if o.Deflated {
		w = "deflated_" + w
	}
	return w
}
