#!/usr/bin/env python3
"""Clients of dicomweb.sh: a modality (10.20.0.12), a viewer (10.20.0.31) and an intruder (10.20.0.66)."""
import io
import subprocess
import sys
import time
import uuid

import numpy
import requests
from dicomweb_client.api import DICOMwebClient
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from requests.adapters import HTTPAdapter

ROOT = "1.2.826.0.1.3680043.8.498.7."
CT = "1.2.840.10008.5.1.4.1.1.2"
HOST = sys.argv[2]


class From(HTTPAdapter):
    """Speaks from one of the client's addresses."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, source_address=(self.address, 0), **kwargs)


def session(address):
    s = requests.Session()
    s.trust_env = False
    s.mount("http://", From(address))
    return s


def image(n, instance=1, syntax=uid.ExplicitVRLittleEndian, name="LABPATIENT^WEB%d", charset=None, frames=1, side=8):
    """A CT image of an invented patient."""
    ds = Dataset()
    if charset:
        ds.SpecificCharacterSet = charset
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID, ds.SOPInstanceUID = CT, f"{ROOT}3.{n}.{instance}"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber = f"202611{1 + n % 28:02d}", "083000", f"WEB{n:04d}"
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "CT", "LAB IMAGING", "SLICER 16"
    ds.StationName, ds.DeviceSerialNumber, ds.SoftwareVersions = "CT2", "SN-4712", "2.1.7"
    ds.ReferringPhysicianName, ds.StudyDescription, ds.SeriesDescription = "LABDOCTOR^TWO", "HEAD PLAIN", "AXIAL"
    ds.PatientName = name % n if "%d" in name else name
    ds.PatientID, ds.PatientBirthDate, ds.PatientSex = f"WEB-{n:04d}", "19700101", "O"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{ROOT}1.{n}", f"{ROOT}2.{n}"
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = str(n), "1", str(instance)
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    if frames > 1:
        ds.NumberOfFrames = frames
    ds.Rows = ds.Columns = side
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = ((numpy.arange(side * side * frames, dtype="<u2") * 37 + n + instance) & 0xFFF).astype("<u2").tobytes()
    ds["PixelData"].VR = "OW"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    return ds


def octets(ds):
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def web(address, port=8042, auth=None):
    s = session(address)
    s.auth = auth
    return DICOMwebClient(f"http://{HOST}:{port}", session=s, qido_url_prefix="dicom-web", wado_url_prefix="dicom-web", stow_url_prefix="dicom-web")


def multipart(parts):
    boundary = uuid.UUID(int=4711).hex
    body = b"".join(b"--" + boundary.encode() + b"\r\nContent-Type: application/dicom\r\n\r\n" + p + b"\r\n" for p in parts)
    return f'multipart/related; type="application/dicom"; boundary={boundary}', body + b"--" + boundary.encode() + b"--\r\n"


def attempt(call, *args, **kwargs):
    """Old archives and new clients do not agree in all; what crossed the wire is what counts."""
    try:
        return call(*args, **kwargs)
    except Exception as e:
        print(f"{call.__name__}: {e}", file=sys.stderr)
        return []


def curl(*args):
    subprocess.run(["curl", "-s", "-m", "10", "-o", "/dev/null", *args], check=False)


def services():
    """What a modality and a viewer do with every service, in clear; then the same with a password and by the archive's own interface."""
    modality, viewer = web("10.20.0.12"), web("10.20.0.31")
    attempt(modality.store_instances, [image(1, 1), image(1, 2)])
    attempt(modality.store_instances, [image(2, 1, uid.ImplicitVRLittleEndian, "Läbpatient^Jürgen", "ISO_IR 100", frames=3)])
    kind, body = multipart([octets(image(3)), octets(image(3, 2))[:-100], b"this is no object"])
    session("10.20.0.12").post(f"http://{HOST}:8042/dicom-web/studies", data=body, headers={"Content-Type": kind, "Accept": "application/dicom+json"})
    session("10.20.0.12").post(f"http://{HOST}:8042/dicom-web/studies", data=multipart([octets(image(4))])[1],
                               headers={"Content-Type": kind, "Accept": "application/dicom+xml"})
    time.sleep(1)

    attempt(viewer.search_for_studies, search_filters={"PatientName": "LABPATIENT*", "StudyDate": "20261101-20261130"}, fields=["00081030"], limit=10)
    attempt(viewer.search_for_studies, search_filters={"PatientID": "WEB-0002"})
    attempt(viewer.search_for_studies, search_filters={"PatientID": "NOBODY"})
    attempt(viewer.search_for_series, f"{ROOT}1.1", search_filters={"Modality": "CT"})
    attempt(viewer.search_for_instances, f"{ROOT}1.1", f"{ROOT}2.1")
    attempt(viewer.retrieve_study_metadata, f"{ROOT}1.1")
    attempt(viewer.retrieve_study, f"{ROOT}1.1")
    attempt(viewer.retrieve_series, f"{ROOT}1.2", f"{ROOT}2.2")
    attempt(viewer.retrieve_instance, f"{ROOT}1.1", f"{ROOT}2.1", f"{ROOT}3.1.2")
    web_frames = f"http://{HOST}:8042/dicom-web/studies/{ROOT}1.2/series/{ROOT}2.2/instances/{ROOT}3.2.1/frames/1,3"
    curl("--interface", "10.20.0.31", "-H", 'Accept: multipart/related; type="application/octet-stream"', web_frames)
    attempt(viewer.retrieve_instance_rendered, f"{ROOT}1.1", f"{ROOT}2.1", f"{ROOT}3.1.1", media_types=("image/png",))
    base = f"http://{HOST}:8042"
    from_viewer = ["--interface", "10.20.0.31"]
    curl(*from_viewer, "-H", "Accept: application/dicom+json", f"{base}/dicom-web/studies?PatientName=LABPATIENT*&StudyDate=20261101-20261130&limit=10")
    curl(*from_viewer, "-H", 'Accept: multipart/related; type="application/dicom+xml"', f"{base}/dicom-web/studies?PatientID=WEB-0001")
    curl(*from_viewer, "-H", 'Accept: multipart/related; type="application/dicom+xml"', f"{base}/dicom-web/studies/{ROOT}1.2/metadata")
    one = f"studyUID={ROOT}1.1&seriesUID={ROOT}2.1&objectUID={ROOT}3.1.1"
    curl(*from_viewer, f"{base}/wado?requestType=WADO&{one}&contentType=application/dicom")
    curl(*from_viewer, f"{base}/wado?requestType=WADO&{one}&contentType=image/jpeg")
    curl(*from_viewer, f"{base}/dicom-web/studies/1.2.3.4.5.6.7/metadata")
    curl(*from_viewer, "-X", "DELETE", f"{base}/dicom-web/studies/{ROOT}1.4")

    secured = web("10.20.0.31", 8043, ("viewer", "Invented-4711"))
    attempt(secured.store_instances, [image(5)])
    attempt(secured.search_for_studies, search_filters={"00100020": "WEB-0005"})
    curl(*from_viewer, f"http://{HOST}:8043/dicom-web/studies")

    rest = session("10.20.0.31")
    rest.get(f"{base}/system")
    rest.post(f"{base}/instances", data=octets(image(6)), headers={"Content-Type": "application/dicom"})
    rest.post(f"{base}/tools/find", json={"Level": "Study", "Query": {"PatientName": "LABPATIENT*", "PatientID": ""}, "Expand": True})
    found = rest.post(f"{base}/tools/find", json={"Level": "Instance", "Query": {"PatientID": "WEB-0006"}}).json()
    rest.get(f"{base}/patients?expand")
    rest.get(f"{base}/instances/{found[0]}/file")
    rest.get(f"{base}/instances/{found[0]}/simplified-tags")
    study = rest.get(f"{base}/instances/{found[0]}/study").json()["ID"]
    rest.get(f"{base}/studies/{study}/archive")
    rest.delete(f"{base}/studies/{study}")


def bulk():
    """The modality fills the archive, a viewer reads three studies; later the intruder lists all patients, fetches all studies, deletes some."""
    modality, viewer = web("10.20.0.12"), web("10.20.0.31")
    for n in range(1, 52):
        attempt(modality.store_instances, [image(n, side=4)])
    for n in range(1, 4):
        attempt(viewer.search_for_studies, search_filters={"PatientID": f"WEB-{n:04d}"})
        attempt(viewer.retrieve_study, f"{ROOT}1.{n}")
        time.sleep(1)
    thief = web("10.20.0.66")
    rest, base = session("10.20.0.66"), f"http://{HOST}:8042"
    # dicomweb-client writes %2A for an asterisk, which this archive does not undo.
    studies = rest.get(f"{base}/dicom-web/studies?PatientName=*&limit=1000", headers={"Accept": "application/dicom+json"}).json()
    for found in sorted(studies, key=lambda s: s["0020000D"]["Value"][0]):
        attempt(thief.retrieve_study, found["0020000D"]["Value"][0])
    for study in rest.get(f"{base}/studies").json()[:4]:
        rest.delete(f"{base}/studies/{study}")


{"services": services, "bulk": bulk}[sys.argv[1]]()
