"""HL7 peers on the hl7apy library: devices that speak IHE PCD (PCD-01 observations, PCD-03 infusion orders, PCD-04 alarms,
PCD-10 pump events), a registration desk, and what goes wrong with them. All patients are invented.

usage: hl7pcd.py serve PORT            hl7apy's MLLP server: acknowledges every message, one a connection
       hl7pcd.py CASE HOST PORT        one of the cases below
"""
import socket
import sys
import time
from datetime import datetime, timedelta, timezone

from hl7apy.core import Message
from hl7apy.mllp import AbstractErrorHandler, AbstractHandler, MLLPServer
from hl7apy.parser import parse_message, parse_segment

PROFILES = {
    "ORU^R01^ORU_R01": "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
    "RGV^O15^RGV_O15": "IHE_PCD_003^IHE PCD^1.3.6.1.4.1.19376.1.6.1.3.1^ISO",
    "ORU^R40^ORU_R40": "IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO",
    "ORU^R42^ORU_R42": "IHE_PCD_010^IHE PCD^1.3.6.1.4.1.19376.1.6.1.10.1^ISO",
}
PATIENTS = [("LAB-4711", "LABPATIENT^JOIN", "19700102", "ICU^01^1^HOSP"), ("LAB-0052", "LABPATIENT^BETA", "19580311", "ICU^02^1^HOSP"),
            ("LAB-0053", "LABPATIENT^GAMMA", "19831224", "ICU^03^1^HOSP"), ("LAB-0054", "LABPATIENT^DELTA", "19420630", "ICU^04^1^HOSP")]
count = 0


class Acknowledge(AbstractHandler):
    def reply(self):
        received = parse_message(self.incoming_message, find_groups=False)
        ack = Message("ACK", version="2.6")
        ack.msh.msh_3, ack.msh.msh_4 = "DEVICEHUB", "LABHOSP"
        ack.msh.msh_9 = "ACK^" + received.msh.msh_9.msh_9_2.to_er7() + "^ACK"
        ack.msh.msh_10 = "A" + received.msh.msh_10.to_er7()
        ack.msh.msh_11, ack.msh.msh_12 = "P", "2.6"
        ack.msa.msa_1, ack.msa.msa_2 = "AA", received.msh.msh_10.to_er7()
        return ack.to_mllp()


class Refuse(AbstractErrorHandler):
    def reply(self):
        return Acknowledge(self.incoming_message).reply().replace("MSA|AA", "MSA|AE")


def serve(port):
    kinds = list(PROFILES) + [f"ADT^{e}^{s}" for e, s in (("A01", "ADT_A01"), ("A02", "ADT_A02"), ("A03", "ADT_A03"), ("A08", "ADT_A01"),
                              ("A17", "ADT_A17"), ("A40", "ADT_A39"))] + ["RDE^O11^RDE_O11", "RAS^O17^RAS_O17", "QBP^Q22^QBP_Q21"]
    handlers = {k: (Acknowledge,) for k in kinds} | {"ERR": (Refuse,)}
    MLLPServer("0.0.0.0", port, handlers).serve_forever()


def now(back=0.0):
    return (datetime.now(timezone.utc) - timedelta(seconds=back)).strftime("%Y%m%d%H%M%S+0000")


def send(kind, app, segments):
    """Build a message with hl7apy, send it in a connection of its own, wait for the answer."""
    global count
    count += 1
    m = Message(version="2.6")
    m.msh.msh_3, m.msh.msh_4, m.msh.msh_5, m.msh.msh_6 = app, "LABHOSP", "DEVICEHUB", "LABHOSP"
    m.msh.msh_7, m.msh.msh_9, m.msh.msh_10, m.msh.msh_11, m.msh.msh_12 = now(), kind, f"{app.split('^')[0]}{count:05}", "P", "2.6"
    if kind in PROFILES:
        m.msh.msh_21 = PROFILES[kind]
    for s in segments:
        m.add(parse_segment(s, version="2.6"))
    with socket.create_connection((HOST, PORT), timeout=5) as c:
        c.sendall(m.to_mllp().encode())
        while c.recv(4096):
            pass


def pid(p):
    return f"PID|1||{p[0]}^^^LABHOSP^MR~77{p[0][-4:]}^^^REGION^PI||{p[1]}||{p[2]}|F"


def obx(n, kind, code, sub, value="", unit="", limits="", flags="", status="R", at="", device=""):
    return f"OBX|{n}|{kind}|{code}^MDC|{sub}|{value}|{unit}|{limits}|{flags}|||{status}|||{at}||||{device}".rstrip("|")


def eui(n):
    return f"00123400000000{n:02}^MON-{n}^00123400000000{n:02}^EUI-64"


