"""HL7 over TLS between python-hl7 peers. All patients are invented.

usage: hl7tls.py serve CERTIFICATE KEY     MLLP in clear on 6661, over TLS on 2575 and 6662
       hl7tls.py send HOST
"""
import asyncio
import ssl
import sys

import hl7.mllp

ADT = "MSH|^~\\&|REG|LABHOSP|ENGINE|LABHOSP|20261120081500+0000||ADT^A08^ADT_A01|T{:04}|P|2.5.1\rEVN|A08|20261120081500\r" \
      "PID|1||LAB-4711^^^LABHOSP^MR||LABPATIENT^JOIN||19700102|F\rPV1|1|I|W2^04^1^HOSP\r"


async def answer(reader, writer):
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            writer.writemessage(message.create_ack("AA", application="ENGINE", facility="LABHOSP"))
            await writer.drain()
    except asyncio.IncompleteReadError:
        pass
    writer.close()


async def serve(certificate, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    servers = [await hl7.mllp.start_hl7_server(answer, host="0.0.0.0", port=port, encoding="latin-1", limit=1 << 20, **options)
               for port, options in ((6661, {}), (2575, {"ssl": context}), (6662, {"ssl": context}))]
    await asyncio.gather(*(s.serve_forever() for s in servers))


async def send(host):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for n, (port, options) in enumerate(((6661, {}), (2575, {"ssl": context}), (6662, {"ssl": context}))):
        reader, writer = await hl7.mllp.open_hl7_connection(host, port, encoding="latin-1", **options)
        for i in range(3):
            writer.writemessage(hl7.parse(ADT.format(10 * n + i)))
            await writer.drain()
            await reader.readmessage()
            await asyncio.sleep(0.3)
        writer.close()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[2:4]) if sys.argv[1] == "serve" else send(sys.argv[2]))
