"""Peers for messages of HL7 version 3, IHE document sharing and CDA: a web server and a client of Python's library, and two ends of MLLP. The
messages are built from the published specifications (IHE ITI TF-2 and TF-3, CDA release 2). All patients are invented.

usage: v3cases.py serve HTTPPORT MLLPPORT
       v3cases.py send HOST HTTPPORT MLLPPORT
"""
import http.client
import http.server
import socket
import socketserver
import sys
import threading
import time

V3, SOAP, WSA = 'xmlns="urn:hl7-org:v3"', "http://www.w3.org/2003/05/soap-envelope", "http://www.w3.org/2005/08/addressing"
RIM = 'xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"'
NAME = "<name><given>JOIN</given><family>LABPATIENT</family></name>"
OIDS = {"patients": "2.16.840.1.113883.19.5", "repository": "1.3.6.1.4.1.21367.2026.1", "documents": "1.3.6.1.4.1.21367.2026.55"}

CDA = f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument {V3} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/><templateId root="2.16.840.1.113883.10.20.22.1.2"/>
 <id root="{OIDS['documents']}" extension="DOC-8801"/>
 <code code="34133-9" displayName="Summarization of Episode Note" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
 <title>Summary of LABPATIENT JOIN</title><effectiveTime value="20261120093000+0100"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
 <languageCode code="en-US"/><setId root="{OIDS['documents']}" extension="SET-88"/><versionNumber value="2"/>
 <recordTarget><patientRole><id root="{OIDS['patients']}" extension="LAB-4711" assigningAuthorityName="LABHOSP"/>
  <addr><streetAddressLine>1 TEST ST</streetAddressLine><city>TESTCITY</city><postalCode>00000</postalCode></addr><telecom value="tel:+1-555-0101"/>
  <patient>{NAME}<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700102"/></patient></patientRole></recordTarget>
 <author><time value="20261120093000+0100"/><assignedAuthor><id root="{OIDS['documents']}" extension="D1"/>
  <assignedPerson><name><given>ONE</given><family>LABDOCTOR</family></name></assignedPerson></assignedAuthor></author>
 <author><time value="20261120093000+0100"/><assignedAuthor><id nullFlavor="NA"/><assignedAuthoringDevice>
  <manufacturerModelName>Example Record</manufacturerModelName><softwareName>Example Record 12.1</softwareName></assignedAuthoringDevice></assignedAuthor></author>
 <custodian><assignedCustodian><representedCustodianOrganization><id root="{OIDS['repository']}" extension="LABHOSP"/><name>Lab Hospital</name>
  </representedCustodianOrganization></assignedCustodian></custodian>
 <componentOf><encompassingEncounter><id root="{OIDS['documents']}" extension="V4711"/><effectiveTime value="20261118"/></encompassingEncounter></componentOf>
 <component><structuredBody>
  <component><section><code code="48765-2" codeSystem="2.16.840.1.113883.6.1"/><title>Allergies</title><text>none known</text></section></component>
  <component><section><code code="8716-3" codeSystem="2.16.840.1.113883.6.1"/><title>Vital signs</title><text>stable</text></section></component>
 </structuredBody></component>
</ClinicalDocument>
"""


def wrapper(interaction, control, message="M1", ack=""):
    return f"""<{interaction} {V3} ITSVersion="XML_1.0"><id root="{OIDS['documents']}" extension="{message}"/><creationTime value="20261120091500"/>
