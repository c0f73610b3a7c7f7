package medibus

import "fmt"

// command is a command code.
type command uint8

// The commands.
const (
	cmdMeasured   command = 0x24
	cmdLow        command = 0x25
	cmdHigh       command = 0x26
	cmdAlarms     command = 0x27
	cmdDate       command = 0x28
	cmdSettings   command = 0x29
	cmdText       command = 0x2a
	cmdMeasured2  command = 0x2b
	cmdLow2       command = 0x2c
	cmdHigh2      command = 0x2d
	cmdAlarms2    command = 0x2e
	cmdNop        command = 0x30
	cmdConfigure  command = 0x4a
	cmdTime       command = 0x49
	cmdInitialise command = 0x51
	cmdIdentify   command = 0x52
	cmdRealtime   command = 0x53
	cmdRealtime2  command = 0x54
	cmdStop       command = 0x55
)

var commandNames = map[command]string{
	cmdMeasured: "measured", cmdMeasured2: "measured", cmdLow: "low_limits", cmdLow2: "low_limits", cmdHigh: "high_limits",
	cmdHigh2: "high_limits", cmdAlarms: "alarms", cmdAlarms2: "alarms", cmdDate: "date", cmdSettings: "settings", cmdText: "text",
	cmdNop: "nop", cmdConfigure: "configure", cmdTime: "time_changed", cmdInitialise: "initialise", cmdIdentify: "identify",
	cmdRealtime: "realtime_configuration", cmdRealtime2: "realtime", cmdStop: "stop",
}

func (c command) known() bool { return commandNames[c] != "" }

func (c command) String() string {
	if s := commandNames[c]; s != "" {
		return s
	}
	return fmt.Sprintf("0x%02x", uint8(c))
}

// page is the code page that a command is about.
func (c command) page() int64 {
	switch c {
	case cmdMeasured, cmdLow, cmdHigh, cmdAlarms:
		return 1
	case cmdMeasured2, cmdLow2, cmdHigh2, cmdAlarms2:
		return 2
	}
	return 0
}

// settingNames are the settings whose codes are certain.
var settingNames = map[string]string{"01": "FiO2", "04": "tidal volume", "40": "tidal volume", "42": "frequency", "0B": "PEEP",
	"12": "pressure support", "4A": "age", "4B": "weight"}

// notTherapy are settings that describe the patient.
var notTherapy = map[string]bool{"age": true, "weight": true}

// alarmsOff are the alarms of code page 1 that say that alarms are switched off.
var alarmsOff = []string{"40", "57", "5B", "5E"}
