package ftp

// verb is what is known of a command (RFC 5797 and its registry).
type verb uint8

const (
	plain    verb = iota
	file          // the argument names a file or folder, and so may the reply
	transfer      // as file, and a data connection is used
	secret        // the argument is a password or token
)

var verbs = map[string]verb{
	"USER": plain, "PASS": secret, "ACCT": secret, "CWD": file, "CDUP": file, "XCWD": file, "XCUP": file, "SMNT": file, "QUIT": plain,
	"REIN": plain, "PORT": plain, "PASV": plain, "EPRT": plain, "EPSV": plain, "LPRT": plain, "LPSV": plain, "TYPE": plain, "STRU": plain, "MODE": plain,
	"RETR": transfer, "STOR": transfer, "STOU": transfer, "APPE": transfer, "ALLO": plain, "REST": plain, "RNFR": file, "RNTO": file,
	"ABOR": plain, "DELE": file, "RMD": file, "XRMD": file, "MKD": file, "XMKD": file, "PWD": file, "XPWD": file, "LIST": transfer, "NLST": transfer,
	"MLSD": transfer, "MLST": file, "SITE": file, "SYST": plain, "STAT": file, "HELP": plain, "NOOP": plain, "FEAT": plain, "OPTS": plain, "HOST": plain,
	"LANG": plain, "CLNT": plain, "CSID": plain, "SIZE": file, "MDTM": file, "MFMT": file, "MFCT": file, "MFF": file, "AVBL": file, "HASH": file, "XCRC": file, "XMD5": file,
	"XSHA": file, "XSHA1": file, "XSHA256": file, "RANG": plain, "COMB": file, "AUTH": plain, "ADAT": secret, "CCC": plain, "CONF": secret, "ENC": secret,
	"MIC": secret, "PBSZ": plain, "PROT": plain, "DSIZ": file, "ESTA": plain, "ESTP": plain, "THMB": transfer,
}

// ownVerbs are commands that neither SMTP, POP3, NNTP nor IRC have: they tell FTP on an odd port.
var ownVerbs = []string{"SYST", "PASV", "EPSV", "PORT ", "EPRT ", "TYPE ", "PWD", "CWD ", "FEAT", "RETR /", "STOR ", "OPTS ", "AUTH TLS", "AUTH SSL", "SIZE ", "PBSZ ", "CLNT ", "HOST "}

// firstVerbs are what a client may say first; on FTP's port that is enough.
var firstVerbs = []string{"USER ", "AUTH ", "QUIT", "HELP", "NOOP", "STAT"}
