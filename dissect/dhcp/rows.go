package dhcp

import "wardtrace/dissect/event"

// Message4 is one DHCP or BOOTP message.
type Message4 struct {
	MsgType        string           `col:"msg_type" doc:"DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM and later ones; BOOTREQUEST or BOOTREPLY without option 53."`
	FromServer     bool             `col:"from_server" doc:"The message is a reply (op 2)."`
	XID            int64            `col:"xid" doc:"Transaction number that client and server share."`
	Secs           int64            `col:"secs" doc:"Seconds since the client began, as it says."`
	Broadcast      bool             `col:"broadcast" doc:"The client asks for answers by broadcast."`
	Hops           int64            `col:"hops" doc:"Relays passed."`
	MAC            string           `col:"mac" doc:"Hardware address of the client (chaddr)."`
	EthSrc         string           `col:"eth_src" doc:"Source address of a reply's frame, the server's or the relay's, as first seen in the conversation."`
	ClientAddr     string           `col:"client_addr" doc:"Address the client has (ciaddr)."`
	AssignedAddr   string           `col:"assigned_addr" doc:"Address the server gives (yiaddr)."`
	RequestedAddr  string           `col:"requested_addr" doc:"Address the client asks for (option 50)."`
	ServerAddr     string           `col:"server_addr" doc:"Server identifier (option 54)."`
	NextServer     string           `col:"next_server" doc:"Boot server (siaddr)."`
	GatewayAddr    string           `col:"giaddr" doc:"Relay that passed the message on."`
	HostName       string           `col:"host_name" doc:"Host name (option 12)."`
	ClientFQDN     string           `col:"client_fqdn" doc:"Full name of the client (option 81)."`
	Domain         string           `col:"domain" doc:"Domain name (option 15)."`
	VendorClass    string           `col:"vendor_class" doc:"Vendor class (option 60): what the device says it is."`
	UserClass      string           `col:"user_class" doc:"User class (option 77)."`
	ClientID       string           `col:"client_id" doc:"Client identifier (option 61): a hardware address, text, or hex."`
	ParamList      string           `col:"param_list" doc:"Options asked for, in order (option 55): a fingerprint of the client."`
	Options        string           `col:"options" doc:"Options present, in order."`
	LeaseTime      event.Opt[int64] `col:"lease_time" doc:"Lease in seconds (option 51)."`
	RenewTime      event.Opt[int64] `col:"renew_time" doc:"Renewal time in seconds (option 58)."`
	SubnetMask     string           `col:"subnet_mask" doc:"Subnet mask (option 1)."`
	Routers        []string         `col:"routers" doc:"Routers (option 3)."`
	DNSServers     []string         `col:"dns_servers" doc:"Name servers (option 6)."`
	NTPServers     []string         `col:"ntp_servers" doc:"Time servers (option 42)."`
	NetBIOSServers []string         `col:"netbios_servers" doc:"NetBIOS name servers (option 44)."`
	DomainSearch   []string         `col:"domain_search" doc:"Domain search list (option 119)."`
	Routes         []string         `col:"routes" doc:"Classless static routes as prefix>router (option 121, or 249)."`
	WPAD           string           `col:"wpad" doc:"Proxy configuration address (option 252)."`
	TFTPServers    []string         `col:"tftp_servers" doc:"Boot servers (options 66 and 150, or the sname field)."`
	BootFile       string           `col:"boot_file" doc:"Boot file (option 67, or the file field)."`
	VendorInfo     string           `col:"vendor_info" doc:"Vendor-specific information (option 43) as hex."`
	CircuitID      string           `col:"circuit_id" doc:"Circuit the relay names (option 82, 1)."`
	RemoteID       string           `col:"remote_id" doc:"Remote identifier the relay names (option 82, 2)."`
	Message        string           `col:"message" doc:"Text of a refusal (option 56)."`
	Authenticated  event.Opt[bool]  `col:"authenticated" doc:"True where an authentication option (90) is present."`
}

var messages4 = event.New[Message4]("dhcp", "DHCP and BOOTP messages for IPv4.")

// Message6 is one DHCPv6 message.
type Message6 struct {
	MsgType      string           `col:"msg_type" doc:"SOLICIT, ADVERTISE, REQUEST, REPLY and so on (RFC 8415, 7.3); of a relayed message the innermost."`
	FromServer   bool             `col:"from_server" doc:"The message comes from a server."`
	XID          int64            `col:"xid" doc:"Transaction number."`
	EthSrc       string           `col:"eth_src" doc:"Source address of the frame."`
	MAC          string           `col:"mac" doc:"Hardware address of the client, from its DUID or from a relay (option 79)."`
	ClientDUID   string           `col:"client_duid" doc:"Client identifier as hex (option 1)."`
	ServerDUID   string           `col:"server_duid" doc:"Server identifier as hex (option 2)."`
	Addresses    []string         `col:"addresses" doc:"Addresses in IA_NA and IA_TA (option 5)."`
	Prefixes     []string         `col:"prefixes" doc:"Delegated prefixes in IA_PD (option 26)."`
	LeaseTime    event.Opt[int64] `col:"lease_time" doc:"Valid lifetime of the first address or prefix in seconds."`
	ClientFQDN   string           `col:"client_fqdn" doc:"Full name of the client (option 39)."`
	VendorClass  string           `col:"vendor_class" doc:"Vendor class (option 16)."`
	Enterprise   event.Opt[int64] `col:"enterprise" doc:"IANA enterprise number beside the vendor class."`
	UserClass    string           `col:"user_class" doc:"User class (option 15)."`
	ParamList    string           `col:"param_list" doc:"Options asked for, in order (option 6)."`
	Options      string           `col:"options" doc:"Options present, in order."`
	DNSServers   []string         `col:"dns_servers" doc:"Name servers (option 23)."`
	DomainSearch []string         `col:"domain_search" doc:"Domain search list (option 24)."`
	NTPServers   []string         `col:"ntp_servers" doc:"Time servers (options 31 and 56)."`
	Preference   event.Opt[int64] `col:"preference" doc:"Server preference, 255 is taken at once (option 7)."`
	Status       string           `col:"status" doc:"First status code that is not Success, or Success."`
	Message      string           `col:"message" doc:"Text beside the status code."`
	BootFile     string           `col:"boot_file" doc:"Boot file address (option 59)."`
	RelayLink    string           `col:"relay_link" doc:"Link address of the outermost relay."`
	RelayPeer    string           `col:"relay_peer" doc:"Peer address of the outermost relay."`
	InterfaceID  string           `col:"interface_id" doc:"Interface the relay names (option 18)."`
	RemoteID     string           `col:"remote_id" doc:"Remote identifier the relay names (option 37)."`
}

var messages6 = event.New[Message6]("dhcp6", "DHCP messages for IPv6.")