<interactionId root="2.16.840.1.113883.1.6" extension="{interaction}"/><processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="AL"/>
<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE"><id root="{OIDS['repository']}.9"/></device></receiver>
<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="{OIDS['repository']}.7" extension="REG"/>
<manufacturerModelName>Example Registry</manufacturerModelName><softwareName>Example Registration 4</softwareName></device></sender>{ack}{control}</{interaction}>"""


def person(ids):
    return "<patient classCode=\"PAT\">" + "".join(f'<id root="{OIDS["patients"]}{i}" extension="{e}"/>' for i, e in ids) + \
        f'<statusCode code="active"/><patientPerson>{NAME}<telecom value="tel:+1-555-0101"/><administrativeGenderCode code="F"/><birthTime value="19700102"/>' \
        f'<addr><streetAddressLine>1 TEST ST</streetAddressLine><city>TESTCITY</city></addr></patientPerson></patient>'


FEED = wrapper("PRPA_IN201301UV02", '<controlActProcess classCode="CACT" moodCode="EVN"><subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN">'
               f'<subject1 typeCode="SBJ">{person([("", "LAB-4711"), (".2", "990471")])}</subject1></registrationEvent></subject></controlActProcess>')
MERGE = wrapper("PRPA_IN201304UV02", '<controlActProcess classCode="CACT" moodCode="EVN"><subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN">'
                f'<subject1 typeCode="SBJ">{person([("", "LAB-4711")])}</subject1><replacementOf typeCode="RPLC"><priorRegistration classCode="REG" moodCode="EVN"><subject1>'
                f'<priorRegisteredRole classCode="PAT"><id root="{OIDS["patients"]}" extension="LAB-0947"/></priorRegisteredRole></subject1></priorRegistration></replacementOf>'
                '</registrationEvent></subject></controlActProcess>', "M2")
FIND = wrapper("PRPA_IN201305UV02", '<controlActProcess classCode="CACT" moodCode="EVN"><queryByParameter><queryId root="1.2" extension="Q1"/><statusCode code="new"/><parameterList>'
               '<livingSubjectBirthTime><value value="19700102"/></livingSubjectBirthTime><livingSubjectName><value><family>LABPATIENT</family><given>JOIN</given></value>'
               '</livingSubjectName></parameterList></queryByParameter></controlActProcess>', "M3")


def acknowledgement(of):
    return f'<acknowledgement><typeCode code="AA"/><targetMessage><id root="{OIDS["documents"]}" extension="{of}"/></targetMessage></acknowledgement>'


FOUND = wrapper("PRPA_IN201306UV02", '<controlActProcess classCode="CACT" moodCode="EVN"><subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN">'
                f'<subject1 typeCode="SBJ">{person([("", "LAB-4711")])}</subject1></registrationEvent></subject><queryAck><queryId root="1.2" extension="Q1"/>'
                '<queryResponseCode code="OK"/></queryAck></controlActProcess>', "A3", acknowledgement("M3"))


def metadata():
    def ident(scheme, value):
        return f'<rim:ExternalIdentifier identificationScheme="{scheme}" registryObject="d1" id="i" value="{value}"/>'

    def classified(scheme, code, more=""):
        return f'<rim:Classification classificationScheme="{scheme}" classifiedObject="d1" nodeRepresentation="{code}" id="c">{more}</rim:Classification>'

    def slot(name, value):
        return f'<rim:Slot name="{name}"><rim:ValueList><rim:Value>{value}</rim:Value></rim:ValueList></rim:Slot>'

    return f"""<rim:RegistryObjectList {RIM}><rim:ExtrinsicObject id="d1" mimeType="text/xml" status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
 objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">{slot("creationTime", "20261120093000")}{slot("languageCode", "en-US")}
{slot("sourcePatientId", "LAB-4711^^^&amp;2.16.840.1.113883.19.5&amp;ISO")}{slot("repositoryUniqueId", OIDS["repository"])}{slot("size", len(CDA))}
<rim:Name><rim:LocalizedString value="Summary of LABPATIENT JOIN"/></rim:Name>
{classified("urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d", "", slot("authorPerson", "D1^LABDOCTOR^ONE^^^Dr"))}
{classified("urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", "34133-9")}{classified("urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", "34133-9")}
{classified("urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", "urn:ihe:pcc:xphr:2007")}
{ident("urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427", "LAB-4711^^^&amp;2.16.840.1.113883.19.5&amp;ISO")}
{ident("urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab", OIDS["documents"] + "^DOC-8801")}</rim:ExtrinsicObject></rim:RegistryObjectList>"""


def xop(cid):
    return f'<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{cid}"/>'


PROVIDE = f"""<xdsb:ProvideAndRegisterDocumentSetRequest xmlns:xdsb="urn:ihe:iti:xds-b:2007"><lcm:SubmitObjectsRequest
 xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0">{metadata()}</lcm:SubmitObjectsRequest><xdsb:Document id="d1">{xop("doc1@lab")}</xdsb:Document>
</xdsb:ProvideAndRegisterDocumentSetRequest>"""
STORED = '<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"/>'
ASK = f"""<query:AdhocQueryRequest xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" {RIM}><query:ResponseOption returnComposedObjects="true"
 returnType="LeafClass"/><rim:AdhocQuery id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"><rim:Slot name="$XDSDocumentEntryPatientId"><rim:ValueList>
<rim:Value>'LAB-4711^^^&amp;2.16.840.1.113883.19.5&amp;ISO'</rim:Value></rim:ValueList></rim:Slot></rim:AdhocQuery></query:AdhocQueryRequest>"""
ANSWER = f"""<query:AdhocQueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
 status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success">{metadata()}</query:AdhocQueryResponse>"""
REF = f"<RepositoryUniqueId>{OIDS['repository']}</RepositoryUniqueId><DocumentUniqueId>{OIDS['documents']}^DOC-8801</DocumentUniqueId>"
RETRIEVE = f'<RetrieveDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007"><DocumentRequest>{REF}</DocumentRequest></RetrieveDocumentSetRequest>'
RETURN = f'<RetrieveDocumentSetResponse xmlns="urn:ihe:iti:xds-b:2007">{STORED}<DocumentResponse>{REF}<mimeType>text/xml</mimeType><Document>{xop("doc1@lab")}' \
         "</Document></DocumentResponse></RetrieveDocumentSetResponse>"


