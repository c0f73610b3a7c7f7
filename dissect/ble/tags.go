package ble

import (
	"fmt"

	"wardtrace/dissect/cursor"
)

var opNames = map[opcode]string{
	opError: "error", opMTURequest: "mtu_request", opMTUResponse: "mtu_response", 0x04: "find_information_request",
	opFindInfo: "find_information_response", 0x06: "find_by_type_value_request", 0x07: "find_by_type_value_response",
	opReadByTypeReq: "read_by_type_request", opReadByType: "read_by_type_response", opReadRequest: "read_request",
	opReadResponse: "read_response", opReadBlobReq: "read_blob_request", opReadBlob: "read_blob_response",
	0x0e: "read_multiple_request", 0x0f: "read_multiple_response", 0x10: "read_by_group_type_request",
	opReadGroup: "read_by_group_type_response", opWriteRequest: "write_request", 0x13: "write_response",
	opPrepareReq: "prepare_write_request", 0x17: "prepare_write_response", 0x18: "execute_write_request",
	0x19: "execute_write_response", opNotification: "notification", opIndication: "indication",
	opConfirmation: "confirmation", 0x20: "read_multiple_variable_request", 0x21: "read_multiple_variable_response",
	0x23: "multiple_notification", opWriteCommand: "write_command", opSignedWrite: "signed_write_command",
}

// serviceNames are the services of health devices (Bluetooth assigned numbers 3.4).
var serviceNames = map[string]string{
	"1800": "generic access", "1801": "generic attribute", "180A": "device information", "180F": "battery",
	"1805": "current time", "180D": "heart rate", "1810": "blood pressure", "1809": "health thermometer",
	"1822": "pulse oximeter", "1808": "glucose", "181F": "continuous glucose monitoring", "183A": "insulin delivery",
	"181D": "weight scale", "181B": "body composition", "181C": "user data", "1840": "generic health sensor",
}

// healthServices are those that say what a device is for.
var healthServices = map[string]string{
	"heart rate": "heart rate sensor", "blood pressure": "blood pressure monitor", "health thermometer": "thermometer",
	"pulse oximeter": "pulse oximeter", "glucose": "glucose meter", "continuous glucose monitoring": "glucose monitor",
	"insulin delivery": "insulin pump", "weight scale": "weighing scale", "body composition": "weighing scale",
	"generic health sensor": "health sensor",
}

func serviceName(uuid string) string {
	if s := serviceNames[uuid]; s != "" {
		return s
	}
	return uuid
}

// characteristicNames are the characteristics of health services (assigned numbers 3.8).
var characteristicNames = map[string]string{
	"2A00": "device name", "2A19": "battery level",
	"2A24": "model number", "2A25": "serial number", "2A26": "firmware revision", "2A27": "hardware revision",
	"2A28": "software revision", "2A29": "manufacturer name", "2A23": "system id",
	"2A37": "heart rate measurement", "2A38": "body sensor location", "2A39": "heart rate control point",
	"2A35": "blood pressure measurement", "2A36": "intermediate cuff pressure", "2A49": "blood pressure feature",
	"2A1C": "temperature measurement", "2A1D": "temperature type", "2A1E": "intermediate temperature",
	"2A5E": "spot-check measurement", "2A5F": "continuous measurement", "2A60": "pulse oximeter features",
	"2A18": "glucose measurement", "2A34": "glucose measurement context", "2A51": "glucose feature",
	"2A52": "record access control point", "2AA7": "glucose monitoring measurement", "2AA8": "glucose monitoring feature",
	"2AA9": "glucose monitoring status", "2AAA": "glucose monitoring session start", "2AAC": "glucose monitoring control point",
	"2B20": "insulin delivery status changed", "2B21": "insulin delivery status", "2B22": "insulin delivery annunciation",
	"2B23": "insulin delivery features", "2B24": "insulin delivery status reader", "2B25": "insulin delivery command",
	"2B26": "insulin delivery command data", "2B27": "insulin delivery record access", "2B28": "insulin delivery history",
	"2A9D": "weight measurement", "2A9C": "body composition measurement",
	"2A8A": "first name", "2A90": "last name", "2A85": "date of birth", "2A8C": "gender",
	"2B8B": "live health observations", "2BDD": "stored health observations", "2BF3": "health sensor features",
	"2BFF": "device identifier",
}

