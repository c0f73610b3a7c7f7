"""MQTT clients for the recordings of single cases, beside mosquitto's own. All patients are invented.

usage: mqttcases.py CASE HOST      cases: vitals-json, v5, connect-flood, malformed
"""
import json
import socket
import sys
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PORT = 1883
HL7 = ("MSH|^~\\&|MONITORGW|LABHOSP|HIS|LABHOSP|20261120081500||ORU^R01^ORU_R01|Q0001|P|2.5\rPID|1||LAB-0001||LABPATIENT^ONE\r"
       "OBR|1|||VITALS\rOBX|1|NM|8867-4^Heart rate^LN||72|/min\r")


def connected(client, host, **options):
    client.connect(host, PORT, **options)
    client.loop_start()
    while not client.is_connected():
        time.sleep(0.02)
    return client


def vitals_json(host):
    """A monitor gateway of version 3.1.1: vital signs as JSON, one message of HL7, one large, retained and with all QoS."""
    c = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="monitor-gw-2", protocol=mqtt.MQTTv311)
    c.username_pw_set("ward3", "not-a-real-password")
    c.will_set("ward3/gw/state", "offline", qos=1, retain=True)
    connected(c, host, keepalive=30)
    for n in range(4):
        body = {"patient_id": "LAB-0001", "patient_name": "LABPATIENT^ONE", "heart_rate": 70 + n, "spo2": 97, "nibp": {"sys": 120, "dia": 80},
                "alarm": None, "bed": "W2-04"}
        c.publish("ward3/bed04/vitals", json.dumps(body), qos=n % 3).wait_for_publish()
    c.publish("ward3/patient/LAB-0001/hl7", HL7, qos=1).wait_for_publish()
    c.publish("ward3/gw/state", "online", qos=1, retain=True).wait_for_publish()
    c.publish("ward3/bed04/wave", b"\x00\x01" * 900, qos=0).wait_for_publish()
    c.publish("ward3/bed04/note", "").wait_for_publish()
    time.sleep(0.3)
    c.disconnect()
    c.loop_stop()


def v5(host):
    """Version 5: properties of every packet that has some, topic alias, an assigned client id, a refused login."""
    c = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="", protocol=mqtt.MQTTv5)
    c.username_pw_set("ward3", "not-a-real-password")
    p = Properties(PacketTypes.CONNECT)
    p.SessionExpiryInterval = 120
    p.UserProperty = ("device", "gateway")
    connected(c, host, clean_start=True, properties=p)
    c.subscribe([("ward3/+/cmd", SubscribeOptions(qos=1, noLocal=True)), ("$SYS/broker/version", SubscribeOptions(qos=0))])
    for n in range(3):
        p = Properties(PacketTypes.PUBLISH)
        p.TopicAlias = 1
        p.ContentType = "application/json"
        p.UserProperty = ("unit", "mmHg")
        if n == 0:
            p.ResponseTopic = "ward3/bed04/answer"
        topic = "ward3/bed04/pressure" if n == 0 else ""
        c.publish(topic, json.dumps({"systolic": 120 + n, "patientId": "LAB-0002"}), qos=1, properties=p).wait_for_publish()
    c.publish("ward3/pump1/cmd", "start", qos=2).wait_for_publish()
    c.unsubscribe("ward3/+/cmd")
    time.sleep(0.5)
    c.disconnect()
    c.loop_stop()
    bad = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="guesser", protocol=mqtt.MQTTv5)
    bad.username_pw_set("admin", "wrong")
    bad.connect(host, PORT)
    end = time.time() + 1
    while time.time() < end:
        bad.loop(0.1)


def connect_flood(host):
    """75 connections from one host in some seconds, each with a client id of its own."""
    for n in range(75):
        c = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"f{n:04}", protocol=mqtt.MQTTv311)
        c.connect(host, PORT)
        while not c.is_connected():
            c.loop(0.05)
        c.disconnect()
        c.loop(0.05)
        time.sleep(0.02)


CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05probe"


def malformed(host):
    """What a broker must refuse, each on a connection of its own, by hand."""
    for name, data in (
        ("before CONNECT", b"\x30\x08\x00\x03a/bhey"), ("second CONNECT", CONNECT + CONNECT), ("reserved type 0", CONNECT + b"\x00\x00"),
        ("reserved type 15", CONNECT + b"\xf0\x00"), ("QoS 3", CONNECT + b"\x36\x0a\x00\x03a/b\x00\x01hey"),
        ("length of five bytes", CONNECT + b"\x30\xff\xff\xff\xff\x7f"), ("packet identifier 0", CONNECT + b"\x32\x0a\x00\x03a/b\x00\x00hey"),
        ("PUBACK of nothing", CONNECT + b"\x40\x02\x00\x07"), ("topic not UTF-8", CONNECT + b"\x30\x08\x00\x03\xc3\x28bhey"),
        ("topic past the end", CONNECT + b"\x30\x08\x00\x20a/bhey"), ("wildcard in topic", CONNECT + b"\x30\x08\x00\x03a/#hey"),
        ("flags of SUBSCRIBE", CONNECT + b"\x80\x08\x00\x01\x00\x03a/b\x00"), ("SUBSCRIBE to nothing", CONNECT + b"\x82\x02\x00\x01"),
        ("unknown protocol", b"\x10\x11\x00\x04MQTX\x04\x02\x00\x3c\x00\x05probe"),
    ):
        s = socket.create_connection((host, PORT), timeout=1)
        if name == "PUBACK of nothing":  # else the broker would not have spoken yet
            s.sendall(CONNECT)
            s.recv(16)
            data = data[len(CONNECT):]
        s.sendall(data)
        try:
            while s.recv(4096):
                pass
        except OSError:
            pass
        s.close()
        print(name, "sent", file=sys.stderr)


{"vitals-json": vitals_json, "v5": v5, "connect-flood": connect_flood, "malformed": malformed}[sys.argv[1]](sys.argv[2])
