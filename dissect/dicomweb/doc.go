// Package dicomweb reads the DICOM web services (PS3.18 2025c) in the exchanges that HTTP carries: QIDO-RS (10.6), WADO-RS (10.4),
// STOW-RS (10.5), UPS-RS (11), WADO-URI (9), and what archives offer beside the standard: deletion by DELETE on a study, series or
// instance, and Orthanc's own interface (/instances, /tools/find, /system and so on), which is named for what is asked.
//
// An exchange is one row of dicomweb; each data set in it is a row of dicomweb_dataset, whose columns bear the names of
// dicom_dataset where they mean the same. Both tables, and the table http, are joined by flow_id and trans_depth. Objects that moved
// are summed by series in image_transfer.
//
// An exchange is recognised by a DICOM media type in the request's Content-Type or Accept or in the response's Content-Type, by a UID or
// an Orthanc identifier after a resource's name in the path, by DICOM attributes as keys of a search, by requestType=WADO, or by a body
// that is a Part 10 file or begins as Orthanc's do. A port, or the word dicom in a path, is no proof.
//
// Bodies are read as they pass: multipart/related (RFC 2387) is split by its boundary, and each part goes on to the reader of a
// Part 10 file, of the JSON model (annex F) or of the Native DICOM Model in XML (PS3.19 annex A). Nothing of a part is held but the
// element being read, with one exception: XML is held whole, up to maxXML.
//
// Where a Keeper is set, each object is kept as it crossed. dicomweb-client stores, and Orthanc then serves, objects that begin with group
// 0002, without preamble, DICM and group length (PS3.10 7.1): they are read and kept with a sound head, and an anomaly says so.
//
// What names a patient: keys of a search are values of a row of kind query; Orthanc's identifiers are SHA-1 of the patient ID
// without a key, so resource_id is patient data, and the path that the table http shows has * instead.
//
// Limits: a boundary of 200 bytes, a line of a part's header of 8 KiB and 64 of them, 1 KiB of a text value, 64 KiB of a list of UIDs,
// JSON nested 64 deep, 256 series summed in one exchange. A loss inside a part is borne if the reader of its data set bears it;
// else the next boundary is looked for.
//
// Not decoded: pixels of rendered images, frames and bulk data (counted), zip archives of Orthanc and of application/zip (counted),
// WebSocket events of UPS-RS, the capabilities document (WADL), the multipart/form-data by which browsers upload.
//
// Uncertain: whether /studies belongs to this standard cannot be told from the path alone; without a UID, a key or a media type the
// exchange stays plain HTTP. DELETE on resources is in no standard; status 2xx is taken for done.
package dicomweb
