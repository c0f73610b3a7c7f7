#!/usr/bin/env python3
"""Peers of dicom.sh: objects of invented patients, and the exchanges that DCMTK's tools do not have."""
import os
import socket
import struct
import sys
import time

import numpy
from pydicom import dcmread, uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pynetdicom import AE, build_role, evt
from pynetdicom import sop_class as sop
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)

ROOT = "1.2.826.0.1.3680043.8.498."
FIND = sop.StudyRootQueryRetrieveInformationModelFind


def ct(n, name="LABPATIENT^NUMBER%d", syntax=uid.ExplicitVRLittleEndian, charset=None, side=8):
    """A CT image of an invented patient."""
    ds = Dataset()
    if charset:
        ds.SpecificCharacterSet = charset
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID, ds.SOPInstanceUID = sop.CTImageStorage, f"{ROOT}3.{n}"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber = "20261120", "083000", f"ACC{n:04d}"
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "CT", "LAB IMAGING", "SLICER 16"
    ds.InstitutionName, ds.StationName, ds.DeviceSerialNumber, ds.SoftwareVersions = "LAB HOSPITAL", "CT1", "SN-4711", "2.1.7"
    ds.ReferringPhysicianName, ds.StudyDescription, ds.SeriesDescription = "LABDOCTOR^ONE", "HEAD PLAIN", "AXIAL"
    ds.PatientName = name % n if "%d" in name else name
    ds.PatientID, ds.PatientBirthDate, ds.PatientSex = f"LAB-{n:04d}", "19700101", "O"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{ROOT}1.{n}", f"{ROOT}2.{n}"
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = str(n), "1", "1"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows = ds.Columns = side
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = ((numpy.arange(side * side, dtype="<u2") * 37 + n) & 0xFFF).astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"
    return meta(ds, syntax)


def meta(ds, syntax=uid.ExplicitVRLittleEndian):
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    return ds


def save(ds, folder, n):
    os.makedirs(folder, exist_ok=True)
    ds.save_as(os.path.join(folder, f"{n:04d}.dcm"), enforce_file_format=True)


def make(folder, count):
    for n in range(1, int(count) + 1):
        save(ct(n), folder, n)


def alter(source, folder):
    """The first object with a bright square in its pixels, all else as it was."""
    del source
    ds = ct(1)
    pixels = numpy.frombuffer(ds.PixelData, "<u2").reshape(8, 8).copy()
    pixels[2:5, 2:5] = 0xFFF
    ds.PixelData = pixels.tobytes()
    save(ds, folder, 1)


def worklist(folder):
    ds = Dataset()
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "LABPATIENT^WORKLIST", "LAB-0101", "19700101", "F"
    ds.AccessionNumber, ds.RequestedProcedureID, ds.StudyInstanceUID = "ACC0101", "RP0101", ROOT + "1.101"
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle, step.ScheduledProcedureStepID = "CT", "CT_1", "SPS1"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = "20261120", "090000"
    ds.ScheduledProcedureStepSequence = Sequence([step])
    ds.SOPClassUID, ds.SOPInstanceUID = sop.ModalityWorklistInformationFind, ROOT + "9.1"
    meta(ds)
    del ds.SOPClassUID, ds.SOPInstanceUID
    ds.save_as(os.path.join(folder, "one.wl"), enforce_file_format=True)


def one_patient(worklists, folder):
    """The patient that the samples of the other protocols have too: a worklist entry and the images made for it."""
    identity = {"PatientName": "LABPATIENT^JOIN", "PatientID": "LAB-4711", "IssuerOfPatientID": "WARDLAB", "PatientBirthDate": "19700102", "PatientSex": "F"}
    worklist(worklists)
    path = os.path.join(worklists, "one.wl")
    entry = dcmread(path)
    entry.update(dict_to_dataset(identity))
    entry.AccessionNumber, entry.StudyInstanceUID = "ACC4711", f"{ROOT}1.4711"
    entry.save_as(path, enforce_file_format=True)
    for n in (1, 2):
        ds = ct(n)
        ds.update(dict_to_dataset(identity))
        ds.AccessionNumber, ds.StudyInstanceUID, ds.SeriesInstanceUID = "ACC4711", f"{ROOT}1.4711", f"{ROOT}2.4711"
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"{ROOT}3.4711.{n}"
        ds.InstanceNumber = str(n)
        save(ds, folder, n)


