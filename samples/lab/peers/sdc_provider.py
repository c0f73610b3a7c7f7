"""A bedside device that speaks ISO/IEEE 11073 SDC: python3 sdc_provider.py ADDRESS SECONDS [CERTIFICATE-FOLDER|- [INTERVAL]].

With a folder of certificates it speaks TLS. It reports each INTERVAL seconds. The patient is invented.
"""
import decimal
import logging
import pathlib
import sys
import time
import uuid

from sdc11073.certloader import mk_ssl_contexts_from_folder
from sdc11073.location import SdcLocation
from sdc11073.mdib import ProviderMdib
from sdc11073.provider import SdcProvider
from sdc11073.provider.baseproduct import BaseProduct
from sdc11073.provider.operations import ExecuteResult
from sdc11073.provider.providerimpl import RoleProviderComponents
from sdc11073.wsdiscovery import WSDiscovery
from sdc11073.xml_types import msg_types, pm_types
from sdc11073.xml_types import pm_qnames as pm
from sdc11073.xml_types.dpws_types import ThisDeviceType, ThisModelType
from sdc11073.xml_types.isoduration import XsdDateInformation

here = pathlib.Path(__file__).parent
address, seconds = sys.argv[1], float(sys.argv[2])
certificates = sys.argv[3] if len(sys.argv) > 3 and sys.argv[3] != '-' else None
interval = float(sys.argv[4]) if len(sys.argv) > 4 else 1
logging.basicConfig(level=logging.WARNING)


class Roles:
    """Carries out what consumers ask for."""

    def __init__(self, mdib):
        self.mdib = mdib

    def stop(self): pass
    def init_operations(self, sco): pass
    def make_missing_operations(self, sco): return []
    def on_pre_commit(self, mdib, transaction): pass
    def on_post_commit(self, mdib, transaction): pass

    def make_operation_instance(self, descr, operation_cls_getter):
        return operation_cls_getter(descr.NODETYPE)(descr.Handle, descr.OperationTarget, self.execute, coded_value=descr.Type)

    def execute(self, params):
        descr = params.operation_instance.descriptor_container
        argument = params.operation_request.argument
        entity = self.mdib.entities.by_handle(descr.OperationTarget)
        if descr.NODETYPE in (pm.SetValueOperationDescriptor, pm.SetStringOperationDescriptor):
            if descr.NODETYPE == pm.SetValueOperationDescriptor and argument > 999:
                return self.result(descr, msg_types.InvocationState.FAILED)
            if entity.state.MetricValue is None:
                entity.state.mk_metric_value()
            entity.state.MetricValue.Value = argument
            entity.state.MetricValue.Validity = pm_types.MeasurementValidity.VALID
            with self.mdib.metric_state_transaction() as mgr:
                mgr.write_entity(entity)
        elif descr.NODETYPE == pm.SetAlertStateOperationDescriptor:
            entity.state.update_from_other_container(argument, skipped_properties=['StateVersion', 'DescriptorVersion'])
            with self.mdib.alert_state_transaction() as mgr:
                mgr.write_entity(entity)
        return self.result(descr, msg_types.InvocationState.FINISHED)

    def result(self, descr, state):
        return ExecuteResult(operation_target_handle=descr.OperationTarget, invocation_state=state,
                             mdib_version_group=self.mdib.mdib_version_group)


class Product(BaseProduct):
    def __init__(self, mdib, sco, log_prefix=None):
        super().__init__(mdib, sco, log_prefix)
        self._ordered_role_providers = [Roles(mdib)]


discovery = WSDiscovery(address)
discovery.start()
mdib = ProviderMdib.from_mdib_file(str(here / 'sdc_mdib.xml'))
provider = SdcProvider(
    ws_discovery=discovery,
    this_model=ThisModelType(manufacturer='Example Medical', manufacturer_url='http://example.com', model_name='Bedside 7',
                             model_number='7.2', model_url='http://example.com/7', presentation_url='http://example.com/7/p'),
    this_device=ThisDeviceType(friendly_name='Bedside 7 bed 12', firmware_version='7.2.1', serial_number='BS7-000417'),
    device_mdib_container=mdib, epr=uuid.UUID('12345678-6f55-11ea-9697-000000000417'), max_subscription_duration=int(8 * interval),
    role_provider_components=RoleProviderComponents(role_provider_class=Product),
    ssl_context_container=mk_ssl_contexts_from_folder(certificates) if certificates else None)
provider.start_all(start_rtsample_loop=False)
provider.set_location(SdcLocation(fac='HOSP1', poc='ICU1', bed='Bed12'),
                      [pm_types.InstanceIdentifier('Validator', extension_string='System')])
with mdib.context_state_transaction() as mgr:
    patient = mgr.mk_context_state('pc', set_associated=True)
    patient.CoreData.Givenname = 'JOIN'
    patient.CoreData.Familyname = 'LABPATIENT'
    patient.CoreData.Sex = pm_types.Sex.FEMALE
    patient.CoreData.DateOfBirth = XsdDateInformation(1970, 1, 2)
    patient.CoreData.PatientType = pm_types.PatientType.ADULT
    patient.Identification = [pm_types.InstanceIdentifier(root='http://hospital.example/patient', extension_string='LAB-4711')]


def metric(handle, value):
    state = mgr.get_state(handle)
    if state.MetricValue is None:
        state.mk_metric_value()
    state.ActivationState = pm_types.ComponentActivation.ON
    state.MetricValue.Value = value
    state.MetricValue.Validity = pm_types.MeasurementValidity.VALID
    state.MetricValue.DeterminationTime = time.time()


with mdib.metric_state_transaction() as mgr:
    metric('rate', decimal.Decimal('12.5'))
    metric('mode', 'continuous')
with mdib.alert_state_transaction() as mgr:
    system = mgr.get_state('as0')
    system.ActivationState = pm_types.AlertActivation.ON
    limit = mgr.get_state('ac.hr')
    limit.ActivationState = pm_types.AlertActivation.ON
    limit.Limits = pm_types.Range(lower=decimal.Decimal(50), upper=decimal.Decimal(120))
    limit.MonitoredAlertLimits = pm_types.AlertConditionMonitoredLimits.ALL_ON
end, tick = time.time() + seconds, 0
while time.time() < end:
    tick += 1
    with mdib.metric_state_transaction() as mgr:
        metric('hr', decimal.Decimal(70 + tick % 7 + (60 if 4 <= tick < 7 else 0)))
        metric('spo2', decimal.Decimal(97))
    if tick in (4, 7):
        with mdib.alert_state_transaction() as mgr:
            mgr.get_state('ac.hr').Presence = tick == 4
            mgr.get_state('sig.hr').Presence = pm_types.AlertSignalPresence.ON if tick == 4 else pm_types.AlertSignalPresence.OFF
    if tick % 3 == 0:
        with mdib.rt_sample_state_transaction() as mgr:
            wave = mgr.get_state('pleth')
            if wave.MetricValue is None:
                wave.mk_metric_value()
            wave.MetricValue.Samples = [decimal.Decimal(x % 10) for x in range(20)]
            wave.MetricValue.DeterminationTime = time.time()
    time.sleep(interval)
provider.stop_all()
discovery.stop()
time.sleep(1)
