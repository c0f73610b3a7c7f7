#!/usr/bin/env python3
"""Peers of dicom.sh: worklists that contradict each other, services that an address has no business with, a server that dies."""
import os
import socket
import struct
import sys
import time

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pynetdicom import AE, evt
from pynetdicom import sop_class as sop

from dicomcases import FIND, ROOT, associate, meta, rq
from dicomservices import code, data, without_pixels

WORKLIST, MPPS = sop.ModalityWorklistInformationFind, sop.ModalityPerformedProcedureStep


def steps(folder):
    """Five scheduled steps as files of wlmscpfs."""
    for n, (title, day, name, modality) in enumerate((("CT_1", "20261120", "ABEL", "CT"), ("CT_1", "20261120", "ADAMS", "CT"), ("CT_1", "20261121", "BAKER", "CT"),
                                                      ("MR_1", "20261120", "ALLEN", "MR"), ("US_1", "20261122", "CLARK", "US")), 1):
        ds = data(PatientName=f"LABPATIENT^{name}", PatientID=f"LAB-020{n}", PatientBirthDate="19700101", PatientSex="F", AccessionNumber=f"ACC020{n}",
                  RequestedProcedureID=f"RP020{n}", StudyInstanceUID=f"{ROOT}1.20{n}", ScheduledProcedureStepSequence=Sequence([data(
                      Modality=modality, ScheduledStationAETitle=title, ScheduledProcedureStepID=f"SPS{n}",
                      ScheduledProcedureStepStartDate=day, ScheduledProcedureStepStartTime=f"0{n}0000")]))
        ds.SOPClassUID, ds.SOPInstanceUID = WORKLIST, f"{ROOT}9.{n}"
        meta(ds)
        del ds.SOPClassUID, ds.SOPInstanceUID
        ds.save_as(os.path.join(folder, f"{n}.wl"), enforce_file_format=True)


def ask(address, port, called, title="CT_1", **keys):
    step = {k: keys.pop(k, "") for k in ("Modality", "ScheduledStationAETitle", "ScheduledProcedureStepStartDate", "ScheduledProcedureStepID")}
    key = data(PatientName="", PatientID="", AccessionNumber="", RequestedProcedureID="", StudyInstanceUID="",
               ScheduledProcedureStepSequence=Sequence([data(**step)]))
    for k, v in keys.items():
        setattr(key, k, v)
    assoc = associate(address, port, [WORKLIST], title=title, called=called)
    n = sum(1 for status, _ in assoc.send_c_find(key, WORKLIST) if status and status.Status in (0xFF00, 0xFF01))
    print(called, keys, step, n, "matches")
    assoc.release()


def keys(address, port):
    """A worklist asked in every way of matching there is."""
    today = {"ScheduledStationAETitle": "CT_1", "ScheduledProcedureStepStartDate": "20261120", "Modality": "CT"}
    ask(address, port, "RIS", **today)
    ask(address, port, "RIS", PatientName="LABPATIENT^A*", Modality="CT")
    ask(address, port, "RIS", PatientName="LABPATIENT^?LLEN")
    ask(address, port, "RIS", ScheduledProcedureStepStartDate="20261120-20261121")
    ask(address, port, "RIS", ScheduledProcedureStepStartDate="20261121-")
    ask(address, port, "RIS", AccessionNumber="ACC0203")
    ask(address, port, "RIS", StudyInstanceUID=[ROOT + "1.201", ROOT + "1.204"])
    ask(address, port, "RIS")


def second_ris(port):
    """A worklist of somebody else: the first order with another patient."""
    def found(_):
        yield 0xFF00, data(PatientName="LABPATIENT^OTHER", PatientID="LAB-0999", AccessionNumber="ACC0201", RequestedProcedureID="RP0201",
                           StudyInstanceUID=ROOT + "1.201", ScheduledProcedureStepSequence=Sequence([data(
                               Modality="CT", ScheduledStationAETitle="CT_1", ScheduledProcedureStepStartDate="20261120", ScheduledProcedureStepID="SPS1")]))
    ae = AE(ae_title="RIS")
    ae.add_supported_context(WORKLIST)
    ae.start_server(("0.0.0.0", int(port)), evt_handlers=[(evt.EVT_C_FIND, found)])


def worklists(first, second, port):
    today = {"ScheduledStationAETitle": "CT_1", "ScheduledProcedureStepStartDate": "20261120", "Modality": "CT"}
    ask(first, port, "RIS", **today)
    time.sleep(1)
    ask(second, port, "RIS", **today)


