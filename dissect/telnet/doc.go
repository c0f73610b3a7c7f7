// Package telnet decodes Telnet (RFC 854, options of RFC 855, 1073, 1091, 1184, 1572) as far as logins go, and login
// dialogues without any option negotiation, as terminal servers and small devices have them.
//
// Negotiation is taken out of both directions; what the server writes is watched for prompts of a user name, of a
// password and of a shell, what the client types is put together key by key, with what was rubbed out left out. Each login attempt
// gives a row of table telnet with its outcome; each conversation one of telnet_session.
//
// What is kept of the client's words: the user name, the length of the password, and of commands the number and first words.
// Passwords are never kept, nor what was typed as a user's name but looks like one or was a password before, nor is a line that was typed where no prompt of a shell was seen: it might be one. Whether
// a pair is one that products are shipped with is asked of package credential.
//
// An outcome is judged by what follows the password: a message of failure, a prompt for a user again (failed), a
// prompt of a shell, a greeting, or answers to two more lines (success). Nothing of it is certain: prompts are free text.
//
// Limits: see the caps in telnet.go. Not decoded: output of commands, terminal control sequences, X.3 and SUPDUP options,
// authentication (RFC 2941) beyond the name it carries. After encryption (RFC 2946) starts nothing is read; after START_TLS the
// conversation is handed over.
package telnet
