package fhir

import "wardtrace/dissect/event"

// Interaction is one exchange with a FHIR server, or one message that holds a resource.
type Interaction struct {
	TransDepth     int64            `col:"trans_depth" doc:"Number of the request on its connection, as in http; 0 for what did not come by HTTP."`
	Interaction    string           `col:"interaction" doc:"What was asked, in FHIR's words: read, vread, search-type, search-system, create, update, patch, delete, history-instance, history-type, history-system, transaction, batch, operation, capabilities; bulk-file for a file of an export, smart-configuration, authorize and token for SMART, message for a resource by itself."`
	Operation      string           `col:"operation" doc:"Name of the operation with its dollar sign: $everything, $export."`
	ResourceType   string           `col:"resource_type" doc:"Type of resource that the request is about."`
	ResourceID     string           `col:"resource_id" phi:"id" doc:"Logical id of that resource; business identifiers such as an MRN are in patient_id."`
	VersionID      string           `col:"version_id" doc:"Version asked for."`
	Compartment    string           `col:"compartment" doc:"Type of the compartment searched: Patient in Patient/1/Observation."`
	CompartmentID  string           `col:"compartment_id" phi:"id" doc:"Logical id of the compartment."`
	Base           string           `col:"base" doc:"Path of the server's base."`
	PatientID      string           `col:"patient_id" phi:"id" doc:"Business identifier (MRN) of the patient it is about, if one patient alone is named: it joins with other protocols."`
	PatientRef     string           `col:"patient_ref" phi:"id" doc:"Logical id of that patient on this server."`
	SearchKeys     []string         `col:"search_keys" doc:"Names of the search parameters, modifiers included."`
	Search         string           `col:"search" phi:"free" doc:"The parameters as sent, of the query or of the body of _search."`
	Count          event.Opt[int64] `col:"count_asked" doc:"_count of the request."`
	Unfiltered     bool             `col:"unfiltered" doc:"A search that names no criterion: everything of that type."`
	Format         string           `col:"format" doc:"Form of the bodies: json, xml, ndjson, form."`
	FHIRVersion    string           `col:"fhir_version" doc:"Version that a media type or capability statement names."`
	Status         event.Opt[int64] `col:"status" doc:"HTTP status of the response."`
	RequestBundle  string           `col:"request_bundle" doc:"Type of the bundle sent: transaction, batch, message, document, ..."`
	ResponseBundle string           `col:"response_bundle" doc:"Type of the bundle received: searchset, history, transaction-response, ..."`
	Total          event.Opt[int64] `col:"total" doc:"Bundle.total: matches on the server, as it says."`
	Entries        int64            `col:"entries" doc:"Entries of the bundle received."`
	Sent           int64            `col:"resources_sent" doc:"Resources in the request."`
	Received       int64            `col:"resources_received" doc:"Resources in the response."`
	Patients       int64            `col:"patients" doc:"Different patients that the response names."`
	More           bool             `col:"more" doc:"The bundle has a link to a next page."`
	AuthScheme     string           `col:"auth_scheme" doc:"Scheme of the Authorization header, lower case; NULL if there was none."`
	TokenIssuer    string           `col:"token_issuer" doc:"iss of a bearer token that is a JWT."`
	TokenAudience  string           `col:"token_audience" doc:"aud of that token."`
	TokenClient    string           `col:"token_client" doc:"client_id or azp of that token."`
	TokenSubject   string           `col:"token_subject" phi:"id" doc:"sub of that token."`
	TokenUser      string           `col:"token_user" phi:"id" doc:"fhirUser of that token."`
	TokenPatient   string           `col:"token_patient" phi:"id" doc:"Logical id of the patient in that token's launch context."`
	TokenScopes    []string         `col:"token_scopes" doc:"Scopes of that token."`
	TokenExpires   event.Time       `col:"token_expires" doc:"exp of that token."`
	KeyInQuery     bool             `col:"key_in_query" doc:"A token or key is in the query."`
	Severity       string           `col:"outcome_severity" doc:"Worst severity of an OperationOutcome received: fatal, error, warning, information."`
	Outcome        string           `col:"outcome_code" doc:"Code of that issue: not-found, forbidden, invalid, ..."`
	Diagnostics    string           `col:"outcome_text" phi:"free" doc:"Its text."`
	Entities       bool             `col:"document_type" doc:"A body in XML declares a document type: external entities."`
	RequestWhole   bool             `col:"request_complete" doc:"All of the request's body was read."`
	ResponseWhole  bool             `col:"response_complete" doc:"All of the response's body was read."`
}

