package telnet

import "wardtrace/dissect/event"

// Login is one attempt to log in.
type Login struct {
	Attempt           int64            `col:"attempt" doc:"Number of the attempt in its conversation, from 1."`
	User              string           `col:"user" doc:"User name as typed; NULL where only a password was asked for, and where it is withheld."`
	UserWithheld      bool             `col:"user_withheld" doc:"What was typed as the user can be no user's name, or was sent as a password before: it may be a password, and is not kept."`
	Outcome           string           `col:"outcome" doc:"success, failed, unknown (the conversation ended), unfinished (no password was sent), or no login: a shell answered without asking."`
	Evidence          string           `col:"evidence" doc:"What the outcome was judged by: message, asked again, shell prompt, greeting, session, end, environment."`
	Prompt            string           `col:"prompt" doc:"What the server asked with."`
	PasswordLen       event.Opt[int64] `col:"password_len" doc:"Characters of the password that was sent; the password itself is never kept."`
	DefaultCredential bool             `col:"default_credential" doc:"User and password are a pair that products are shipped with."`
	CredentialSource  string           `col:"credential_source" doc:"Where that pair was published: generic, or an advisory."`
	Nested            bool             `col:"nested" doc:"Asked from inside a session: su, sudo, a login further on."`
	BannerDigest      string           `col:"banner_digest" doc:"First 8 bytes of the SHA-256 of what the server wrote before it first asked, as hex."`
}

var logins = event.New[Login]("telnet", "Attempts to log in by Telnet, with their outcome.")

// Session is one conversation.
type Session struct {
	Until        event.Time `col:"until" doc:"Time of the last packet that said something."`
	Negotiated   bool       `col:"negotiated" doc:"Options were negotiated: Telnet, and not merely a login on a TCP port."`
	Banner       string     `col:"banner" doc:"What the server wrote before it first asked, up to 512 characters; digits of names and numbers stay."`
	BannerDigest string     `col:"banner_digest" doc:"First 8 bytes of the SHA-256 of that text, as hex."`
	Attempts     int64      `col:"attempts" doc:"Attempts to log in."`
	Failures     int64      `col:"failures" doc:"Those that failed."`
	Successes    int64      `col:"successes" doc:"Those that succeeded."`
	Commands     int64      `col:"commands" doc:"Lines typed after a login."`
	CommandWords []string   `col:"command_words" doc:"First words of up to 64 of those lines, where a shell had asked for them."`
	ClientChars  int64      `col:"client_chars" doc:"Bytes typed by the client, without negotiation."`
	ServerChars  int64      `col:"server_chars" doc:"Bytes written by the server, without negotiation."`
	Terminal     string     `col:"terminal" doc:"Terminal type of the client (option 24)."`
	EnvUser      string     `col:"env_user" doc:"User that the client passes in its environment (options 39 and 37). Words like -f root are an attack on the login program."`
	EnvNames     []string   `col:"env_names" doc:"Names of the variables that the client passes."`
	Encrypted    bool       `col:"encrypted" doc:"Encryption was started; what follows was not read."`
}

var sessions = event.New[Session]("telnet_session", "Conversations by Telnet: what was negotiated, greeted and typed.")