def envelope(action, number, body, relates=""):
    token = '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><wsse:UsernameToken><wsse:Username>svc' \
            '</wsse:Username><wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText">invented-pw' \
            "</wsse:Password></wsse:UsernameToken></wsse:Security>" if "Provide" in action and not relates else ""
    return f"""<s:Envelope xmlns:s="{SOAP}" xmlns:a="{WSA}"><s:Header><a:Action s:mustUnderstand="1">{action}</a:Action>
<a:MessageID>urn:uuid:00000000-0000-4000-8000-{number:012}</a:MessageID>{relates}{token}</s:Header><s:Body>{body}</s:Body></s:Envelope>"""


def related(root, kind):
    """MTOM: the envelope in one part, the document in another."""
    b = "MIMEBoundary-4711"
    text = f"""--{b}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@lab>\r
\r\n{root}\r\n--{b}\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <doc1@lab>\r\n\r\n{CDA}\r\n--{b}--\r\n"""
    return text.encode(), f'multipart/related; boundary="{b}"; type="application/xop+xml"; start="<root@lab>"; start-info="application/soap+xml"{kind}'


SOAPTYPE = "application/soap+xml; charset=UTF-8"
# path, action, body, attached, answer's action, answer, answer attached
TALK = [
    ("/pix", "urn:hl7-org:v3:PRPA_IN201301UV02", FEED, False, "urn:hl7-org:v3:MCCI_IN000002UV01", wrapper("MCCI_IN000002UV01", "", "A1", acknowledgement("M1")), False),
    ("/pix", "urn:hl7-org:v3:PRPA_IN201304UV02", MERGE, False, "urn:hl7-org:v3:MCCI_IN000002UV01", wrapper("MCCI_IN000002UV01", "", "A2", acknowledgement("M2")), False),
    ("/pdq", "urn:hl7-org:v3:PRPA_IN201305UV02", FIND, False, "urn:hl7-org:v3:PRPA_IN201306UV02", FOUND, False),
    ("/xds/repository", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b", PROVIDE, True, "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse", STORED, False),
    ("/xds/registry", "urn:ihe:iti:2007:RegistryStoredQuery", ASK, False, "urn:ihe:iti:2007:RegistryStoredQueryResponse", ANSWER, False),
    ("/xds/repository", "urn:ihe:iti:2007:RetrieveDocumentSet", RETRIEVE, False, "urn:ihe:iti:2007:RetrieveDocumentSetResponse", RETURN, True),
    ("/xds/registry", "urn:ihe:iti:2010:UpdateDocumentSet", "<x/>", False, f"{WSA}/soap/fault",
     "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:ActionNotSupported</s:Value></s:Subcode></s:Code><s:Reason>"
     '<s:Text xml:lang="en">no such action</s:Text></s:Reason></s:Fault>', False),
]


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        n = next(i for i, t in enumerate(TALK) if t[1].encode() in body)
        _, _, _, _, action, answer, attached = TALK[n]
        text = envelope(action, 100 + n, answer, f"<a:RelatesTo>urn:uuid:00000000-0000-4000-8000-{n:012}</a:RelatesTo>")
        data, kind = related(text, "") if attached else (text.encode(), SOAPTYPE)
        self.send_response(500 if "fault" in action else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(CDA)))
        self.end_headers()
        self.wfile.write(CDA.encode())


class Block(socketserver.BaseRequestHandler):
    def handle(self):
        held = b""
        while data := self.request.recv(65536):
            held += data
            if held.endswith(b"\x1c\r"):
                self.request.sendall(b"\x0b<?xml version=\"1.0\"?>" + wrapper("MCCI_IN000002UV01", "", "A9", acknowledgement("M1")).encode() + b"\x1c\r")
                held = b""


def serve(web, mllp):
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    threading.Thread(target=socketserver.ThreadingTCPServer(("", mllp), Block).serve_forever, daemon=True).start()
    http.server.ThreadingHTTPServer(("", web), Server).serve_forever()


def send(host, web, mllp):
    c = http.client.HTTPConnection(host, web)
    for n, (path, action, body, attached, *_) in enumerate(TALK):
        text = envelope(action, n, body)
        data, kind = related(text, f'; action="{action}"') if attached else (text.encode(), f'{SOAPTYPE}; action="{action}"')
        c.request("POST", path, data, {"Content-Type": kind})
        c.getresponse().read()
        time.sleep(1.5)
    c.request("GET", "/documents/8801", headers={"Accept": "text/xml"})
    c.getresponse().read()
    with socket.create_connection((host, mllp)) as s:
        for text in ('<?xml version="1.0" encoding="UTF-8"?>' + FEED, CDA):
            s.sendall(b"\x0b" + text.encode() + b"\x1c\r")
            s.recv(65536)
            time.sleep(1)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]), int(sys.argv[3]))
    else:
        send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
