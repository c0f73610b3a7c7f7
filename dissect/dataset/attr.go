package dataset

// Attr are values of a data set's top level as UTF-8, without padding; empty where the data set has none.
type Attr struct {
	SOPClass, SOPInstance, StudyUID, SeriesUID               string
	StudyUIDs                                                []string // valid iff (0020,000D) is a list
	PatientID, PatientIssuer, OtherPatientIDs                string
	OtherIDs                                                 []string // patient IDs beside PatientID: (0010,1000), (0010,1002), (0010,0020) of a list
	PatientName, BirthDate, Sex, PatientAddress, PatientTel  string
	Accession, StudyID, RequestedProcedure, AdmissionID      string
	StudyDate, StudyTime, StudyDescription                   string
	SeriesDescription, Modality, ModalitiesInStudy, BodyPart string
	SeriesNumber, InstanceNumber                             string
	Manufacturer, Model, Serial, DeviceUID, Software         string
	StationName, PerformedStationName, PerformedStationAE    string
	ScheduledStationAE, ScheduledDate                        string
	Institution, Department                                  string
	ReferringPhysician, PerformingPhysician, Operator        string
	QueryLevel, RetrieveAE, Availability                     string
	StepStatus, StateOfProcedure                             string // MPPS (0040,0252), UPS (0074,1000)
	IdentityRemoved, BurnedIn                                string // (0012,0062), (0028,0301)
	DocumentType, DocumentTitle                              string // (0042,0012), (0042,0010)
	PlanLabel, Photometric, ImageType, CompletionFlag        string
	VerificationFlag, FailedUIDs, FrameCount                 string
	ConceptCode, ConceptScheme, ConceptMeaning               string   // document title of a report (0040,A043)
	Observer, VerifiedAt                                     string   // who verified a report, else who wrote it
	TransactionUID, ReceivingAE, DeletionLock, StepLabel     string   // of commitments and unified procedure steps
	Copies, FilmDestination, FilmSize, DisplayFormat         string   // of prints
	PrintStatus                                              string   // (2100,0020) of a job, (2110,0010) of a printer
	PrivateCreators                                          []string // (gggg,0010-00FF) of odd groups, each once
	ImagePosition                                            int64    // (2020,0010)
	Rows, Columns, BitsAllocated, BitsStored, Samples        int64
	Frames                                                   int64
}

