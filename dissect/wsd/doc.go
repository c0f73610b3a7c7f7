// Package wsd reads WS-Discovery: version 1.1 (OASIS, July 2009) and the version of April 2005, as SOAP over UDP (port 3702, groups
// 239.255.255.250 and FF02::C, answers from and to any port).
//
// Medical devices of ISO/IEEE 11073 SDC (IEEE 11073-20702) announce themselves in the newer version with the type MedicalDevice; their
// scopes name the place (sdc.ctxt.loc), what they are (sdc.cdc.type) and what they can (sdc.mds.pkp). Printers, scanners, cameras (ONVIF)
// and Windows computers use the older one, or the same.
//
// Each message is sent several times (SOAP-over-UDP 1.1, section 4.1): a repetition of a wsa:MessageID within a conversation gives no row. A row stands
// for one endpoint: a message with several matches gives several rows with the same message_id.
//
// Limits: what package xmlread allows; 64 matches a message, 64 types, scopes and addresses each, of 512 bytes.
//
// Not decoded: discovery proxies' announcements (Hello of type DiscoveryProxy is a row like others), security (compact signatures),
// WS-Discovery over HTTP (directed probes).
package wsd