def vitals(bed, hr, spo2, sys, temp, back=0.0):
    """PCD-01 of a monitor: what the equipment is stands at the MDS, the values below it name no equipment."""
    p, at = PATIENTS[bed], now(back)
    send("ORU^R01^ORU_R01", "MONGW^0012340000000001^EUI-64", [
        pid(p), f"PV1|1|I|{p[3]}", f"OBR|1|MON{bed}-{count}^MONGW|MON{bed}-{count}^MONGW|69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|||{at}",
        obx(1, "", "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS", "1.0.0.0", status="X", device=eui(bed + 1)),
        obx(2, "ST", "531970^MDC_ID_MODEL_MANUFACTURER", "1.0.0.1", "Example Monitoring"), obx(3, "ST", "531969^MDC_ID_MODEL_NUMBER", "1.0.0.2", "EM-7"),
        obx(4, "NM", "147842^MDC_ECG_HEART_RATE", "1.1.1.147842", hr, "264864^MDC_DIM_BEAT_PER_MIN^MDC^{beat}/min^^UCUM", "50-120"),
        obx(5, "NM", "150456^MDC_PULS_OXIM_SAT_O2", "1.2.1.150456", spo2, "262688^MDC_DIM_PERCENT^MDC^%^^UCUM", "90-100"),
        obx(6, "NM", "150037^MDC_PRESS_BLD_ART_ABP_SYS", "1.3.1.150037", sys, "266016^MDC_DIM_MMHG^MDC^mm[Hg]^^UCUM", "90-160"),
        obx(7, "NM", "150364^MDC_TEMP_BODY", "1.4.1.150364", temp, "268192^MDC_DIM_DEGC^MDC^Cel^^UCUM"),
    ])


def alarm(bed, event, source, value, phase, state, silence, priority="PH", kind="SP"):
    """PCD-04: an event and its facets."""
    p, at = PATIENTS[bed], now()
    base = "1.1.1.147842"
    send("ORU^R40^ORU_R40", "MONGW^0012340000000001^EUI-64", [
        pid(p), f"PV1|1|I|{p[3]}", f"OBR|1|AL{bed}^MONGW|AL{bed}^MONGW|196616^MDC_EVT_ALARM^MDC|||{at}",
        obx(1, "CWE", "196616^MDC_EVT_ALARM", base + ".1", event + "^MDC", flags=f"{priority}~{kind}~H", at=at, device=eui(bed + 1)),
        obx(2, "NM", source, base + ".2", value, "264864^MDC_DIM_BEAT_PER_MIN^MDC", "50-120", at=at),
        obx(3, "ST", "68481^MDC_ATTR_EVENT_PHASE", base + ".3", phase, at=at), obx(4, "ST", "68482^MDC_ATTR_ALARM_STATE", base + ".4", state, at=at),
        obx(5, "ST", "68483^MDC_ATTR_ALARM_INACTIVATION_STATE", base + ".5", silence, at=at),
        obx(6, "ST", "68484^MDC_ATTR_ALARM_PRIORITY", base + ".6", priority, at=at), obx(7, "ST", "68485^MDC_ATTR_ALERT_TYPE", base + ".7", kind, at=at),
    ])


HR = "147842^MDC_ECG_HEART_RATE"
HIGH = "196648^MDC_EVT_HI"


def desk():
    """The day of two patients at the registration desk."""
    a, b = PATIENTS[0], PATIENTS[1]
    visit = "|".join([""] * 12) + "V4711^^^LABHOSP^VN"
    send("ADT^A01^ADT_A01", "REG", [f"EVN|A01|{now()}||||{now(60)}", pid(a), f"PV1|1|I|W2^04^1^HOSP||||D1^LABDOCTOR^ONE{visit}"])
    send("ADT^A02^ADT_A02", "REG", [f"EVN|A02|{now()}", pid(a), f"PV1|1|I|{a[3]}|||W2^04^1^HOSP|D1^LABDOCTOR^ONE{visit}"])
    send("ADT^A08^ADT_A01", "REG", [f"EVN|A08|{now()}", pid(a), f"PV1|1|I|{a[3]}"])
    send("ADT^A17^ADT_A17", "REG", [f"EVN|A17|{now()}", pid(a), f"PV1|1|I|{b[3]}|||{a[3]}", pid(b), f"PV1|1|I|{a[3]}|||{b[3]}"])
    send("ADT^A40^ADT_A39", "REG", [f"EVN|A40|{now()}", pid(a), "MRG|LAB-0947^^^LABHOSP^MR"])


