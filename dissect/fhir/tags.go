package fhir

// types are the resources of FHIR DSTU2 to R5 (the lists of resources of each release).
var types = set(`Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AllergyIntolerance Appointment
	AppointmentResponse ArtifactAssessment AuditEvent Basic Binary BiologicallyDerivedProduct BiologicallyDerivedProductDispense BodySite
	BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition Citation Claim ClaimResponse
	ClinicalImpression ClinicalUseDefinition CodeSystem Communication CommunicationRequest CompartmentDefinition Composition ConceptMap
	Condition ConditionDefinition Conformance Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue
	Device DeviceAlert DeviceAssociation DeviceComponent DeviceDefinition DeviceDispense DeviceMetric DeviceRequest DeviceUsage
	DeviceUseRequest DeviceUseStatement DiagnosticOrder DiagnosticReport DocumentManifest DocumentReference EligibilityRequest
	EligibilityResponse Encounter EncounterHistory Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
	EvidenceReport EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag FormularyItem GenomicStudy Goal
	GraphDefinition Group GuidanceResponse HealthcareService ImagingManifest ImagingObjectSelection ImagingSelection ImagingStudy
	Immunization ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide Ingredient InsurancePlan InventoryItem
	InventoryReport Invoice Library Linkage List Location ManufacturedItemDefinition Measure MeasureReport Media Medication
	MedicationAdministration MedicationDispense MedicationKnowledge MedicationOrder MedicationRequest MedicationStatement
	MedicinalProductDefinition MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionIntake NutritionOrder
	NutritionProduct Observation ObservationDefinition OperationDefinition OperationOutcome Order OrderResponse Organization
	OrganizationAffiliation PackagedProductDefinition Parameters Patient PaymentNotice PaymentReconciliation Permission Person
	PlanDefinition Practitioner PractitionerRole Procedure ProcedureRequest ProcessRequest ProcessResponse Provenance Questionnaire
	QuestionnaireResponse ReferralRequest RegulatedAuthorization RelatedPerson RequestGroup RequestOrchestration Requirements
	ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment Schedule SearchParameter Sequence
	ServiceDefinition ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus
	SubscriptionTopic Substance SubstanceDefinition SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
	SubstanceSourceMaterial SupplyDelivery SupplyRequest Task TerminologyCapabilities TestPlan TestReport TestScript Transport ValueSet
	VerificationResult VisionPrescription`)

// control are search parameters that say how results are shown, not which: FHIR R5 3.2.1.7.
var control = set(`_count _sort _include _revinclude _summary _elements _format _pretty _total _contained _containedType _getpages
	_getpagesoffset _bundletype _score _graph _maxresults _page _offset page ct _outputFormat _typeFilter includeAssociatedData`)

// systems are the coding systems that have a short name (HL7 table 0396).
var systems = map[string]string{
	"http://loinc.org":                             "LN",
	"http://snomed.info/sct":                       "SCT",
	"urn:iso:std:iso:11073:10101":                  "MDC",
	"http://www.nlm.nih.gov/research/umls/rxnorm":  "RxNorm",
	"http://hl7.org/fhir/sid/ndc":                  "NDC",
	"http://hl7.org/fhir/sid/icd-10":               "I10",
	"http://www.whocc.no/atc":                      "ATC",
	"http://fhir.de/CodeSystem/bfarm/atc":          "ATC",
	"http://dicom.nema.org/resources/ontology/DCM": "DCM",
}

// ucum is the system of units whose code is UCUM.
const ucum = "http://unitsofmeasure.org"

// smartWords are scopes that only SMART has.
var smartWords = []string{"patient/", "user/", "system/", "launch", "fhirUser", "patient%2F", "user%2F", "system%2F"}
