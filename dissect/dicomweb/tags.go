package dicomweb

import "strings"

// levels are the resources of patients' data, with the level that they stand for.
var levels = map[string]string{"patients": "patient", "studies": "study", "series": "series", "instances": "instance"}

// retrievals are the last segments of PS3.18 tables 10.4.1-1 to 10.4.1-5.
var retrievals = map[string]string{"": "retrieve", "metadata": "retrieve_metadata", "rendered": "retrieve_rendered",
	"thumbnail": "retrieve_thumbnail", "frames": "retrieve_frames", "bulkdata": "retrieve_bulkdata", "pixeldata": "retrieve_bulkdata"}

// orthancRetrievals are those of Orthanc's own interface.
var orthancRetrievals = map[string]string{"file": "retrieve", "archive": "archive", "media": "archive", "tags": "tags", "simplified-tags": "tags",
	"shared-tags": "tags", "instances-tags": "tags", "content": "tags", "preview": "retrieve_rendered", "image-uint8": "retrieve_rendered",
	"image-uint16": "retrieve_rendered", "pdf": "retrieve_rendered", "attachments": "retrieve_bulkdata", "statistics": "statistics",
	"patient": "parent", "study": "parent", "module": "tags", "module-patient": "tags", "header": "tags"}

// orthancActions are what POST and PUT do there.
var orthancActions = map[string]string{"anonymize": "anonymize", "modify": "modify", "archive": "archive", "media": "archive", "protected": "protect",
	"reconstruct": "reconstruct", "merge": "merge", "split": "split", "attachments": "store_attachment", "metadata": "store_metadata"}

// interfaceRoots are first segments of Orthanc's own interface.
var interfaceRoots = map[string]bool{"tools": true, "system": true, "statistics": true, "changes": true, "exports": true, "modalities": true,
	"peers": true, "queries": true}

// toolWords are what /tools offers.
var toolWords = map[string]string{"find": "find", "lookup": "find", "execute-script": "script", "shutdown": "shutdown", "reset": "reset",
	"create-dicom": "store", "create-archive": "archive", "create-media": "archive", "bulk-delete": "delete", "bulk-modify": "modify",
	"bulk-anonymize": "anonymize", "log-level": "configure", "generate-uid": "other", "invalidate-tags": "configure", "metrics": "statistics",
	"dicom-conformance": "system", "now": "system"}

// remoteWords are what /modalities, /peers and /queries do with others.
var remoteWords = map[string]string{"store": "send", "store-straight": "send", "echo": "echo", "query": "query", "find": "query",
	"find-patient": "query", "find-study": "query", "find-series": "query", "find-instance": "query", "move": "move", "retrieve": "move",
	"find-worklist": "query", "storage-commitment": "commit", "answers": "query", "system": "system", "configuration": "system"}

// productOf names the product that a path is typical of.
func productOf(path string) string {
	switch {
	case strings.Contains(path, "/dcm4chee-arc/aets/"):
		return "dcm4chee-arc"
	case strings.Contains(path, "/dicomStores/") && strings.Contains(path, "/dicomWeb/"):
		return "google"
	}
	return ""
}
