#!/usr/bin/env python3
"""Peers of dicom.sh: the N-services with their provider, negotiated extensions, documents, and objects of many encodings."""
import os
import subprocess
import sys
import threading
import time

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pynetdicom import AE, _config, build_role, evt
from pynetdicom import sop_class as sop
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
)

from dicomcases import CHARSETS, FIND, ROOT, associate, ct, meta, reencoded, save

COMMIT, COMMIT_INSTANCE = sop.StorageCommitmentPushModel, sop.StorageCommitmentPushModelInstance
MPPS, PRINT = sop.ModalityPerformedProcedureStep, sop.BasicGrayscalePrintManagementMeta
PUSH, PULL, WATCH, EVENT = (sop.UnifiedProcedureStepPush, sop.UnifiedProcedureStepPull, sop.UnifiedProcedureStepWatch,
                            sop.UnifiedProcedureStepEvent)
MODALITY = ("10.20.3.11", 11115)


def data(**values):
    ds = Dataset()
    for k, v in values.items():
        setattr(ds, k, v)
    return ds


def refs(*numbers, **more):
    return Sequence([data(ReferencedSOPClassUID=sop.CTImageStorage, ReferencedSOPInstanceUID=f"{ROOT}3.{n}", **more) for n in numbers])


def later(work):
    def run():
        time.sleep(0.3)
        work()
    threading.Thread(target=run).start()


def report(context, kind, cls, instance, ds):
    """An N-EVENT-REPORT on an association of the provider's own, roles swapped."""
    ae = AE(ae_title="PACS_LAB")
    ae.add_requested_context(context)
    assoc = ae.associate(*MODALITY, ae_title="CT_1", ext_neg=[build_role(context, scp_role=True)])
    if assoc.is_established:
        assoc.send_n_event_report(ds, kind, cls, instance)
        assoc.release()


def provider(port):
    """An archive and manager: storage commitment, procedure steps, unified procedure steps, print."""
    steps, works, films = {}, {}, {}

    def created(event):
        cls, instance, ds = event.request.AffectedSOPClassUID, event.request.AffectedSOPInstanceUID, event.attribute_list
        instance = instance or ROOT + f"8.{len(films) + 1}"
        if cls == MPPS:
            steps[instance] = ds.PerformedProcedureStepStatus
        elif cls == PUSH:
            works[instance] = ds
        else:
            films[instance] = ds
        out = data(AffectedSOPClassUID=cls, AffectedSOPInstanceUID=instance)
        if cls == sop.BasicFilmBox:
            out.ReferencedImageBoxSequence = Sequence([data(ReferencedSOPClassUID=sop.BasicGrayscaleImageBox, ReferencedSOPInstanceUID=ROOT + "8.9")])
        return 0x0000, out

    def changed(event):
        instance, ds = event.request.RequestedSOPInstanceUID, event.modification_list
        if instance in steps:
            if steps[instance] != "IN PROGRESS":
                return data(Status=0x0110, ErrorComment="Performed Procedure Step Object may no longer be updated", ErrorID=0xA710), None
            steps[instance] = ds.get("PerformedProcedureStepStatus", steps[instance])
        return 0x0000, Dataset()

    def acted(event):
        cls, kind, ds = event.request.RequestedSOPClassUID, event.action_type, event.action_information
        if cls == COMMIT:
            bad = [r for r in ds.ReferencedSOPSequence if r.ReferencedSOPInstanceUID.endswith(".99")]
            out = data(TransactionUID=ds.TransactionUID, ReferencedSOPSequence=Sequence([r for r in ds.ReferencedSOPSequence if r not in bad]))
            if bad:
                out.FailedSOPSequence = Sequence([data(ReferencedSOPClassUID=r.ReferencedSOPClassUID, FailureReason=0x0112,
                                                       ReferencedSOPInstanceUID=r.ReferencedSOPInstanceUID) for r in bad])
            later(lambda: report(COMMIT, 2 if bad else 1, COMMIT, COMMIT_INSTANCE, out))
        elif cls == PUSH and kind == 1:
            if works[event.request.RequestedSOPInstanceUID].ProcedureStepState == ds.ProcedureStepState:
                return 0xC302, None
            works[event.request.RequestedSOPInstanceUID].ProcedureStepState = ds.ProcedureStepState
            instance, state = event.request.RequestedSOPInstanceUID, ds.ProcedureStepState
            later(lambda: report(EVENT, 1, PUSH, instance, data(ProcedureStepState=state, InputReadinessState="READY")))
        elif cls == sop.BasicFilmBox:
            later(lambda: report(sop.PrintJob, 3, sop.PrintJob, ROOT + "8.20", data(ExecutionStatusInfo="NORMAL", PrinterName="LAB PRINTER")))
        return 0x0000, None

    def read(event):
        work = works.get(event.request.RequestedSOPInstanceUID)
        return 0x0000, work or data(PrinterStatus="NORMAL", PrinterStatusInfo="NORMAL", PrinterName="LAB PRINTER")

    def found(event):
        for instance, ds in works.items():
            yield 0xFF00, data(SOPClassUID=PUSH, SOPInstanceUID=instance, ProcedureStepState=ds.ProcedureStepState,
                               ProcedureStepLabel=ds.ProcedureStepLabel, PatientName=ds.PatientName, PatientID=ds.PatientID)

    ae = AE(ae_title="PACS_LAB")
    for c in (MPPS, COMMIT, PRINT, PUSH, PULL, WATCH, EVENT):
        ae.add_supported_context(c)
    ae.start_server(("0.0.0.0", int(port)), evt_handlers=[
        (evt.EVT_N_CREATE, created), (evt.EVT_N_SET, changed), (evt.EVT_N_ACTION, acted), (evt.EVT_N_GET, read), (evt.EVT_C_FIND, found),
        (evt.EVT_N_DELETE, lambda e: 0x0000)])


