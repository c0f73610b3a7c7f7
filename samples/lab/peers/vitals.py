"""Prints the vital signs of one bed as a JSON line at a fixed interval: the input of mosquitto_pub -l.

usage: vitals.py DEVICE PATIENT_INDEX PERIOD SECONDS
"""
import datetime
import json
import random
import sys
import time

from cast import WARD

device, index, period, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
patient, rng = WARD[index], random.Random(device)
signs = {"heart_rate": 74.0, "spo2": 97.0, "resp": 15.0, "sys": 124.0, "dia": 78.0, "temp": 36.8}
steps = {"heart_rate": 1.2, "spo2": 0.3, "resp": 0.5, "sys": 1.5, "dia": 1.0, "temp": 0.03}
first = dict(signs)
start = time.time()
for number in range(1, 1 + int(seconds / period)):
    for name in signs:  # a slow walk that is pulled back to where it began
        signs[name] += rng.gauss(0, steps[name]) - 0.1 * (signs[name] - first[name])
    signs["spo2"] = min(100.0, signs["spo2"])
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    print(json.dumps({"device": device, "bed": patient[4], "patient": patient[0], "seq": number, "ts": now,
                      **{name: round(value, 1) for name, value in signs.items()}}), flush=True)
    time.sleep(max(0, start + number * period - time.time()))
