// Package sdc reads ISO/IEEE 11073 SDC as HTTP carries it: BICEPS (ISO/IEEE 11073-10207:2017, message and participant model) over MDPWS
// (IEEE 11073-20702:2016) by the binding of IEEE 11073-20701:2018, with DPWS 1.1 metadata and WS-Eventing.
//
// A provider (device) answers Get, GetMdib, Subscribe, Set requests; after Subscribe it opens a connection of its own to the consumer and posts
// reports there, so that provider and consumer are not always server and client. Each row says which side of its flow the provider is.
//
// Descriptors name what a handle means, states and operations name only handles. They cross in different exchanges and mostly in different
// connections, so they are joined after loading, by the provider's address and the MDIB's SequenceId: that fills observation, alarm and therapy
// (package analyze/clinic). Numbers kept free after a row of sdc_state and sdc_operation (seq) are for those rows.
//
// Recognition: a SOAP envelope that names one of the three SDC namespaces in the first bytes of either body. DPWS of printers and scanners is not SDC.
//
// Limits: a body of 4 MiB, then what package xmlread allows; texts of 256 bytes.
//
// Under TLS, which the standard wants, nothing of this is seen but the announcement (package wsd: the service sdc-tls).
//
// Not decoded: samples of WaveformStream and of sample array metrics (counted), arguments of Activate, localized texts, containment trees, WSDL,
// compact or binary XML, workflow and operator contexts beyond their kind and association, extensions.
package sdc
