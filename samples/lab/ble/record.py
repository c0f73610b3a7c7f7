"""Records Bluetooth LE health devices: three peripherals and two telephones, each a whole Bluetooth stack (bumble) with a
simulated radio between them. Writes the log of telephone 1, of a host's own HCI, as a capture of link type 201.

    pip install bumble && python record.py OUT.pcap
"""
import asyncio
import io
import struct
import sys

from bumble import gatt
from bumble.controller import Controller
from bumble.core import AdvertisingData
from bumble.device import Device, Peer
from bumble.gatt import Characteristic, Service
from bumble.host import Host
from bumble.link import LocalLink
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.snoop import BtSnooper
from bumble.transport.common import AsyncPipeSink

READ, NOTIFY, INDICATE, WRITE = (Characteristic.Properties.READ, Characteristic.Properties.NOTIFY,
                                 Characteristic.Properties.INDICATE, Characteristic.Properties.WRITE)


def sfloat(value, exponent=0):
    mantissa = round(value / 10**exponent)
    return struct.pack('<H', (exponent & 15) << 12 | mantissa & 0xFFF)


def float32(value, exponent=-1):
    mantissa = round(value / 10**exponent)
    return struct.pack('<I', (exponent & 0xFF) << 24 | mantissa & 0xFFFFFF)


def when(minute):
    return struct.pack('<HBBBBB', 2026, 11, 20, 2, minute, 0)


def info(maker, model, serial, firmware):
    return Service('180A', [Characteristic(u, READ, Characteristic.READABLE, v.encode())
                            for u, v in (('2A29', maker), ('2A24', model), ('2A25', serial), ('2A26', firmware))])


def value(uuid, properties):
    return Characteristic(uuid, properties, Characteristic.READABLE | Characteristic.WRITEABLE, b'')


class Lab:
    def __init__(self):
        self.link = LocalLink()
        self.n = 0

    async def device(self, name, address, services=(), uuids=(), company=None):
        self.n += 1
        controller = Controller(name, link=self.link, public_address=f'00:1B:10:00:00:{self.n:02X}')
        device = Device(name=name, address=None, host=Host(controller, AsyncPipeSink(controller)))
        device.random_address = device.static_address = __import__('bumble.hci').hci.Address(address)
        data = [(AdvertisingData.FLAGS, b'\x06'), (AdvertisingData.COMPLETE_LOCAL_NAME, name.encode())]
        if uuids:
            data.append((AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, b''.join(struct.pack('<H', u) for u in uuids)))
        if company is not None:
            data.append((AdvertisingData.MANUFACTURER_SPECIFIC_DATA, struct.pack('<H', company) + b'\x01'))
        device.advertising_data = bytes(AdvertisingData(data))
        for s in services:
            device.add_service(s)
        device.pairing_config_factory = lambda connection: PairingConfig(
            sc=True, mitm=False, bonding=True, delegate=PairingDelegate(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT))
        await device.power_on()
        return device


async def talk(phone, target, sends, pair=False, control=None):
    """Connects, discovers, reads the device information, subscribes, takes what is sent, disconnects."""
    connection = await phone.connect(target.random_address, timeout=10)
    peer = Peer(connection)
    await peer.request_mtu(185)
    await peer.discover_services()
    for service in peer.services:
        await service.discover_characteristics()
        for c in service.characteristics:
            await c.discover_descriptors()
    if pair:
        await connection.pair()
    for uuid in ('2A29', '2A24', '2A25', '2A26', '2A8A', '2A90'):
        for c in peer.get_characteristics_by_uuid(gatt.UUID(uuid)):
            await c.read_value()
    for characteristic, payloads in sends:
        for c in peer.get_characteristics_by_uuid(characteristic.uuid):
            await c.subscribe(lambda _: None)
        for payload in payloads:
            send = target.indicate_subscribers if characteristic.properties & INDICATE else target.notify_subscribers
            await send(characteristic, payload)
            await asyncio.sleep(0.2)
    if control:
        for c in peer.get_characteristics_by_uuid(gatt.UUID(control[0])):
            await c.write_value(control[1], with_response=True)
    await asyncio.sleep(0.2)
    await connection.disconnect()
    await asyncio.sleep(0.3)


