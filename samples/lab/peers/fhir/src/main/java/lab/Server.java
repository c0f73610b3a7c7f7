package lab;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.annotation.*;
import ca.uhn.fhir.rest.api.*;
import ca.uhn.fhir.rest.api.server.*;
import ca.uhn.fhir.rest.param.*;
import ca.uhn.fhir.rest.server.*;
import ca.uhn.fhir.rest.server.exceptions.*;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.ee10.servlet.*;
import org.hl7.fhir.instance.model.api.*;
import org.hl7.fhir.r4.model.*;

/** A FHIR R4 server in memory: HAPI's plain server in Jetty. */
public class Server {
  static final Map<String, Map<String, Resource>> STORE = new ConcurrentHashMap<>();
  static long next = 1000;

  static Map<String, Resource> of(Class<? extends Resource> type) {
    return STORE.computeIfAbsent(type.getSimpleName(), k -> Collections.synchronizedMap(new LinkedHashMap<>()));
  }

  static synchronized String store(Resource r, String id) {
    Map<String, Resource> all = of(r.getClass());
    Resource old = id == null ? null : all.get(id);
    if (id == null) id = Long.toString(next++);
    int version = old == null ? 1 : Integer.parseInt(old.getMeta().getVersionId()) + 1;
    r.setId(new IdType(r.fhirType(), id, Integer.toString(version)));
    r.getMeta().setVersionId(Integer.toString(version)).setLastUpdated(new Date());
    all.put(id, r);
    return id;
  }

  /** Reads, searches and writes of one type; search by patient, identifier, name and code. */
  public static class Provider<T extends Resource> implements IResourceProvider {
    final Class<T> type;

    Provider(Class<T> type) {
      this.type = type;
    }

    @Override
    public Class<? extends IBaseResource> getResourceType() {
      return type;
    }

    void allow(RequestDetails r) {
      String h = r.getHeader("Authorization");
      if (h != null && h.contains("revoked")) throw new AuthenticationException("token was revoked");
      if (h != null && h.contains("narrow") && type == Patient.class) throw new ForbiddenOperationException("outside of scope");
    }

    @Read(version = true)
    public Resource read(@IdParam IdType id, RequestDetails d) {
      allow(d);
      Resource r = of(type).get(id.getIdPart());
      if (r == null) throw new ResourceNotFoundException(id);
      return r;
    }

    @History
    public List<Resource> history(@IdParam IdType id) {
      Resource r = of(type).get(id.getIdPart());
      if (r == null) throw new ResourceNotFoundException(id);
      return List.of(r);
    }

    @Search
    public List<Resource> search(@OptionalParam(name = "patient") ReferenceParam patient, @OptionalParam(name = "identifier") TokenParam identifier,
        @OptionalParam(name = "name") StringParam name, @OptionalParam(name = "birthdate") DateParam birth, @OptionalParam(name = "code") TokenParam code,
        RequestDetails d) {
      allow(d);
      List<Resource> out = new ArrayList<>();
      for (Resource r : of(type).values()) {
        String text = FhirContext.forR4Cached().newJsonParser().encodeResourceToString(r);
        if (patient != null && !text.contains("Patient/" + patient.getIdPart() + "\"")) continue;
        if (identifier != null && !text.contains("\"" + identifier.getValue() + "\"")) continue;
        if (name != null && !text.toLowerCase().contains(name.getValue().toLowerCase())) continue;
        if (code != null && !text.contains("\"" + code.getValue() + "\"")) continue;
        out.add(r);
      }
      return out;
    }

    @SuppressWarnings("unchecked")
    public MethodOutcome save(IBaseResource r, String id) {
      String kept = store((Resource) r, id);
      MethodOutcome out = new MethodOutcome(((Resource) r).getIdElement(), id == null);
      out.setResource(r);
      return out;
    }
  }