def dict_to_dataset(values):
    ds = Dataset()
    for name, value in values.items():
        setattr(ds, name, value)
    return ds


CHARSETS = [
    ("ISO_IR 100", "Müller-Labor^Jörg"),
    ("ISO_IR 144", "Лабораторный^Пациент"),
    ("ISO_IR 126", "Εργαστήριο^Ασθενής"),
    ("ISO_IR 138", "מעבדה^חולה"),
    ("ISO_IR 192", "Labörpatïent^Ünïcode=山田^太郎"),
    ("GB18030", "实验^病人"),
    (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
    (["", "ISO 2022 IR 58"], "Zhang^XiaoDong=张^小东="),
    (["ISO 2022 IR 100", "ISO 2022 IR 144"], "Müller^Люкceмбypг"),
]


def charsets(folder):
    for n, (charset, name) in enumerate(CHARSETS, 1):
        ds = ct(n, name, charset=charset)
        ds.StudyDescription = "CHARSET"
        save(ds, folder, n)


def polyglot(folder):
    """An encapsulated document that is a Part 10 file with an executable's header as preamble, and a private block."""
    inner = ct(1)
    save(inner, folder, 9)
    path = os.path.join(folder, "0009.dcm")
    data = bytearray(open(path, "rb").read())
    os.remove(path)
    head = b"MZ" + bytes(58) + struct.pack("<I", 0x80) + b"This program cannot be run in DOS mode.\r\r\n$"
    data[: len(head)] = head
    for n, mime, body in ((1, "application/pdf", b"%PDF-1.4\n%lab\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"), (2, "application/pdf", bytes(data))):
        ds = ct(n)
        for word in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
                     "SamplesPerPixel", "PhotometricInterpretation"):
            delattr(ds, word)
        ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = sop.EncapsulatedPDFStorage, f"{ROOT}4.{n}", "DOC"
        ds.MIMETypeOfEncapsulatedDocument, ds.DocumentTitle = mime, "REPORT"
        ds.EncapsulatedDocument = body + b"\0" * (len(body) & 1)
        save(meta(ds), folder, n)
    ds = ct(3)
    block = ds.private_block(0x0099, "LAB PRIVATE", create=True)
    block.add_new(0x01, "OB", b"\x7fELF\x02\x01\x01" + bytes(121))
    ds.SOPInstanceUID = f"{ROOT}4.3"
    save(meta(ds), folder, 3)


def associate(address, port, contexts, title="CT_1", called="PACS_LAB", **more):
    ae = AE(ae_title=title)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 20
    for c in contexts:
        ae.add_requested_context(*(c if isinstance(c, tuple) else (c,)))
    return ae.associate(address, int(port), ae_title=called, **more)