def services(address, port):
    """A modality that uses all of them, and listens for what the provider reports."""
    ae = AE(ae_title="CT_1")
    for c in (COMMIT, EVENT, sop.PrintJob):
        ae.add_supported_context(c, scu_role=True, scp_role=True)
    listener = ae.start_server(("0.0.0.0", MODALITY[1]), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, lambda e: (0x0000, None))])
    procedure_steps(associate(address, port, [MPPS]))
    commitment(associate(address, port, [COMMIT]))
    workitems(associate(address, port, [PUSH, PULL, WATCH]))
    film(associate(address, port, [PRINT]))
    time.sleep(1.5)
    listener.shutdown()


def procedure_steps(assoc):
    for n, end in ((1, "COMPLETED"), (2, "DISCONTINUED")):
        begin = data(PatientName="LABPATIENT^STEP", PatientID=f"LAB-000{n}", PerformedProcedureStepID=f"PPS{n}", Modality="CT",
                     PerformedStationAETitle="CT_1", PerformedStationName="CT1", PerformedProcedureStepStatus="IN PROGRESS",
                     PerformedProcedureStepStartDate="20261120", PerformedProcedureStepStartTime="090000",
                     ScheduledStepAttributesSequence=Sequence([data(StudyInstanceUID=f"{ROOT}1.{n}", AccessionNumber=f"ACC000{n}")]))
        assoc.send_n_create(begin, MPPS, f"{ROOT}5.{n}")
        series = [data(SeriesInstanceUID=f"{ROOT}2.{n}{s}", ReferencedImageSequence=refs(n * 10 + s)) for s in (1, 2)]
        assoc.send_n_set(data(PerformedProcedureStepStatus=end, PerformedSeriesSequence=Sequence(series)), MPPS, f"{ROOT}5.{n}")
    assoc.send_n_set(data(PerformedProcedureStepStatus="COMPLETED"), MPPS, ROOT + "5.2")  # refused: it is over
    assoc.release()


def commitment(assoc):
    assoc.send_n_action(data(TransactionUID=ROOT + "6.1", ReferencedSOPSequence=refs(1, 2, 3)), 1, COMMIT, COMMIT_INSTANCE)
    assoc.send_n_action(data(TransactionUID=ROOT + "6.2", ReferencedSOPSequence=refs(4, 99)), 1, COMMIT, COMMIT_INSTANCE)
    time.sleep(1)
    assoc.release()


