// Package words knows the names that programs give to what stands in their messages: the members of JSON objects, the levels of MQTT topics,
// the segments of paths. They are nobody's standard. By them MQTT, CoAP and sensors' messages find a patient, so that he stands only where he
// is protected, and the device; one list for all of them, since what is a patient's number in one is one in the others.
package words