def step(address, port, status):
    """One procedure step begun (IN PROGRESS), or ended by whoever runs this."""
    assoc = associate(address, port, [MPPS], title="CT_1")
    if status == "IN PROGRESS":
        assoc.send_n_create(data(PatientName="LABPATIENT^ABEL", PatientID="LAB-0201", PerformedProcedureStepID="PPS1", Modality="CT",
                                 PerformedStationAETitle="CT_1", PerformedProcedureStepStatus=status), MPPS, ROOT + "5.7")
    else:
        assoc.send_n_set(data(PerformedProcedureStepStatus=status), MPPS, ROOT + "5.7")
    assoc.release()


def writes(address, port):
    """A laptop that looks around, rejects images, stores one, and deletes a film session."""
    assoc = associate(address, port, [FIND], title="LAPTOP")
    list(assoc.send_c_find(data(QueryRetrieveLevel="STUDY", PatientName="LABPATIENT*", StudyInstanceUID=""), FIND))
    assoc.release()
    time.sleep(1)
    reject = without_pixels(7, sop.KeyObjectSelectionDocumentStorage, "KO")
    reject.ValueType, reject.ConceptNameCodeSequence = "CONTAINER", code("113039", "DCM", "Data Retention Policy Expired")
    reject = meta(reject)
    assoc = associate(address, port, [sop.KeyObjectSelectionDocumentStorage], title="LAPTOP")
    assoc.send_c_store(reject)
    assoc.release()
    assoc = associate(address, port, [sop.BasicFilmSession], title="LAPTOP")
    assoc.send_n_delete(sop.BasicFilmSession, ROOT + "8.1")
    assoc.release()


def archive(port):
    ae = AE(ae_title="PACS_LAB")
    for c in (FIND, sop.KeyObjectSelectionDocumentStorage, sop.BasicFilmSession, MPPS):
        ae.add_supported_context(c)

    def found(_):
        yield 0xFF00, data(QueryRetrieveLevel="STUDY", PatientName="LABPATIENT^NUMBER1", PatientID="LAB-0001", StudyInstanceUID=ROOT + "1.1")
    ae.start_server(("0.0.0.0", int(port)), evt_handlers=[
        (evt.EVT_C_FIND, found), (evt.EVT_C_STORE, lambda e: 0x0000), (evt.EVT_N_DELETE, lambda e: 0x0000),
        (evt.EVT_N_CREATE, lambda e: (0x0000, Dataset())), (evt.EVT_N_SET, lambda e: (0x0000, Dataset()))])


def fragile(port):
    """A stand-in for a server with a faulty library: it accepts, and is reset by an object number that is a path."""
    with socket.create_server(("0.0.0.0", int(port))) as listening:
        while True:
            s, _ = listening.accept()
            try:
                request = s.recv(65536)
                answer = bytearray(request)
                answer[0] = 2
                at = answer.index(b"\x20\x00", 74 + 25)  # the presentation context becomes an accepted one of implicit VR
                context = struct.pack(">BBHBBBB", 0x21, 0, 4 + 4 + 17, 1, 0, 0, 0) + struct.pack(">BBH", 0x40, 0, 17) + b"1.2.840.10008.1.2"
                user = bytes(answer[answer.index(b"\x50\x00", at):])
                body = bytes(answer[6:at]) + context + user
                s.sendall(struct.pack(">BBI", 2, 0, len(body)) + body)
                s.recv(65536)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except (OSError, ValueError):
                pass
            s.close()
            time.sleep(0.3)


def crash(address, port, times):
    for n in range(int(times)):
        elements = [(2, b"1.2.840.10008.5.1.4.1.1.2\0"), (0x100, b"\x01\0"), (0x110, struct.pack("<H", n + 1)), (0x700, b"\0\0"), (0x800, b"\x01\x01"),
                    (0x1000, b"../../../../tmp/%02d.dcm\0" % n)]
        body = b"".join(struct.pack("<HHI", 0, e, len(v)) + v for e, v in elements)
        body = struct.pack("<HHI", 0, 0, 4) + struct.pack("<I", len(body)) + body
        try:
            with socket.create_connection((address, int(port)), 5) as s:
                s.sendall(rq())
                s.recv(4096)
                s.sendall(struct.pack(">BBI", 4, 0, len(body) + 6) + struct.pack(">IBB", len(body) + 2, 1, 3) + body)
                s.recv(4096)
        except OSError as e:
            print(n, e)
        time.sleep(1)


if __name__ == "__main__":
    globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