def scp(port):
    """An archive that takes everything: storage, N-services, user identities."""
    ae = AE(ae_title="PACS_LAB")
    ae.maximum_pdu_size = 8192
    ae.require_called_aet = True
    ae.require_calling_aet = ["CT_1", "WORKSTATION1"]
    syntaxes = [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian,
                uid.DeflatedExplicitVRLittleEndian, uid.RLELossless]
    for c in (sop.CTImageStorage, sop.Verification, sop.ModalityPerformedProcedureStep, sop.StorageCommitmentPushModel,
              FIND, sop.BasicFilmSession, sop.Printer, sop.BasicGrayscalePrintManagementMeta, sop.UnifiedProcedureStepPush):
        ae.add_supported_context(c, syntaxes, scu_role=True, scp_role=True)

    def created(event):
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = event.request.AffectedSOPClassUID, event.request.AffectedSOPInstanceUID or ROOT + "7"
        return 0x0000, ds

    def found(event):
        if event.identifier.get("PatientName") == "*":  # slowly, so that there is time to cancel
            for n in range(1, 30):
                if event.is_cancelled:
                    yield 0xFE00, None
                    return
                match = Dataset()
                match.QueryRetrieveLevel, match.PatientName, match.PatientID = "STUDY", f"LABPATIENT^NUMBER{n}", f"LAB-{n:04d}"
                match.StudyInstanceUID = f"{ROOT}1.{n}"
                time.sleep(0.1)
                yield 0xFF00, match
            return
        status = Dataset()
        status.Status, status.ErrorComment = 0xA900, "Identifier does not match SOP class"
        status.OffendingElement = [0x00100010, 0x00080052]
        yield status, None

    def commit(event):
        return 0x0000, None

    def get(event):
        ds = Dataset()
        ds.PrinterStatus, ds.PrinterName = "NORMAL", "LAB PRINTER"
        return 0x0000, ds

    def identity(event):
        return event.user_id_type != 2 or event.secondary_field == b"right", b"granted"

    def delete(event):
        return 0x0112

    ae.start_server(("0.0.0.0", int(port)), evt_handlers=[
        (evt.EVT_C_STORE, lambda e: 0x0000), (evt.EVT_C_ECHO, lambda e: 0x0000), (evt.EVT_C_FIND, found),
        (evt.EVT_N_CREATE, created), (evt.EVT_N_SET, created), (evt.EVT_N_ACTION, commit), (evt.EVT_N_GET, get),
        (evt.EVT_N_DELETE, delete), (evt.EVT_N_EVENT_REPORT, commit), (evt.EVT_USER_ID, identity)])


def transfer_syntaxes(address, port):
    for n, syntax in enumerate((uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian,
                                uid.DeflatedExplicitVRLittleEndian, uid.RLELossless), 1):
        ds = ct(n, side=40)
        item, code = Dataset(), Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "T-A0100", "SRT", "Brain"
        item.PurposeOfReferenceCodeSequence = Sequence([code])
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop.CTImageStorage, ROOT + "3.99"
        ds.SourceImageSequence = Sequence([item, item])
        ds["SourceImageSequence"].is_undefined_length = True
        block = ds.private_block(0x0029, "LAB PRIVATE", create=True)
        block.add_new(0x10, "LO", "PRIVATE TEXT")
        inner = Dataset()
        inner.CodeMeaning = "INSIDE"
        block.add_new(0x20, "SQ", Sequence([inner]))
        if syntax == uid.RLELossless:
            ds.compress(uid.RLELossless, generate_instance_uid=False)
        elif syntax == uid.ExplicitVRBigEndian:
            ds.PixelData = numpy.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
        ds.file_meta.TransferSyntaxUID = syntax
        assoc = associate(address, port, [(sop.CTImageStorage, syntax)])
        assoc.send_c_store(reencoded(ds, syntax), msg_id=n)
        assoc.release()


def reencoded(ds, syntax):
    """The object as if it was read from a file of that transfer syntax, as pynetdicom wants it."""
    from io import BytesIO
    from pydicom import dcmread
    f = BytesIO()
    ds.save_as(f, implicit_vr=syntax == uid.ImplicitVRLittleEndian, little_endian=syntax != uid.ExplicitVRBigEndian,
               enforce_file_format=True)
    f.seek(0)
    return dcmread(f)


