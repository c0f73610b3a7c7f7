package hl7v3

// interaction is what an interaction id or the first element of a body means.
type interaction struct{ name, transaction string }

// interactions are those of the patient registry (PRPA) that IHE uses, of the wrapper (MCCI, QUQI), and of document sharing.
var interactions = map[string]interaction{
	"ClinicalDocument":  {"clinical document", ""},
	"Fault":             {"SOAP fault", ""},
	"PRPA_IN201301UV02": {"patient registry record added", "ITI-44"},
	"PRPA_IN201302UV02": {"patient registry record revised", "ITI-44"},
	"PRPA_IN201304UV02": {"patient registry duplicates resolved", "ITI-44"},
	"PRPA_IN201305UV02": {"find candidates query", "ITI-47"},
	"PRPA_IN201306UV02": {"find candidates response", "ITI-47"},
	"PRPA_IN201307UV02": {"get demographics query", ""},
	"PRPA_IN201308UV02": {"get demographics response", ""},
	"PRPA_IN201309UV02": {"get identifiers query", "ITI-45"},
	"PRPA_IN201310UV02": {"get identifiers response", "ITI-45"},
	"MCCI_IN000002UV01": {"accept acknowledgement", ""},
	"QUQI_IN000003UV01": {"query continuation", ""},

	"ProvideAndRegisterDocumentSetRequest": {"documents provided to a repository", "ITI-41"},
	"SubmitObjectsRequest":                 {"documents registered", "ITI-42"},
	"RetrieveDocumentSetRequest":           {"documents asked for", "ITI-43"},
	"RetrieveDocumentSetResponse":          {"documents returned", "ITI-43"},
	"AdhocQueryRequest":                    {"registry asked", "ITI-18"},
	"AdhocQueryResponse":                   {"registry's answer", "ITI-18"},
	"RemoveObjectsRequest":                 {"documents' metadata deleted", "ITI-62"},
	"RegistryResponse":                     {"registry's acknowledgement", ""},
}

// actions are the last parts of SOAP actions, which tell transactions apart whose bodies are the same.
var actions = map[string]string{
	"ProvideAndRegisterDocumentSet-b": "ITI-41", "RegisterDocumentSet-b": "ITI-42", "RetrieveDocumentSet": "ITI-43", "RegistryStoredQuery": "ITI-18",
	"CrossGatewayQuery": "ITI-38", "CrossGatewayRetrieve": "ITI-39", "CrossGatewayPatientDiscovery": "ITI-55", "UpdateDocumentSet": "ITI-57",
	"DeleteDocumentSet": "ITI-62", "RemoveDocuments": "ITI-86", "PRPA_IN201301UV02": "ITI-44", "PRPA_IN201302UV02": "ITI-44",
	"PRPA_IN201304UV02": "ITI-44", "PRPA_IN201309UV02": "ITI-45",
}

// storedQueries are the registry's queries (ITI TF-2 3.18.4.1.2.4) that are asked most.
var storedQueries = map[string]string{
	"urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d": "FindDocuments",
	"urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9": "FindSubmissionSets",
	"urn:uuid:958f3006-baad-4929-a4de-ff1114824431": "FindFolders",
	"urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3": "GetAll",
	"urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4": "GetDocuments",
}