  public static class Patients extends Provider<Patient> {
    Patients() { super(Patient.class); }
    @Create public MethodOutcome create(@ResourceParam Patient p) { return save(p, null); }
    @Update public MethodOutcome update(@IdParam IdType id, @ResourceParam Patient p) { return save(p, id.getIdPart()); }
    @Delete public MethodOutcome delete(@IdParam IdType id) { of(Patient.class).remove(id.getIdPart()); return new MethodOutcome(); }
    @Operation(name = "$everything", idempotent = true, bundleType = ca.uhn.fhir.model.valueset.BundleTypeEnum.SEARCHSET)
    public IBundleProvider everything(@IdParam IdType id) {
      List<IBaseResource> out = new ArrayList<>();
      for (Map<String, Resource> m : STORE.values())
        for (Resource r : m.values()) {
          String text = FhirContext.forR4Cached().newJsonParser().encodeResourceToString(r);
          if (text.contains("Patient/" + id.getIdPart() + "\"") || r instanceof Patient && r.getIdElement().getIdPart().equals(id.getIdPart())) out.add(r);
        }
      return new SimpleBundleProvider(out);
    }
  }

  public static class Observations extends Provider<Observation> {
    Observations() { super(Observation.class); }
    @Create public MethodOutcome create(@ResourceParam Observation o) { return save(o, null); }
  }

  public static class Orders extends Provider<MedicationRequest> {
    Orders() { super(MedicationRequest.class); }
    @Create public MethodOutcome create(@ResourceParam MedicationRequest o) { return save(o, null); }
    @Update public MethodOutcome update(@IdParam IdType id, @ResourceParam MedicationRequest o) { return save(o, id.getIdPart()); }
    @Patch public MethodOutcome patch(@IdParam IdType id, PatchTypeEnum kind, @ResourceParam String body) { return new MethodOutcome(id); }
  }

  public static class Given extends Provider<MedicationAdministration> {
    Given() { super(MedicationAdministration.class); }
    @Create public MethodOutcome create(@ResourceParam MedicationAdministration o) { return save(o, null); }
  }

  public static class Encounters extends Provider<Encounter> {
    Encounters() { super(Encounter.class); }
    @Create public MethodOutcome create(@ResourceParam Encounter e) { return save(e, null); }
    @Update public MethodOutcome update(@IdParam IdType id, @ResourceParam Encounter e) { return save(e, id.getIdPart()); }
  }

  public static class Devices extends Provider<Device> {
    Devices() { super(Device.class); }
    @Create public MethodOutcome create(@ResourceParam Device d) { return save(d, null); }
  }

  public static class Subscriptions extends Provider<Subscription> {
    Subscriptions() { super(Subscription.class); }
    @Create public MethodOutcome create(@ResourceParam Subscription s) { return save(s, null); }
  }

  /** Transactions, and the kick-off of a bulk export. */
  public static class Whole {
    @Transaction
    public Bundle transaction(@TransactionParam Bundle in) {
      Bundle out = new Bundle();
      out.setType(in.getType() == Bundle.BundleType.BATCH ? Bundle.BundleType.BATCHRESPONSE : Bundle.BundleType.TRANSACTIONRESPONSE);
      for (Bundle.BundleEntryComponent e : in.getEntry()) {
        Bundle.BundleEntryComponent o = out.addEntry();
        if (e.hasResource()) {
          String id = e.getRequest().getMethod() == Bundle.HTTPVerb.PUT ? new IdType(e.getRequest().getUrl()).getIdPart() : null;
          id = store(e.getResource(), id);
          o.getResponse().setStatus("201 Created").setLocation(e.getResource().fhirType() + "/" + id + "/_history/1");
        } else {
          IdType id = new IdType(e.getRequest().getUrl());
          Resource r = STORE.getOrDefault(id.getResourceType(), Map.of()).get(id.getIdPart());
          if (r != null) o.setResource(r);
          o.getResponse().setStatus(r == null ? "404 Not Found" : "200 OK");
        }
      }
      return out;
    }