def normalized(address, port):
    mpps = sop.ModalityPerformedProcedureStep
    assoc = associate(address, port, [mpps, sop.StorageCommitmentPushModel, sop.Printer, sop.BasicFilmSession,
                                      sop.BasicGrayscalePrintManagementMeta, FIND], title="CT_1")
    step = Dataset()
    scheduled = Dataset()
    scheduled.StudyInstanceUID, scheduled.AccessionNumber = ROOT + "1.5", "ACC0005"
    step.ScheduledStepAttributesSequence = Sequence([scheduled])
    step.PatientName, step.PatientID, step.PerformedProcedureStepID = "LABPATIENT^STEP", "LAB-0005", "PPS5"
    step.PerformedStationAETitle, step.PerformedStationName, step.Modality = "CT_1", "CT1", "CT"
    step.PerformedProcedureStepStatus = "IN PROGRESS"
    assoc.send_n_create(step, mpps, ROOT + "5.1")
    done = Dataset()
    done.PerformedProcedureStepStatus = "COMPLETED"
    assoc.send_n_set(done, mpps, ROOT + "5.1")
    action = Dataset()
    action.TransactionUID = ROOT + "6.1"
    refs = []
    for n in (1, 2, 3):
        ref = Dataset()
        ref.ReferencedSOPClassUID, ref.ReferencedSOPInstanceUID = sop.CTImageStorage, f"{ROOT}3.{n}"
        refs.append(ref)
    action.ReferencedSOPSequence = Sequence(refs)
    assoc.send_n_action(action, 1, sop.StorageCommitmentPushModel, sop.StorageCommitmentPushModelInstance)
    report = Dataset()
    report.TransactionUID, report.ReferencedSOPSequence = ROOT + "6.1", Sequence(refs)
    assoc.send_n_event_report(report, 1, sop.StorageCommitmentPushModel, sop.StorageCommitmentPushModelInstance)
    assoc.send_n_get([0x21100010, 0x21100030], sop.Printer, sop.PrinterInstance, meta_uid=None)
    film = Dataset()
    film.NumberOfCopies, film.FilmSessionLabel = "1", "LAB FILM"
    assoc.send_n_create(film, sop.BasicFilmSession, ROOT + "8.1")
    assoc.send_n_delete(sop.BasicFilmSession, ROOT + "8.1")
    query = Dataset()
    query.QueryRetrieveLevel, query.PatientName = "STUDY", ""
    list(assoc.send_c_find(query, FIND))
    assoc.release()


def negotiation(address, port):
    def identity(kind, primary, secondary=b"", respond=False):
        item = UserIdentityNegotiation()
        item.user_identity_type, item.primary_field, item.secondary_field = kind, primary, secondary
        item.positive_response_requested = respond
        return item

    echo = [sop.Verification]
    for item in (identity(1, b"tech1"), identity(2, b"tech1", b"right", True), identity(2, b"tech1", b"wrong", True),
                 identity(3, b"KRB-TICKET" * 4), identity(4, b"<saml/>"), identity(5, b"eyJhbGciOi.none")):
        assoc = associate(address, port, echo, ext_neg=[item])
        if assoc.is_established:
            assoc.send_c_echo()
            assoc.release()
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked, window.maximum_number_operations_performed = 4, 2
    extended = SOPClassExtendedNegotiation()
    extended.sop_class_uid, extended.service_class_application_information = FIND, b"\x01\x01\x00"
    common = SOPClassCommonExtendedNegotiation()
    common.sop_class_uid, common.service_class_uid = sop.CTImageStorage, "1.2.840.10008.4.2"
    common.related_general_sop_class_identification = [sop.EnhancedCTImageStorage]
    assoc = associate(address, port, [sop.CTImageStorage, FIND, sop.MRImageStorage, sop.Verification],
                      ext_neg=[build_role(sop.CTImageStorage, scp_role=True, scu_role=True), window, extended, common])
    assoc.send_c_echo()
    assoc.abort()
    associate(address, port, echo, called="NO_SUCH_AE")
    associate(address, port, echo, title="STRANGER")


def rq(called=b"PACS_LAB", calling=b"CT_1", context=b"1.2.840.10008.3.1.1.1", version=1, extra=b""):
    """An A-ASSOCIATE-RQ for Verification, by hand."""
    def item(kind, body):
        return struct.pack(">BBH", kind, 0, len(body)) + body

    body = struct.pack(">HH", version, 0) + called.ljust(16) + calling.ljust(16) + bytes(32) + item(0x10, context)
    body += item(0x20, b"\x01\0\0\0" + item(0x30, b"1.2.840.10008.1.1") + item(0x40, b"1.2.840.10008.1.2"))
    body += item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3.4") + item(0x55, b"BY_HAND") + extra)
    return struct.pack(">BBI", 1, 0, len(body)) + body