async def run(path):
    lab = Lab()
    log = io.BytesIO()
    phone = await lab.device('PHONE-1', 'F0:00:00:00:00:01')
    phone.host.snooper = BtSnooper(log)
    await phone.power_on()

    heart, spo2 = value('2A37', NOTIFY), value('2A5F', NOTIFY)
    belt = await lab.device('HRM-204', 'C4:11:22:33:44:01', [Service('180D', [heart]), Service('1822', [spo2]),
                            info('Wardlab Sensors', 'HRM-204', 'HR0004711', '1.4.2')], [0x180D, 0x1822], 0x0059)
    pressure, fever, scale = value('2A35', INDICATE), value('2A1C', INDICATE), value('2A9D', INDICATE)
    cuff = await lab.device('BPM-77', 'C4:11:22:33:44:02', [Service('1810', [pressure]), Service('1809', [fever]), Service('181D', [scale]),
                            info('Wardlab Sensors', 'BPM-77', 'BP0000815', '2.0.1')], [0x1810, 0x1809], 0x0059)
    sugar, cgm, racp = value('2A18', NOTIFY), value('2AA7', NOTIFY), value('2A52', WRITE | INDICATE)
    names = Service('181C', [Characteristic('2A8A', READ, Characteristic.READABLE, b'JOIN'), Characteristic('2A90', READ, Characteristic.READABLE, b'LABPATIENT')])
    meter = await lab.device('GLU-9', 'C4:11:22:33:44:03', [Service('1808', [sugar, racp]), Service('181F', [cgm]), names,
                             info('Wardlab Sensors', 'GLU-9', 'GL0000042', '0.9.9')], [0x1808, 0x181F], 0x0170)
    for d in (belt, cuff, meter):
        await d.start_advertising(auto_restart=True)
    await phone.start_scanning()
    await asyncio.sleep(1.0)
    await phone.stop_scanning()

    await talk(phone, belt, [(heart, [bytes([0, r]) for r in (72, 74, 73, 118)] + [struct.pack('<BH', 1, 301)]),
                             (spo2, [b'\x00' + sfloat(s) + sfloat(p) for s, p in ((97, 72), (96, 74), (88, 118))])])
    await talk(phone, cuff, [(pressure, [b'\x1e' + sfloat(128) + sfloat(81) + sfloat(97) + when(10) + sfloat(72) + b'\x01' + b'\x04\x00',
                                         b'\x00' + struct.pack('<H', 0x07FF) * 3]),
                             (fever, [b'\x02' + float32(37.9) + when(12), b'\x01' + float32(100.4)]),
                             (scale, [b'\x00' + struct.pack('<H', round(71.5 / 0.005))])], pair=True)
    await talk(phone, meter, [(sugar, [b'\x0b' + struct.pack('<H', 7) + when(15) + struct.pack('<h', 30) + sfloat(0.00105, -5) + b'\x11' + b'\x00\x00',
                                       b'\x06' + struct.pack('<H', 8) + when(16) + sfloat(0.0058, -4) + b'\x11']),
                              (cgm, [b'\x06\x00' + sfloat(111) + struct.pack('<H', 5)])], control=('2A52', b'\x02\x01'))
    write_pcap(path, log.getvalue())


def write_pcap(path, snoop):
    """btsnoop, datalink H4, to pcap of link type 201: direction in front of each packet."""
    out = struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 65535, 201)
    at = 16
    epoch = 0x00E03AB44A676000
    while at < len(snoop):
        size, _, flags, _, stamp = struct.unpack('>IIIIq', snoop[at:at + 24])
        packet = struct.pack('>I', flags & 1) + snoop[at + 24:at + 24 + size]
        at += 24 + size
        micros = stamp - epoch + 946684800 * 1000000
        out += struct.pack('<IIII', micros // 1000000, micros % 1000000, len(packet), len(packet)) + packet
    with open(path, 'wb') as f:
        f.write(out)


asyncio.run(asyncio.wait_for(run(sys.argv[1]), 60))
