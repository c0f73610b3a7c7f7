"""The invented patients of the laboratory ward. No name, number or date here belongs to a person."""

# (patient id, name, birth date, sex, bed). The ids are the same in DICOM, HL7 v2 and MQTT.
WARD = [
    ("LP1001", "LABPATIENT^ALDER", "19510304", "F", "W2-01"),
    ("LP1002", "LABPATIENT^BEECH", "19440817", "M", "W2-02"),
    ("LP1003", "LABPATIENT^CEDAR", "19620121", "F", "W2-03"),
    ("LP1004", "LABPATIENT^DOGWOOD", "19381109", "M", "W2-04"),
    ("LP1005", "LABPATIENT^ELM", "19750630", "F", "W2-05"),
    ("LP1006", "LABPATIENT^FIR", "19570212", "M", "W2-06"),
    ("LP1007", "LABPATIENT^GINKGO", "19690925", "F", "W2-07"),
    ("LP1008", "LABPATIENT^HAZEL", "19491003", "M", "W2-08"),
]

# Patients of earlier days: only the PACS knows them.
EARLIER = [
    ("LP0901", "LABPATIENT^IRIS", "19330514", "F", ""),
    ("LP0902", "LABPATIENT^JUNIPER", "19661220", "M", ""),
    ("LP0903", "LABPATIENT^KAURI", "19810708", "F", ""),
    ("LP0904", "LABPATIENT^LARCH", "19590419", "M", ""),
    ("LP0905", "LABPATIENT^MAPLE", "19720101", "F", ""),
    ("LP0906", "LABPATIENT^NUTMEG", "19400228", "M", ""),
]