    @Operation(name = "$export", idempotent = true, manualResponse = true)
    public void export(jakarta.servlet.http.HttpServletRequest q, jakarta.servlet.http.HttpServletResponse a) throws java.io.IOException {
      a.setStatus(202);
      a.setHeader("Content-Location", q.getRequestURL().toString().replace("$export", "$export-poll-status") + "?_jobId=1");
    }

    @Operation(name = "$export-poll-status", idempotent = true, manualResponse = true)
    public void poll(jakarta.servlet.http.HttpServletRequest q, jakarta.servlet.http.HttpServletResponse a) throws java.io.IOException {
      a.setContentType("application/json");
      String file = q.getRequestURL().toString().replaceAll("/fhir/.*", "/bulk/Patient.ndjson");
      a.getWriter().print("{\"transactionTime\":\"2026-03-01T08:00:00Z\",\"requiresAccessToken\":true,\"output\":[{\"type\":\"Patient\",\"url\":\"" + file + "\"}],\"error\":[]}");
    }
  }

  /** Files of an export, and SMART's discovery and token endpoint. */
  public static class Beside extends jakarta.servlet.http.HttpServlet {
    @Override
    protected void service(jakarta.servlet.http.HttpServletRequest q, jakarta.servlet.http.HttpServletResponse a) throws java.io.IOException {
      String path = q.getRequestURI();
      String base = q.getRequestURL().toString().replaceAll("(https?://[^/]+)/.*", "$1");
      a.setContentType("application/json");
      if (path.endsWith("smart-configuration")) {
        a.getWriter().print("{\"authorization_endpoint\":\"" + base + "/auth/authorize\",\"token_endpoint\":\"" + base + "/auth/token\",\"grant_types_supported\":[\"authorization_code\",\"client_credentials\"],"
            + "\"scopes_supported\":[\"openid\",\"launch\",\"patient/*.rs\",\"user/*.rs\",\"system/*.rs\"],\"code_challenge_methods_supported\":[\"S256\"],\"capabilities\":[\"launch-ehr\",\"client-confidential-symmetric\",\"permission-v2\"]}");
      } else if (path.endsWith("/authorize")) {
        a.setStatus(302);
        a.setHeader("Location", q.getParameter("redirect_uri") + "?code=Invented4711&state=" + q.getParameter("state"));
      } else if (path.endsWith("/token")) {
        a.getWriter().print("{\"access_token\":\"" + Client.token(3600, "launch patient/*.rs") + "\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"scope\":\"launch patient/*.rs\",\"patient\":\"1000\",\"refresh_token\":\"Invented-4711-refresh\"}");
      } else {
        a.setContentType("application/fhir+ndjson");
        for (Resource r : of(Patient.class).values()) a.getWriter().println(FhirContext.forR4Cached().newJsonParser().encodeResourceToString(r));
      }
    }
  }

  public static void main(String[] args) throws Exception {
    RestfulServer fhir = new RestfulServer(FhirContext.forR4Cached());
    fhir.setResourceProviders(new Patients(), new Observations(), new Orders(), new Given(), new Encounters(), new Devices(), new Subscriptions());
    fhir.registerProvider(new Whole());
    fhir.setServerName("Ward FHIR server");
    fhir.setServerVersion("3.2.1");
    fhir.setImplementationDescription("Laboratory of the ward");
    fhir.setPagingProvider(new FifoMemoryPagingProvider(10).setDefaultPageSize(50).setMaximumPageSize(2000));
    fhir.setDefaultPrettyPrint(false);
    org.eclipse.jetty.server.Server server = new org.eclipse.jetty.server.Server(new java.net.InetSocketAddress(args[0], Integer.parseInt(args[1])));
    ServletContextHandler all = new ServletContextHandler("/");
    all.addServlet(new ServletHolder(new Beside()), "/fhir/.well-known/smart-configuration");
    all.addServlet(new ServletHolder(new Beside()), "/auth/*");
    all.addServlet(new ServletHolder(new Beside()), "/bulk/*");
    all.addServlet(new ServletHolder(fhir), "/fhir/*");
    server.setHandler(all);
    server.start();
    server.join();
  }
}