def workitems(assoc):
    assoc.send_n_action(data(ReceivingAE="CT_1", DeletionLock="FALSE"), 3, PUSH, "1.2.840.10008.5.1.4.34.5", meta_uid=WATCH)
    for n in (1, 2):
        work = data(ProcedureStepState="SCHEDULED", ScheduledProcedureStepPriority="HIGH", ProcedureStepLabel="THORAX AI", WorklistLabel="AI",
                    PatientName="LABPATIENT^UPS", PatientID=f"LAB-010{n}", InputReadinessState="READY", TransactionUID="")
        assoc.send_n_create(work, PUSH, f"{ROOT}7.{n}")
    list(assoc.send_c_find(data(ProcedureStepState="SCHEDULED", PatientID="", PatientName="", ProcedureStepLabel=""), PULL))
    control = data(TransactionUID=ROOT + "7.100", ProcedureStepState="IN PROGRESS")
    assoc.send_n_action(control, 1, PUSH, ROOT + "7.1", meta_uid=PULL)
    assoc.send_n_action(control, 1, PUSH, ROOT + "7.1", meta_uid=PULL)  # refused: it is in progress
    assoc.send_n_get([0x00741000, 0x00100020], PUSH, ROOT + "7.1", meta_uid=PULL)
    progress = data(TransactionUID=ROOT + "7.100", ProcedureStepProgressInformationSequence=Sequence([data(ProcedureStepProgress="50")]))
    assoc.send_n_set(progress, PUSH, ROOT + "7.1", meta_uid=PULL)
    assoc.send_n_action(data(TransactionUID=ROOT + "7.100", ProcedureStepState="COMPLETED"), 1, PUSH, ROOT + "7.1", meta_uid=PULL)
    assoc.send_n_action(data(ReasonForCancellation="LAB"), 2, PUSH, ROOT + "7.2")
    assoc.send_n_action(data(ReceivingAE="CT_1"), 4, PUSH, "1.2.840.10008.5.1.4.34.5", meta_uid=WATCH)
    time.sleep(1)
    assoc.release()


def film(assoc):
    more = {"meta_uid": PRINT}
    assoc.send_n_get([0x21100010, 0x21100030], sop.Printer, sop.PrinterInstance, **more)
    assoc.send_n_create(data(NumberOfCopies="2", FilmDestination="MAGAZINE", MediumType="BLUE FILM", FilmSessionLabel="LAB"), sop.BasicFilmSession,
                        ROOT + "8.1", **more)
    box = data(ImageDisplayFormat="STANDARD\\1,1", FilmOrientation="PORTRAIT", FilmSizeID="14INX17IN", ReferencedFilmSessionSequence=Sequence(
        [data(ReferencedSOPClassUID=sop.BasicFilmSession, ReferencedSOPInstanceUID=ROOT + "8.1")]))
    assoc.send_n_create(box, sop.BasicFilmBox, ROOT + "8.2", **more)
    pixels = data(SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", Rows=8, Columns=8, BitsAllocated=8, BitsStored=8, HighBit=7,
                  PixelRepresentation=0, PixelData=bytes(range(64)))
    pixels["PixelData"].VR = "OW"
    assoc.send_n_set(data(ImageBoxPosition=1, BasicGrayscaleImageSequence=Sequence([pixels])), sop.BasicGrayscaleImageBox, ROOT + "8.9", **more)
    assoc.send_n_action(None, 1, sop.BasicFilmBox, ROOT + "8.2", **more)
    assoc.send_n_delete(sop.BasicFilmSession, ROOT + "8.1", **more)
    time.sleep(1)
    assoc.release()


def taker(port):
    """An archive that takes every object in every encoding, and answers negotiations."""
    ae = AE(ae_title="PACS_LAB")
    for c in (sop.CTImageStorage, sop.SecondaryCaptureImageStorage, sop.EncapsulatedPDFStorage, sop.EncapsulatedCDAStorage, sop.ComprehensiveSRStorage,
              sop.BasicTextSRStorage, sop.KeyObjectSelectionDocumentStorage, FIND, sop.Verification):
        ae.add_supported_context(c, [s for s in uid.AllTransferSyntaxes], scu_role=True, scp_role=True)
    ae.start_server(("0.0.0.0", int(port)), evt_handlers=[
        (evt.EVT_C_STORE, lambda e: 0x0000), (evt.EVT_C_ECHO, lambda e: 0x0000), (evt.EVT_ASYNC_OPS, lambda e: (2, 1)),
        (evt.EVT_SOP_EXTENDED, lambda e: dict(e.app_info)), (evt.EVT_SOP_COMMON, lambda e: dict(e.items))])


def extended(address, port):
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked, window.maximum_number_operations_performed = 8, 1
    find, store, common = SOPClassExtendedNegotiation(), SOPClassExtendedNegotiation(), SOPClassCommonExtendedNegotiation()
    find.sop_class_uid, find.service_class_application_information = FIND, b"\x01\x01\x01\x00\x00"
    store.sop_class_uid, store.service_class_application_information = sop.CTImageStorage, b"\x02\x00\x00\x00\x01\x00"
    common.sop_class_uid, common.service_class_uid = sop.ComprehensiveSRStorage, "1.2.840.10008.4.2"
    common.related_general_sop_class_identification = [sop.BasicTextSRStorage]
    assoc = associate(address, port, [sop.CTImageStorage, sop.ComprehensiveSRStorage, FIND, sop.Verification],
                      ext_neg=[build_role(sop.CTImageStorage, scp_role=True, scu_role=True), window, find, store, common])
    assoc.send_c_echo()
    assoc.release()