def pump():
    """An infusion order to a pump, its answer by events, a report, the nurse's record."""
    p, at, device = PATIENTS[0], now(), "0012341100000007^PUMP-7^0012341100000007^EUI-64"
    drug, ml, mlh = "313820^Norepinephrine 4 mg in 250 mL^RXNORM", "263762^MDC_DIM_MILLI_L^MDC^mL^^UCUM", "265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^^UCUM"
    send("RDE^O11^RDE_O11", "PHARM", [pid(p), f"ORC|NW|P8801|||||^^^{at}||{at}", f"RXE|^^^{at}|{drug}|250||{ml}|INJ{'|' * 17}8|{mlh}"])
    send("RGV^O15^RGV_O15", "BCMA", [
        pid(p), f"PV1|1|I|{p[3]}", "ORC|RE|P8801|F8801", f"RXG|1||^^^{at}|{drug}|250||{ml}||||||||8|{mlh}", "RXR|IV^Intravenous^HL70162",
        obx(1, "", "69986^MDC_DEV_PUMP_INFUS_VMD", "1.0.0.0", status="X", device=device),
        obx(2, "NM", "68063^MDC_ATTR_PT_WEIGHT", "1.0.0.2", "71", "263875^MDC_DIM_KILO_G^MDC^kg^^UCUM")])
    for event, rate, state in (("MDC_EVT_PUMP_DELIV_START", "8", "pump-status-infusing"), ("MDC_EVT_PUMP_DELIV_STOP", "0", "pump-status-stopped")):
        send("ORU^R42^ORU_R42", "PUMPGW", [
            pid(p), f"PV1|1|I|{p[3]}", f"OBR|1|P8801|E{count}^PUMPGW|0^{event}^MDC|||{now()}",
            obx(1, "", "70049^MDC_DEV_PUMP_INFUS_LVP_MDS", "1.0.0.0", status="X", device=device), obx(2, "", "70050^MDC_DEV_PUMP_INFUS_LVP_VMD", "1.1.0.0", status="X"),
            obx(3, "CWE", "0^MDCX_PUMP_EVENT", "1.1.0.1", f"0^{event}^MDC"), obx(4, "CWE", "184519^MDC_PUMP_INFUSING_STATUS", "1.1.0.2", f"^{state}"),
            obx(5, "NM", "158014^MDC_FLOW_FLUID_PUMP_CURRENT", "1.1.1.3", rate, mlh), obx(6, "ST", "184514^MDC_DRUG_NAME_LABEL", "1.1.1.4", "Norepinephrine"),
            obx(7, "NM", "157884^MDC_VOL_FLUID_TBI", "1.1.1.5", "250", ml), obx(8, "NM", "157872^MDC_VOL_FLUID_TBI_REMAIN", "1.1.1.6", "249.3", ml)])
        time.sleep(2)
    send("RAS^O17^RAS_O17", "BCMA", [pid(p), "ORC|RE|P8801|F8801", f"RXA|0|1|{at}|{now()}|{drug}|250|{ml}||N1^LABNURSE^ANN{'|' * 10}CP"])


def pcd():
    """Three beds for a minute and a half; one alarm that begins, goes on, is silenced for a while and ends."""
    desk()
    for i in range(16):
        for bed in range(3):
            vitals(bed, 78 + (i * 7 + bed) % 9 + (48 if bed == 1 and 4 <= i < 9 else 0), 97 - (i + bed) % 3, 118 + (i * 3 + bed) % 8, f"36.{6 + bed % 3}")
        if i == 4:
            alarm(1, HIGH, HR, "128", "start", "active", "enabled")
        elif i == 6:
            alarm(1, HIGH, HR, "127", "continue", "active", "audio-paused")
        elif i == 9:
            alarm(1, HIGH, HR, "83", "end", "inactive", "enabled")
        elif i == 11:
            pump()
        elif i == 13:
            alarm(2, "196802^MDC_EVT_BATT_LO", "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS", "", "start", "latched", "enabled", "PL", "ST")
        time.sleep(6)


def alarms_off():
    """Four beds go on measuring, but their alarms are switched off or paused one after the other within half a minute."""
    for i in range(14):
        for bed in range(4):
            vitals(bed, 80 + (i + bed) % 7, 97 - i % 2, 120 + i % 5, "36.8")
        if i in (4, 5, 6, 7):
            bed = i - 4
            alarm(bed, "196616^MDC_EVT_ALARM", HR, "84", "continue", "off", ("alarm-off", "alarm-paused", "audio-off", "alarm-off")[bed])
        time.sleep(6)


def altered_vitals():
    """Two beds for two minutes. On one somebody on the way changes two values at once, for one sample; then he sends old values again, with the times
    that they had."""
    for i in range(40):
        for bed in range(2):
            bad = bed == 1 and i == 20
            vitals(bed, 210 if bad else 80 + (i + bed) % 7, 55 if bad else 97 - i % 2, 121 + i % 5, "36.8", back=2400 if bed == 1 and i in (30, 31, 32) else 0)
        time.sleep(3)


def bulk_query():
    """A client that asks for one patient after the other, 130 in two minutes; beside it a desk that asks now and then."""
    for i in range(130):
        send("QBP^Q22^QBP_Q21", "PDQ", [f"QPD|Q22^Find Candidates^HL7|T{i}|@PID.3.1^LAB-{1000 + i}", "RCP|I|10^RD"])
        time.sleep(0.8)


CASES = {"pcd": pcd, "alarms-off": alarms_off, "altered-vitals": altered_vitals, "bulk-query": bulk_query}

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        HOST, PORT = sys.argv[2], int(sys.argv[3])
        CASES[sys.argv[1]]()