// Resource is one resource in a body, alone or as an entry.
type Resource struct {
	ParentSeq   int64           `col:"parent_seq" doc:"seq of the interaction."`
	Dir         string          `col:"dir" doc:"Who sent it: client or server."`
	Entry       int64           `col:"entry" doc:"Number of the entry or line, from 1; 0 if the resource is the body."`
	EntryMethod string          `col:"entry_method" doc:"Method of an entry of a batch or transaction."`
	EntryStatus string          `col:"entry_status" doc:"Status of an entry of an answer to one."`
	Type        string          `col:"resource_type" doc:"Type of the resource."`
	ID          string          `col:"resource_id" phi:"id" doc:"Logical id."`
	VersionID   string          `col:"version_id" doc:"meta.versionId."`
	Updated     event.Time      `col:"last_updated" doc:"meta.lastUpdated."`
	Status      string          `col:"status" doc:"Its status."`
	PatientID   string          `col:"patient_id" phi:"id" doc:"Business identifier (MRN) of the patient: of the resource, of the reference, or of the Patient resource on the same connection that it refers to."`
	PatientRef  string          `col:"patient_ref" phi:"id" doc:"Logical id of the patient."`
	PatientName string          `col:"patient_name" phi:"name" doc:"Name of the patient, family^given."`
	BirthDate   string          `col:"birth_date" phi:"birth" doc:"Birth date of the patient."`
	Identifiers int64           `col:"identifiers" doc:"Number of business identifiers it has."`
	Code        string          `col:"code" doc:"Its code, type or class, the first coding."`
	System      string          `col:"coding_system" doc:"LN (LOINC), SCT, MDC, RxNorm, ..., or the system's URI."`
	Display     string          `col:"display" doc:"What the coding says in words."`
	Device      string          `col:"device" doc:"Device that it refers to: identifier, display, or reference."`
	Components  int64           `col:"components" doc:"Components of an Observation."`
	Endpoint    string          `col:"endpoint" doc:"Where a Subscription sends to, or an Endpoint is, or an attachment is to be fetched from: without query."`
	Attachments int64           `col:"attachments" doc:"Attachments and binary contents in it."`
	Large       bool            `col:"cut" doc:"It was larger than what is kept of a resource."`
	Active      event.Opt[bool] `col:"active" doc:"active of the resource, if it says so."`
}

// Device is a Device resource: equipment as a FHIR server knows it.
type Device struct {
	ParentSeq    int64  `col:"parent_seq" doc:"seq of the row in fhir_resource."`
	UDI          string `col:"udi" doc:"Unique device identifier: the carrier in human readable form."`
	DI           string `col:"udi_di" doc:"Device identifier, the fixed part of the UDI."`
	Manufacturer string `col:"manufacturer" doc:"Manufacturer."`
	Model        string `col:"model" doc:"Model number."`
	Name         string `col:"name" doc:"Name of the device."`
	Serial       string `col:"serial" doc:"Serial number."`
	Lot          string `col:"lot" doc:"Lot number."`
	Version      string `col:"version" doc:"Version, of the software or the device."`
	Type         string `col:"type" doc:"Type, the first coding or text."`
	Identifier   string `col:"identifier" doc:"First business identifier."`
	Status       string `col:"status" doc:"active, inactive, entered-in-error."`
	URL          string `col:"url" doc:"Network address that it is reached at."`
}

// Capability is what a server says of itself.
type Capability struct {
	ParentSeq   int64    `col:"parent_seq" doc:"seq of the row in fhir_resource."`
	Software    string   `col:"software" doc:"Name of the software."`
	Version     string   `col:"version" doc:"Its version."`
	Released    string   `col:"released" doc:"Its release date, as sent."`
	Publisher   string   `col:"publisher" doc:"Publisher of the statement."`
	Description string   `col:"implementation" doc:"Description of the installation."`
	URL         string   `col:"url" doc:"Base address of the installation, as it says."`
	FHIRVersion string   `col:"fhir_version" doc:"Version of FHIR."`
	Formats     []string `col:"formats" doc:"Formats."`
	Security    []string `col:"security" doc:"Security services; empty if none is declared."`
	CORS        bool     `col:"cors" doc:"Says that it allows cross-origin requests."`
	Resources   []string `col:"resources" doc:"Types of resource it serves."`
	Operations  []string `col:"operations" doc:"Operations it offers."`
}

// Smart is a step of SMART App Launch: discovery, authorization, token.
type Smart struct {
	ParentSeq    int64            `col:"parent_seq" doc:"seq of the interaction."`
	Step         string           `col:"step" doc:"configuration, authorize or token."`
	GrantType    string           `col:"grant_type" doc:"authorization_code, refresh_token, client_credentials, ..."`
	ResponseType string           `col:"response_type" doc:"code; token is the implicit flow."`
	ClientID     string           `col:"client_id" doc:"Application."`
	Scopes       []string         `col:"scopes" doc:"Scopes given, or asked for if the answer names none."`
	Redirect     string           `col:"redirect_uri" doc:"Where the browser is sent back to, without query."`
	Audience     string           `col:"audience" doc:"FHIR server that the token is for."`
	Launch       bool             `col:"launch" doc:"Launched from the EHR: a launch parameter."`
	PKCE         string           `col:"pkce" doc:"Method of the code challenge, verifier for the proof; NULL without PKCE."`
	Assertion    bool             `col:"client_assertion" doc:"The client proves itself with a signed JWT."`
	Secret       bool             `col:"client_secret" doc:"A client secret or password crossed in clear."`
	TokenLen     event.Opt[int64] `col:"token_len" doc:"Length of the access token that was given, at most 1,024."`
	Refresh      bool             `col:"refresh_token" doc:"A refresh token crossed in clear."`
	ExpiresIn    event.Opt[int64] `col:"expires_in" doc:"Seconds that the access token is good for."`
	PatientRef   string           `col:"patient_ref" phi:"id" doc:"Logical id of the patient in context."`
	Error        string           `col:"error" doc:"Error code of OAuth."`
	AuthorizeURL string           `col:"authorization_endpoint" doc:"Where users authorize, as the configuration says."`
	TokenURL     string           `col:"token_endpoint" doc:"Where tokens are given, as the configuration says."`
	Capabilities []string         `col:"capabilities" doc:"Capabilities of the configuration."`
}

var (
	interactions = event.New[Interaction]("fhir", "Exchanges with FHIR servers, and resources that came by other ways.")
	resources    = event.New[Resource]("fhir_resource", "Resources in requests, responses and messages.")
	devices      = event.New[Device]("fhir_device", "Equipment as Device resources describe it.")
	capabilities = event.New[Capability]("fhir_capability", "What FHIR servers say of themselves: software, version, security.")
	smarts       = event.New[Smart]("fhir_smart", "Steps of SMART App Launch that crossed in clear.")
)