def without_pixels(n, cls, modality):
    ds = ct(n)
    for word in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel",
                 "PhotometricInterpretation", "ImageType"):
        delattr(ds, word)
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = cls, f"{ROOT}4.{n}", modality
    return ds


def code(value, scheme, meaning):
    return Sequence([data(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)])


def sr(n, verified):
    ds = without_pixels(n, sop.ComprehensiveSRStorage, "SR")
    ds.ValueType, ds.ContinuityOfContent, ds.CompletionFlag = "CONTAINER", "SEPARATE", "COMPLETE"
    ds.ConceptNameCodeSequence = code("18747-6", "LN", "CT Report")
    ds.VerificationFlag = "VERIFIED" if verified else "UNVERIFIED"
    if verified:
        ds.VerifyingObserverSequence = Sequence([data(VerifyingObserverName="LABREADER^SENIOR", VerifyingOrganization="LAB HOSPITAL",
                                                      VerificationDateTime="20261120101500", VerifyingObserverIdentificationCodeSequence=Sequence([]))])
    ds.ContentSequence = Sequence([
        data(RelationshipType="HAS OBS CONTEXT", ValueType="PNAME", PersonName="LABREADER^JUNIOR", ConceptNameCodeSequence=code("121008", "DCM", "Person Observer Name")),
        data(RelationshipType="CONTAINS", ValueType="TEXT", TextValue="No finding.", ConceptNameCodeSequence=code("121070", "DCM", "Findings")),
        data(RelationshipType="CONTAINS", ValueType="NUM", ConceptNameCodeSequence=code("410668003", "SCT", "Length"), MeasuredValueSequence=Sequence(
            [data(NumericValue="12.5", MeasurementUnitsCodeSequence=code("mm", "UCUM", "mm"))]))])
    return meta(ds)


def document(n, cls, mime, body, title="REPORT"):
    ds = without_pixels(n, cls, "DOC")
    ds.MIMETypeOfEncapsulatedDocument, ds.DocumentTitle, ds.BurnedInAnnotation = mime, title, "YES"
    ds.ConceptNameCodeSequence = code("11502-2", "LN", "Laboratory report")
    ds.EncapsulatedDocument, ds.EncapsulatedDocumentLength = body + b"\0" * (len(body) & 1), len(body)
    return meta(ds)


PDF = b"%PDF-1.4\n%lab\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
CDA = b'<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3" extension="LAB"/></ClinicalDocument>\n'


def documents(address, port):
    aside = document(4, sop.EncapsulatedPDFStorage, "application/pdf", b"<html><body>LAB</body></html>")
    aside.OtherPatientIDs = ["LAB-OLD-1", "LAB-OLD-2"]
    aside.OtherPatientIDsSequence = Sequence([data(PatientID="LAB-ELSEWHERE-9", TypeOfPatientID="TEXT")])
    aside.private_block(0x0099, "LAB PRIVATE", create=True).add_new(0x01, "UN", b"LAB")
    rejected = without_pixels(5, sop.KeyObjectSelectionDocumentStorage, "KO")
    rejected.ValueType, rejected.ConceptNameCodeSequence = "CONTAINER", code("113001", "DCM", "Rejected for Quality Reasons")
    for ds in (sr(1, True), sr(2, False), document(3, sop.EncapsulatedPDFStorage, "application/pdf", PDF), aside, meta(rejected),
               document(6, sop.EncapsulatedCDAStorage, "text/XML", CDA, "DISCHARGE SUMMARY")):
        ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
        assoc = associate(address, port, [(ds.SOPClassUID, uid.ExplicitVRLittleEndian)])
        assoc.send_c_store(ds)
        assoc.release()


def deidentified(address, port):
    """A research export: the first object as it should be, then four that claim so and kept what names the patient."""
    for n in range(1, 6):
        ds = ct(n, "RESEARCH-%d")
        ds.PatientIdentityRemoved, ds.DeidentificationMethod, ds.PatientID = "YES", "LAB PROFILE", f"R-{n}"
        ds.PatientBirthDate, ds.AccessionNumber, ds.ReferringPhysicianName = "", "", ""
        if n > 1:
            ds.PatientBirthDate, ds.OtherPatientIDs, ds.PatientAddress = "19700101", f"LAB-{n:04d}", "LAB STREET 1"
        assoc = associate(address, port, [(ds.SOPClassUID, uid.ExplicitVRLittleEndian)])
        assoc.send_c_store(ds)
        assoc.release()


