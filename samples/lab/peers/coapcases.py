"""CoAP by aiocoap: a gateway that offers vital signs, and a client that lists its resources, observes, reads and writes.

    python3 coapcases.py serve ADDRESS     until killed
    python3 coapcases.py ask ADDRESS       bounded: a few seconds
"""
import asyncio
import json
import sys

import aiocoap
from aiocoap import Code, Context, Message, resource

JSON, SENML = 50, 110
HL7 = ('MSH|^~\\&|BED12|WARD3|LIS|LAB|20261120021500+0000||ORU^R01|COAP0001|P|2.6\r'
       'PID|1||LAB-4711^^^WARDLAB||LABPATIENT^JOIN||19700102|F\r'
       'OBR|1||F1|VITALS^Vital signs^L|||20261120021500+0000\r'
       + ''.join(f'OBX|{i}|NM|8867-4^Heart rate^LN||{70 + i}|/min|||||F|||2026112002{15 + i}00+0000\r' for i in range(1, 25)))


class Vitals(resource.ObservableResource):
    def __init__(self):
        super().__init__()
        self.n = 0

    async def count(self):
        for _ in range(6):
            await asyncio.sleep(0.5)
            self.n += 1
            self.updated_state()

    async def render_get(self, request):
        body = {'deviceId': 'BED12-MON', 'patient_id': 'LAB-4711', 'patient_name': 'LABPATIENT^JOIN', 'heart_rate': 72 + self.n,
                'heart_rate_unit': '/min', 'spo2': 97 - self.n, 'nibp': {'sys': 121, 'dia': 78}, 'timestamp': '2026-11-20T02:15:0%dZ' % self.n}
        return Message(payload=json.dumps(body).encode(), content_format=JSON)


class Room(resource.Resource):
    async def render_get(self, request):
        pack = [{'bn': 'urn:dev:mac:00005e1000000012:', 'bt': 1795400100.0, 'n': 'temperature', 'u': 'Cel', 'v': 21.5},
                {'n': 'humidity', 'u': '%RH', 'v': 41}, {'n': 'temperature', 't': -60, 'v': 21.4, 'u': 'Cel'}, {'n': 'door', 'vb': True}]
        return Message(payload=json.dumps(pack).encode(), content_format=SENML)


class Inbox(resource.Resource):
    async def render_put(self, request):
        return Message(code=Code.CHANGED)

    async def render_post(self, request):
        return Message(code=Code.CREATED)


async def serve(address):
    site = resource.Site()
    site.add_resource(['.well-known', 'core'], resource.WKCResource(site.get_resources_as_linkheader))
    vitals = Vitals()
    site.add_resource(['ward3', 'vitals'], vitals)
    site.add_resource(['ward3', 'room'], Room())
    site.add_resource(['hl7'], Inbox())
    site.add_resource(['patient', 'LAB-4711', 'weight'], Inbox())
    await Context.create_server_context(site, bind=(address, 5683))
    while True:
        await vitals.count()
        await asyncio.sleep(1)


async def ask(address):
    client = await Context.create_client_context()
    base = f'coap://{address}'

    async def say(code, path, **more):
        try:
            answer = await asyncio.wait_for(client.request(Message(code=code, uri=base + path, **more)).response, 10)
            print(code, path, answer.code)
        except Exception as e:  # an answer that is an error is recorded too
            print(code, path, e)

    await say(Code.GET, '/.well-known/core')
    await say(Code.GET, '/ward3/room')
    await say(Code.GET, '/ward3/nothing')
    await say(Code.GET, '/ward3/vitals?patient=LAB-4711&limit=1')
    await say(Code.POST, '/patient/LAB-4711/weight', payload=b'{"weight_kg": 71.5}', content_format=JSON)
    await say(Code.PUT, '/hl7', payload=HL7.encode())
    watch = client.request(Message(code=Code.GET, uri=base + '/ward3/vitals', observe=0))
    await watch.response
    n = 0
    async for _ in watch.observation:
        n += 1
        if n == 3:
            break
    watch.observation.cancel()
    await asyncio.sleep(0.5)
    await client.shutdown()


if sys.argv[1] == 'serve':
    asyncio.run(serve(sys.argv[2]))
else:
    asyncio.run(asyncio.wait_for(ask(sys.argv[2]), 40))
