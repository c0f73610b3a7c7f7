"""Makes the DICOM objects and the worklist of one recording.

usage: make_dicom.py OUTDIR
  OUTDIR/earlier/*.dcm        six studies that are in the PACS before the recording begins
  OUTDIR/today/ct-N/*.dcm     CT studies, two slices each, in the order of the day
  OUTDIR/today/us-N/*.dcm     ultrasound studies, one RGB image each
  OUTDIR/worklist/RIS/*.wl    one worklist entry for each study of today
  OUTDIR/today.tsv            study, patient id, study instance UID
"""
import datetime
import pathlib
import sys

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from cast import EARLIER, WARD

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
WORKLIST = "1.2.840.10008.5.1.4.31"
NOW = datetime.datetime.now(datetime.timezone.utc)
RNG = np.random.default_rng(20)

CT_STUDIES, US_STUDIES = 7, 4


def uid(*parts):
    return generate_uid(entropy_srcs=[NOW.isoformat(), *map(str, parts)])


def file_meta(sop_class, sop_instance, syntax=ExplicitVRLittleEndian):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = sop_instance
    meta.TransferSyntaxUID = syntax
    return meta


def base(patient, modality, study, accession, when):
    """The patient, study and equipment attributes that every image carries."""
    ds = Dataset()
    ds.PatientID, ds.PatientName, ds.PatientBirthDate, ds.PatientSex = patient[:4]
    ds.StudyInstanceUID = uid("study", study)
    ds.SeriesInstanceUID = uid("series", study)
    ds.StudyID = study[-8:]
    ds.AccessionNumber = accession
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = when.strftime("%Y%m%d")
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = when.strftime("%H%M%S")
    ds.ReferringPhysicianName = "LABDOCTOR^ONE"
    ds.InstitutionName = "Laboratory Ward"
    ds.Modality = modality
    if modality == "CT":
        ds.Manufacturer, ds.ManufacturerModelName = "SIEMENS", "Lab CT 16"
        ds.StationName, ds.DeviceSerialNumber, ds.SoftwareVersions = "CT01", "LAB-CT-0001", "VA40A"
        ds.BodyPartExamined, ds.StudyDescription = "CHEST", "CT chest"
    else:
        ds.Manufacturer, ds.ManufacturerModelName = "GE Healthcare", "Lab US 9"
        ds.StationName, ds.DeviceSerialNumber, ds.SoftwareVersions = "US01", "LAB-US-0001", "R3.1.2"
        ds.BodyPartExamined, ds.StudyDescription = "ABDOMEN", "US abdomen"
    ds.SeriesNumber = 1
    return ds


def disc(side, radius):
    y, x = np.mgrid[0:side, 0:side] - side / 2
    return (x * x + y * y) < radius * radius


def save(ds, sop_class, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    out = FileDataset(str(path), ds, file_meta=file_meta(sop_class, ds.SOPInstanceUID), preamble=b"\0" * 128)
    out.SOPClassUID = sop_class
    out.save_as(str(path), enforce_file_format=True)


def ct(patient, study, accession, when, folder, slices, side):
    for number in range(1, slices + 1):
        ds = base(patient, "CT", study, accession, when)
        ds.SOPInstanceUID = uid("image", study, number)
        ds.InstanceNumber = number
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.Rows = ds.Columns = side
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
        ds.RescaleIntercept, ds.RescaleSlope = -1024, 1
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        image = np.where(disc(side, side * 0.42), 1060, 24) + np.where(disc(side, side * 0.1 * number), 300, 0)
        ds.PixelData = (image + RNG.integers(0, 24, image.shape)).astype("<u2").tobytes()
        save(ds, CT_IMAGE, folder / f"{study}-{number}.dcm")


def us(patient, study, accession, when, folder, side):
    ds = base(patient, "US", study, accession, when)
    ds.SOPInstanceUID = uid("image", study, 1)
    ds.InstanceNumber = 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.Rows = ds.Columns = side
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL"]
    grey = np.where(disc(side, side * 0.4), 90, 8) + RNG.integers(0, 16, (side, side))
    ds.PixelData = np.repeat(grey.astype("u1")[:, :, None], 3, axis=2).tobytes()
    save(ds, US_IMAGE, folder / f"{study}-1.dcm")


def worklist(patient, modality, study, accession, folder):
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.AccessionNumber, ds.ReferringPhysicianName = accession, "LABDOCTOR^ONE"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = patient[1], patient[0], patient[2], patient[3]
    ds.StudyInstanceUID = uid("study", study)
    ds.RequestedProcedureDescription = ds_description = f"{modality} lab order"
    ds.RequestedProcedureID = "RP" + accession
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle = modality, modality + "01"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = NOW.strftime("%Y%m%d"), "060000"
    step.ScheduledPerformingPhysicianName = "LABDOCTOR^TWO"
    step.ScheduledProcedureStepDescription, step.ScheduledProcedureStepID = ds_description, "SP" + accession
    step.ScheduledStationName, step.ScheduledProcedureStepLocation = modality + "01", "ROOM1"
    ds.ScheduledProcedureStepSequence = Sequence([step])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{study}.wl"
    out = FileDataset(str(path), ds, preamble=b"\0" * 128,
                      file_meta=file_meta(WORKLIST, uid("wl", study), ImplicitVRLittleEndian))
    out.save_as(str(path), enforce_file_format=True)


def main():
    out = pathlib.Path(sys.argv[1])
    for number, patient in enumerate(EARLIER, 1):
        when = NOW - datetime.timedelta(days=70 * number)
        study, accession = f"earlier{number}", f"A0{number:03}"
        if number % 3:
            ct(patient, study, accession, when, out / "earlier", 1, 224)
        else:
            us(patient, study, accession, when, out / "earlier", 224)
    with open(out / "today.tsv", "w") as table:
        plan = [("ct", n) for n in range(1, CT_STUDIES + 1)] + [("us", n) for n in range(1, US_STUDIES + 1)]
        for kind, number in plan:
            study = f"{kind}-{number}"
            index = number - 1 if kind == "ct" else 3 + number
            patient, accession = WARD[index % len(WARD)], f"A1{kind == 'us':d}{number:02}"
            if kind == "ct":
                ct(patient, study, accession, NOW, out / "today" / study, 2, 160)
            else:
                us(patient, study, accession, NOW, out / "today" / study, 288 if number == 2 else 224)
            worklist(patient, kind.upper(), study, accession, out / "worklist" / "RIS")
            table.write(f"{study}\t{patient[0]}\t{uid('study', study)}\n")
    (out / "worklist" / "RIS" / "lockfile").touch()


main()
