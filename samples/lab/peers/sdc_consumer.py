"""A consumer of ISO/IEEE 11073 SDC: python3 sdc_consumer.py ADDRESS SECONDS [CERTIFICATE-FOLDER|- [quiet|WAIT]].

It looks for medical devices, reads one, subscribes to all its reports, and unless "quiet" calls every kind of operation, after WAIT seconds.
"""
import decimal
import logging
import sys
import time

from sdc11073.certloader import mk_ssl_contexts_from_folder
from sdc11073.consumer.consumerimpl import SdcConsumer
from sdc11073.definitions_sdc import SdcV1Definitions
from sdc11073.mdib import ConsumerMdib
from sdc11073.wsdiscovery import WSDiscovery
from sdc11073.xml_types import pm_types

address, seconds = sys.argv[1], float(sys.argv[2])
certificates = sys.argv[3] if len(sys.argv) > 3 and sys.argv[3] != '-' else None
quiet = sys.argv[4:] == ['quiet']
wait = float(sys.argv[4]) if len(sys.argv) > 4 and not quiet else 0
logging.basicConfig(level=logging.WARNING)

discovery = WSDiscovery(address)
discovery.start()
services = []
while not services:
    services = discovery.search_services(types=SdcV1Definitions.MedicalDeviceTypesFilter, timeout=2)
consumer = SdcConsumer.from_wsd_service(services[0], ssl_context_container=mk_ssl_contexts_from_folder(certificates) if certificates else None)
consumer.start_all()
mdib = ConsumerMdib(consumer)
mdib.init_mdib()
consumer.get_service_client.get_md_description()
consumer.get_service_client.get_md_state()
consumer.context_service_client.get_context_states()


def call(what, future):
    try:
        print(what, future.result(timeout=5).InvocationInfo.InvocationState)
    except Exception as e:  # a refusal is recorded too
        print(what, e)


end = time.time() + seconds
if not quiet:
    time.sleep(wait)
    setter, contexts = consumer.set_service_client, consumer.context_service_client
    call('SetValue', setter.set_numeric_value('op.rate', decimal.Decimal('25')))
    call('SetValue too large', setter.set_numeric_value('op.rate', decimal.Decimal('5000')))
    call('SetString', setter.set_string('op.mode', 'standby'))
    time.sleep(3)
    signal = mdib.entities.by_handle('sig.hr').state.mk_copy()
    signal.ActivationState = pm_types.AlertActivation.PAUSED
    call('SetAlertState signal', setter.set_alert_state('op.sig', signal))
    limit = mdib.entities.by_handle('ac.hr').state.mk_copy()
    limit.Limits = pm_types.Range(lower=decimal.Decimal(30), upper=decimal.Decimal(220))
    call('SetAlertState limits', setter.set_alert_state('op.limit', limit))
    signal.ActivationState = pm_types.AlertActivation.OFF
    call('SetAlertState signal', setter.set_alert_state('op.sig', signal))
    rate = mdib.entities.by_handle('rate').state.mk_copy()
    call('SetMetricState', setter.set_metric_state('op.metric', [rate]))
    channel = mdib.entities.by_handle('ch.pump').state.mk_copy()
    channel.ActivationState = pm_types.ComponentActivation.STANDBY
    call('SetComponentState', setter.set_component_state('op.channel', [channel]))
    call('Activate', setter.activate('op.stop', []))
    patient = contexts.mk_proposed_context_object('pc')
    patient.CoreData.Familyname = 'LABPATIENT'
    patient.CoreData.Givenname = 'OTHER'
    patient.ContextAssociation = pm_types.ContextAssociation.ASSOCIATED
    patient.Identification = [pm_types.InstanceIdentifier(root='http://hospital.example/patient', extension_string='LAB-4712')]
    call('SetContextState', contexts.set_context_state('op.patient', [patient]))
while time.time() < end:
    time.sleep(0.5)
consumer.stop_all(unsubscribe=True)
discovery.stop()
