package hl7

import "strings"

// knownSegments are the names of HL7 v2.1 to v2.9 (appendix A), withdrawn ones included.
var knownSegments = set(`ABS ACC ADD ADJ AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM CDO CER
CM0 CM1 CM2 CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DON DPS DRG DSC DSP DST ECD ECR EDU EQL EQP EQU ERQ ERR EVN FAC
FHS FT1 FTS GOL GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH LDP LOC LRL MCP MFA MFE MFI
MRG MSA MSH NCK NDS NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 ORC ORG OVR PAC PCE PCR
PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL PSS PTH PV1 PV2 PYE QAK QID QPD QRD QRF QRI RCP RDF
RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RXA RXC RXD RXE RXG RXO RXR RXV SAC SCD SCH SCP SDD SFT SGH SGT SHP SID SLT SPM SPR STF
STZ TCC TCD TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND VTQ`)

// resultWords are results that laboratories and devices send as text and that name nobody.
var resultWords = set(`POS NEG POSITIVE NEGATIVE POS. NEG. REACTIVE NON-REACTIVE NONREACTIVE NORMAL ABNORMAL HIGH LOW TRACE
DETECTED UNDETECTED PRESENT ABSENT EQUIVOCAL INDETERMINATE INVALID PENDING YES NO TRUE FALSE ON OFF NONE UNKNOWN
A B AB O A+ A- B+ B- AB+ AB- O+ O- APOS ANEG BPOS BNEG ABPOS ABNEG OPOS ONEG RH+ RH- SMALL MODERATE LARGE FEW MANY CLEAR
CLOUDY YELLOW START STARTED STOP STOPPED END CONTINUE UPDATE START_ONLY ACTIVE INACTIVE LATCHED ENABLED AUDIO-PAUSED
AUDIO-OFF ALARM-PAUSED ALARM-OFF ALERT-ACKNOWLEDGED CONTINUE PRESENT TPOINT RESET ESCALATE DE-ESCALATE PH PM PL PI PN PU SP ST SA`, "NOT DETECTED", "A POS", "A NEG", "B POS", "B NEG", "AB POS", "AB NEG", "O POS", "O NEG",
	"A POSITIVE", "A NEGATIVE", "B POSITIVE", "B NEGATIVE", "AB POSITIVE", "AB NEGATIVE", "O POSITIVE", "O NEGATIVE")

// abnormalFlags are OBX-8: table 0078 with what its revisions and FHIR's list of the same name have, and priority and type of alerts (IHE PCD).
var abnormalFlags = set(`L H LL HH LU HU < > N A AA NULL U D B W S R I NS MS VS SYN-R SYN-S SDD POS NEG IND DET ND NR RR WR
EX HX LX UNE CAR CARRIER TOX AC QCF OBX E EXP IE HM ALTERED * ** + ++ +++ ++++ - -- PH PM PL PI PN PU SP ST SA`)

func set(words string, more ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range append(strings.Fields(words), more...) {
		out[w] = true
	}
	return out
}

// productCodes are the observations by which a device names itself, and the attribute each stands for.
var productCodes = map[string]string{
	"MDC_ID_MODEL_MANUFACTURER": "vendor", "MDC_ID_MODEL_NUMBER": "model", "MDC_ID_PROD_SPEC_SERIAL": "serial",
	"MDC_ID_PROD_SPEC_SW": "version", "MDC_ID_PROD_SPEC_FW": "version", "MDC_ATTR_ID_MODEL": "model",
}

// contentMagic are the first bytes of what is sent in OBX-5, and of what should not be.
var contentMagic = []struct{ begin, name string }{
	{"%PDF", "pdf"}, {"\xff\xd8\xff", "jpeg"}, {"\x89PNG", "png"}, {"GIF8", "gif"}, {"II*\x00", "tiff"}, {"MM\x00*", "tiff"},
	{"MZ", "exe"}, {"\x7fELF", "elf"}, {"PK\x03\x04", "zip"}, {"\x1f\x8b", "gzip"}, {"#!", "script"}, {"<?php", "script"},
	{"{\\rtf", "rtf"}, {"\xd0\xcf\x11\xe0", "ole"}, {"<?xml", "xml"}, {"<ClinicalDocument", "xml"}, {"<html", "html"},
	{"<!DOCTYPE html", "html"}, {"<HTML", "html"}, {"RIFF", "riff"}, {"Rar!", "rar"}, {"7z\xbc\xaf", "7z"},
}