def plain(n, syntax, charset, name, side=24):
    ds = ct(n, name, charset=charset, side=side, syntax=syntax)
    ds.PatientComments = name.replace("^", " ").replace("=", " ")
    inner = data(CodeValue="T-A0100", CodingSchemeDesignator="SRT", CodeMeaning="Brain")
    ds.SourceImageSequence = Sequence([data(ReferencedSOPClassUID=sop.CTImageStorage, ReferencedSOPInstanceUID=ROOT + "3.99",
                                            PurposeOfReferenceCodeSequence=Sequence([inner]))])
    ds["SourceImageSequence"].is_undefined_length = n % 2 == 0
    block = ds.private_block(0x0029, "LAB PRIVATE", create=True)
    block.add_new(0x10, "LO", "PRIVATE TEXT")
    block.add_new(0x20, "SQ", Sequence([data(CodeMeaning="INSIDE")]))
    block.add_new(0x30, "FD", [1.5, -2.25])
    return ds


def objects(folder):
    """Twenty objects: encodings times character sets. DCMTK compresses what pydicom cannot."""
    import numpy
    jpeg = ["dcmcjpeg", "--true-lossless"]
    tools = [None, None, None, None, None,  # implicit, explicit, big endian, deflated, explicit with an item's own character set
             ["dcmcrle"], ["dcmcjpeg", "+eb"], ["dcmcjpeg", "+ee"], ["dcmcjpeg", "+el"], jpeg + ["+e1"], ["dcmcjpls", "+el"], ["dcmcjpls", "+en"],
             "j2k", "j2kl", ["dcmcrle", "-ot"], None, None, None, None, ["dcmcrle"]]
    syntaxes = [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian]
    sets = CHARSETS + [("ISO_IR 101", "Dvořák^Žofie"), ("ISO_IR 148", "İğne^Şule"), ("ISO_IR 109", "Ħamrun^Ġorġ"), ("ISO_IR 110", "Bērziņš^Ģirts"),
                       ("ISO_IR 127", "مختبر^مريض"), ("ISO_IR 166", "ห้อง^ผู้ป่วย"), ("GBK", "实验^病人"), ("ISO_IR 13", "ﾔﾏﾀﾞ^ﾀﾛｳ"), (None, "LABPATIENT^ASCII")]
    os.makedirs(folder, exist_ok=True)
    for n, (tool, (charset, name)) in enumerate(zip(tools, sets), 1):
        syntax = syntaxes[(n - 1) % 4] if tool is None else uid.ExplicitVRLittleEndian
        ds = plain(n, syntax, charset, name, side=64 if isinstance(tool, str) else 24)  # JPEG 2000 halves it five times
        eight = (numpy.arange(24 * 24) * 7 + n).astype("u1")
        if tool and tool[0] == "dcmcjpeg":  # eight bits, for the baseline process
            ds.BitsAllocated = ds.BitsStored = 8
            ds.HighBit, ds.PixelData = 7, eight.tobytes()
        if n == 5:
            ds.SourceImageSequence[0].SpecificCharacterSet = "ISO_IR 144"
            ds.SourceImageSequence[0].PurposeOfReferenceCodeSequence[0].CodeMeaning = "Мозг"
        if n == 15:  # three frames
            ds.NumberOfFrames, ds.PixelData = 3, ds.PixelData * 3
        if syntax == uid.ExplicitVRBigEndian:
            ds.PixelData = numpy.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
        if tool in ("j2k", "j2kl"):
            if tool == "j2k":
                ds.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
            else:
                ds.compress(uid.JPEG2000, j2k_cr=[5], generate_instance_uid=False)
        save(reencoded(ds, syntax) if not isinstance(tool, str) else ds, folder, n)
        path = os.path.join(folder, f"{n:04d}.dcm")
        if isinstance(tool, list):
            subprocess.run([*tool, path, path], check=True)


def send(address, port, folder):
    """The files as they are: every second one in small fragments."""
    _config.STORE_SEND_CHUNKED_DATASET = True
    from pydicom import dcmread
    for n, name in enumerate(sorted(os.listdir(folder)), 1):
        path = os.path.join(folder, name)
        head = dcmread(path, stop_before_pixels=True)
        assoc = associate(address, port, [(head.SOPClassUID, head.file_meta.TransferSyntaxUID)])
        print(name, head.file_meta.TransferSyntaxUID.name, assoc.send_c_store(path, msg_id=n))
        assoc.release()


if __name__ == "__main__":
    globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