def malformed(address, port):
    """Requests that no tool sends, from a client without a library."""
    def talk(*parts, wait=True):
        with socket.create_connection((address, int(port)), 5) as s:
            s.settimeout(1)
            for part in parts:
                s.sendall(part)
                if wait:
                    try:
                        s.recv(4096)
                    except OSError:
                        return

    def command(*elements):
        body = b"".join(struct.pack("<HHI", 0, e, len(v)) + v for e, v in elements)
        body = struct.pack("<HHI", 0, 0, 4) + struct.pack("<I", len(body)) + body
        return struct.pack(">BBI", 4, 0, len(body) + 6) + struct.pack(">IBB", len(body) + 2, 1, 3) + body

    echo = [(2, b"1.2.840.10008.1.1\0"), (0x100, b"\x30\0"), (0x110, b"\x01\0"), (0x800, b"\x01\x01")]
    talk(rq(context=b"1.2.3"))
    talk(rq(version=2))
    talk(rq(called=b"../../etc/cron.d", calling=b"A\\..\\B"))
    talk(rq(extra=b"\x77\0\0\x02hi"))
    talk(rq()[:90], wait=False)
    talk(rq(), command(*echo), struct.pack(">BBI", 9, 0, 4) + bytes(4))
    talk(rq(), struct.pack(">BBIIBB", 4, 0, 20, 900, 1, 3) + bytes(14))
    path = [(2, b"1.2.840.10008.5.1.4.1.1.2\0"), (0x100, b"\x01\0"), (0x110, b"\x02\0"), (0x700, b"\0\0"),
            (0x800, b"\x01\x01"), (0x1000, b"../../../../tmp/x.dcm\0")]
    talk(rq(), command(*path))
    talk(rq(), struct.pack(">BBIIBB", 4, 0, 40006, 40002, 1, 1) + bytes(40000))


def pull(address, port, moves, gets):
    """Fetches studies one by one, as a stranger who goes through the archive."""
    ae = AE(ae_title="LAPTOP")
    ae.add_supported_context(sop.CTImageStorage)
    server = ae.start_server(("0.0.0.0", 11112), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda e: 0x0000)])
    key = Dataset()
    key.QueryRetrieveLevel = "STUDY"
    model = sop.StudyRootQueryRetrieveInformationModelMove
    assoc = associate(address, port, [(model, uid.ImplicitVRLittleEndian)], title="LAPTOP")
    for n in range(1, int(moves) + 1):
        key.StudyInstanceUID = f"{ROOT}1.{n}"
        list(assoc.send_c_move(key, "LAPTOP", model, msg_id=n))
    assoc.release()
    server.shutdown()
    model = sop.StudyRootQueryRetrieveInformationModelGet
    assoc = associate(address, port, [(model, uid.ImplicitVRLittleEndian), (sop.CTImageStorage, uid.ExplicitVRLittleEndian)],
                      title="LAPTOP", ext_neg=[build_role(sop.CTImageStorage, scp_role=True)],
                      evt_handlers=[(evt.EVT_C_STORE, lambda e: 0x0000)])
    for n in range(int(moves) + 1, int(moves) + int(gets) + 1):
        key.StudyInstanceUID = f"{ROOT}1.{n}"
        list(assoc.send_c_get(key, model, msg_id=n))
    assoc.release()


def query(address, port, count):
    """Asks for one name after the other, and in the end for everybody."""
    assoc = associate(address, port, [(FIND, uid.ImplicitVRLittleEndian)], title="LAPTOP")
    for n in range(int(count)):
        key = Dataset()
        key.QueryRetrieveLevel, key.PatientID = "STUDY", ""
        key.PatientName = "*" if n == int(count) - 1 else f"{chr(65 + n % 26)}{chr(65 + n // 26)}*"
        list(assoc.send_c_find(key, FIND, msg_id=n % 250 + 1))
        time.sleep(0.02)
    assoc.release()


if __name__ == "__main__":
    globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
