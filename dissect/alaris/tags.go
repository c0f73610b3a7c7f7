package alaris

// act says what a word does when the host sends it.
type act uint8

const (
	asks     act = iota
	sets         // commands if it has arguments, else asks
	commands     // commands whatever it has
)

// words are those that open clients send. Others are taken for queries without, and for commands with arguments.
var words = map[string]act{
	"INF": asks, "INF_VI": asks, "INST_SERIALNO": asks, "COMMS_PROTOCOL": asks, "COMMS_RESPONSE_MAX": asks, "SYRINGE_STATUS": asks,
	"INF_RATE_MAX_SYRINGE": asks, "ALARM": asks,
	"INF_RATE": sets, "INF_VTBI": sets, "INF_BOLUS": sets, "REMOTE_CTRL": sets, "REMOTE_CFG": sets, "REMQUERY": sets,
	"INF_START": commands, "INF_STOP": commands, "INF_VI_CLEAR": commands,
}