// fields tell where a text value goes.
var fields = map[Tag]func(*Attr) *string{
	0x00080016: func(a *Attr) *string { return &a.SOPClass },
	0x00080018: func(a *Attr) *string { return &a.SOPInstance },
	0x0020000D: func(a *Attr) *string { return &a.StudyUID },
	0x0020000E: func(a *Attr) *string { return &a.SeriesUID },
	0x00100020: func(a *Attr) *string { return &a.PatientID },
	0x00100021: func(a *Attr) *string { return &a.PatientIssuer },
	0x00100010: func(a *Attr) *string { return &a.PatientName },
	0x00100030: func(a *Attr) *string { return &a.BirthDate },
	0x00100040: func(a *Attr) *string { return &a.Sex },
	0x00101040: func(a *Attr) *string { return &a.PatientAddress },
	0x00102154: func(a *Attr) *string { return &a.PatientTel },
	0x00080050: func(a *Attr) *string { return &a.Accession },
	0x00200010: func(a *Attr) *string { return &a.StudyID },
	0x00401001: func(a *Attr) *string { return &a.RequestedProcedure },
	0x00380010: func(a *Attr) *string { return &a.AdmissionID },
	0x00080020: func(a *Attr) *string { return &a.StudyDate },
	0x00080030: func(a *Attr) *string { return &a.StudyTime },
	0x00081030: func(a *Attr) *string { return &a.StudyDescription },
	0x0008103E: func(a *Attr) *string { return &a.SeriesDescription },
	0x00080060: func(a *Attr) *string { return &a.Modality },
	0x00080061: func(a *Attr) *string { return &a.ModalitiesInStudy },
	0x00180015: func(a *Attr) *string { return &a.BodyPart },
	0x00200011: func(a *Attr) *string { return &a.SeriesNumber },
	0x00200013: func(a *Attr) *string { return &a.InstanceNumber },
	0x00080070: func(a *Attr) *string { return &a.Manufacturer },
	0x00081090: func(a *Attr) *string { return &a.Model },
	0x00181000: func(a *Attr) *string { return &a.Serial },
	0x00181002: func(a *Attr) *string { return &a.DeviceUID },
	0x00181020: func(a *Attr) *string { return &a.Software },
	0x00081010: func(a *Attr) *string { return &a.StationName },
	0x00400242: func(a *Attr) *string { return &a.PerformedStationName },
	0x00400241: func(a *Attr) *string { return &a.PerformedStationAE },
	0x00400001: func(a *Attr) *string { return &a.ScheduledStationAE },
	0x00400002: func(a *Attr) *string { return &a.ScheduledDate },
	0x00080080: func(a *Attr) *string { return &a.Institution },
	0x00081040: func(a *Attr) *string { return &a.Department },
	0x00080090: func(a *Attr) *string { return &a.ReferringPhysician },
	0x00081050: func(a *Attr) *string { return &a.PerformingPhysician },
	0x00400006: func(a *Attr) *string { return &a.PerformingPhysician },
	0x00081070: func(a *Attr) *string { return &a.Operator },
	0x00080052: func(a *Attr) *string { return &a.QueryLevel },
	0x00080054: func(a *Attr) *string { return &a.RetrieveAE },
	0x00080056: func(a *Attr) *string { return &a.Availability },
	0x00400252: func(a *Attr) *string { return &a.StepStatus },
	0x00741000: func(a *Attr) *string { return &a.StateOfProcedure },
	0x00120062: func(a *Attr) *string { return &a.IdentityRemoved },
	0x00280301: func(a *Attr) *string { return &a.BurnedIn },
	0x00420012: func(a *Attr) *string { return &a.DocumentType },
	0x00420010: func(a *Attr) *string { return &a.DocumentTitle },
	0x300A0002: func(a *Attr) *string { return &a.PlanLabel },
	0x00280004: func(a *Attr) *string { return &a.Photometric },
	0x00080008: func(a *Attr) *string { return &a.ImageType },
	0x0040A491: func(a *Attr) *string { return &a.CompletionFlag },
	0x0040A493: func(a *Attr) *string { return &a.VerificationFlag },
	0x00080058: func(a *Attr) *string { return &a.FailedUIDs },
	0x00280008: func(a *Attr) *string { return &a.FrameCount },
	0x00081195: func(a *Attr) *string { return &a.TransactionUID },
	0x00741234: func(a *Attr) *string { return &a.ReceivingAE },
	0x00741230: func(a *Attr) *string { return &a.DeletionLock },
	0x00741204: func(a *Attr) *string { return &a.StepLabel },
	0x20000010: func(a *Attr) *string { return &a.Copies },
	0x20000040: func(a *Attr) *string { return &a.FilmDestination },
	0x20100010: func(a *Attr) *string { return &a.DisplayFormat },
	0x20100050: func(a *Attr) *string { return &a.FilmSize },
	0x21000020: func(a *Attr) *string { return &a.PrintStatus },
	0x21100010: func(a *Attr) *string { return &a.PrintStatus },
}

// numbers tell where a US value goes.
var numbers = map[Tag]func(*Attr) *int64{
	0x00280002: func(a *Attr) *int64 { return &a.Samples },
	0x00280010: func(a *Attr) *int64 { return &a.Rows },
	0x00280011: func(a *Attr) *int64 { return &a.Columns },
	0x00280100: func(a *Attr) *int64 { return &a.BitsAllocated },
	0x00280101: func(a *Attr) *int64 { return &a.BitsStored },
	0x20200010: func(a *Attr) *int64 { return &a.ImagePosition },
}

// phiTags are the elements that identify a patient or those who care for him, at most 64.
var phiTags = []Tag{
	0x00100010, 0x00100020, 0x00100021, 0x00100030, 0x00100032, 0x00100040, 0x00101000, 0x00101001, 0x00101005,
	0x00101010, 0x00101020, 0x00101030, 0x00101040, 0x00101060, 0x00101080, 0x00101090, 0x00102000, 0x00102110,
	0x00102154, 0x00102160, 0x00102180, 0x001021B0, 0x001021C0, 0x00104000, 0x00080050, 0x00080090, 0x00081048,
	0x00081050, 0x00081060, 0x00081070, 0x00081030, 0x0008103E, 0x00321032, 0x00321060, 0x00380010, 0x00380300,
	0x00401001, 0x00402016, 0x00402017, 0x0040A123, 0x00100050,
}

var phiBits = func() map[Tag]int {
	m := make(map[Tag]int, len(phiTags))
	for i, t := range phiTags {
		m[t] = i
	}
	return m
}()
