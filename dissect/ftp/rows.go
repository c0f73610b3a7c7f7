package ftp

import "wardtrace/dissect/event"

// Command is one command with its reply.
type Command struct {
	User              string             `col:"user" doc:"User of the session, as sent; NULL before USER."`
	Command           string             `col:"command" doc:"Command in capitals; NULL for what the server says unasked, such as its greeting."`
	Arg               string             `col:"arg" phi:"free" doc:"What the command is about; names of files may name patients. Never a password."`
	ReplyCode         event.Opt[int64]   `col:"reply_code" doc:"Final reply; NULL if none was seen."`
	ReplyMsg          string             `col:"reply_msg" doc:"First line of that reply, for commands that are not about files."`
	ReplyMS           event.Opt[float64] `col:"reply_ms" doc:"Milliseconds until the final reply."`
	Login             string             `col:"login" doc:"On USER, PASS and ACCT: success, failed, or NULL where more was asked for."`
	Anonymous         bool               `col:"anonymous" doc:"The user is anonymous or ftp."`
	PasswordLen       event.Opt[int64]   `col:"password_len" doc:"On PASS: characters of the password; the password itself is never kept."`
	DefaultCredential bool               `col:"default_credential" doc:"On PASS: user and password are a pair that products are shipped with."`
	CredentialSource  string             `col:"credential_source" doc:"Where that pair was published: generic, or an advisory."`
	FileExt           string             `col:"file_ext" doc:"Extension of the file's name in lower case."`
	Traversal         bool               `col:"traversal" doc:"The file's name steps out of its folder (..)."`
	FileSize          event.Opt[int64]   `col:"file_size" doc:"Bytes of the file, as the server says."`
	Passive           event.Opt[bool]    `col:"passive" doc:"Data connection: the server listens. On the command that agreed it and on the transfer that used it."`
	DataIP            string             `col:"data_ip" doc:"Data connection: address that listens."`
	DataPort          event.Opt[int64]   `col:"data_port" doc:"Data connection: its port."`
	ThirdParty        bool               `col:"third_party" doc:"Data connection: the address is not that of the side that gave it; behind NAT, or a bounce attack."`
}

var commands = event.New[Command]("ftp", "FTP commands with their replies.")