// deviceInformation maps the strings of the device information service to what they say of a device.
var deviceInformation = map[string]string{"2A24": "model", "2A25": "serial", "2A26": "version", "2A27": "hardware",
	"2A28": "software", "2A29": "vendor"}

// controlPoints are the characteristics by which a device is told to do something.
var controlPoints = map[string]bool{"2A39": true, "2A52": true, "2AAC": true, "2B24": true, "2B25": true, "2B27": true}

// recordOps are the operations of the record access control point (Glucose Service 1.0, 3.4).
var recordOps = map[uint8]string{1: "report_records", 2: "delete_records", 3: "abort", 4: "report_number"}

// controlOf names what is asked of a control point. Of insulin delivery the codes are not certain: they stay numbers.
func controlOf(uuid string, value []byte) string {
	cur := cursor.New(value)
	switch uuid {
	case "2A52":
		op := cur.U8()
		if s := recordOps[op]; s != "" {
			return s
		}
		return fmt.Sprintf("0x%02x", op)
	case "2B24", "2B25":
		return fmt.Sprintf("0x%04x", cur.U16LE())
	}
	return fmt.Sprintf("0x%02x", cur.U8())
}

// coreVersions by the number that a controller gives (assigned numbers 2.1).
var coreVersions = [...]string{"1.0b", "1.1", "1.2", "2.0", "2.1", "3.0", "4.0", "4.1", "4.2", "5.0", "5.1", "5.2", "5.3", "5.4", "6.0"}

func coreVersion(v uint8) string {
	if int(v) < len(coreVersions) {
		return coreVersions[v]
	}
	return fmt.Sprintf("0x%02x", v)
}

// companies are the makers of medical devices, and of the radios and telephones met around them (assigned numbers 7.1).
var companies = map[uint16]string{
	0x0006: "Microsoft", 0x000a: "Qualcomm", 0x000d: "Texas Instruments", 0x000f: "Broadcom", 0x001d: "Qualcomm",
	0x0030: "STMicroelectronics", 0x004c: "Apple", 0x0059: "Nordic Semiconductor", 0x0075: "Samsung", 0x00e0: "Google",
	0x0131: "Cypress Semiconductor", 0x02e5: "Espressif", 0x0087: "Garmin",
	0x0069: "A&D", 0x006b: "Polar Electro", 0x00d1: "Polar Electro", 0x00d0: "Dexcom", 0x0167: "Ascensia Diabetes Care",
	0x016d: "LifeScan", 0x0170: "Roche Diabetes Care", 0x01bb: "Cochlear", 0x01dd: "Philips", 0x01f9: "Medtronic",
	0x020e: "Omron Healthcare", 0x0243: "Masimo", 0x0282: "Sonova", 0x02d5: "Omron", 0x0360: "Insulet",
	0x0378: "Propeller Health", 0x038d: "ResMed", 0x03bb: "Abbott", 0x03ff: "Withings", 0x045d: "Boston Scientific",
	0x0497: "Cochlear", 0x04bc: "Dräger", 0x04cb: "Novo Nordisk", 0x059d: "Tandem Diabetes Care",
	0x059f: "Fisher & Paykel Healthcare", 0x0611: "Beurer", 0x063c: "Contec", 0x0743: "Sanofi", 0x0804: "Andon Health",
	0x08fc: "Hill-Rom", 0x0979: "BIOTRONIK", 0x0a5f: "Stryker", 0x0c94: "Baxter Healthcare", 0x0cdc: "Ypsomed",
}

func company(id uint16) string {
	if s := companies[id]; s != "" {
		return s
	}
	return fmt.Sprintf("0x%04x", id)
}

// appearances are the categories of health devices (assigned numbers 2.6.2), the ten highest bits of an appearance.
var appearances = map[uint16]string{1: "phone", 2: "computer", 3: "watch", 12: "thermometer", 13: "heart rate sensor",
	14: "blood pressure", 15: "human interface device", 16: "glucose meter", 49: "pulse oximeter", 50: "weight scale",
	51: "personal mobility device", 52: "continuous glucose monitor", 53: "insulin pump", 54: "medication delivery"}

func appearance(v uint16) string {
	if s := appearances[v>>6]; s != "" {
		return s
	}
	return fmt.Sprintf("0x%04x", v)
}
