package oncrpc

import "wardtrace/dissect/event"

// Call is one call with its reply.
type Call struct {
	XID       int64            `col:"xid" doc:"Transaction id."`
	Program   string           `col:"program" doc:"portmap, mountd, nfs, nlm, nsm, or the program's number."`
	Version   int64            `col:"version" doc:"Version of the program."`
	Procedure string           `col:"procedure" doc:"Procedure: GETPORT, MNT, LOOKUP, READ, ..., or its number."`
	Path      string           `col:"path" doc:"Path that is mounted or unmounted."`
	Name      string           `col:"name" doc:"File or folder that is looked up, made or removed."`
	Handle    string           `col:"handle" doc:"Digest of the file handle that the call is about, to join a READ with the LOOKUP that gave it."`
	Gives     string           `col:"gives" doc:"Digest of the file handle that the reply gives."`
	Asks      string           `col:"asks" doc:"Of GETPORT: program that is asked for."`
	Port      event.Opt[int64] `col:"port" doc:"Of GETPORT: the port that was answered."`
	Calls     int64            `col:"calls" doc:"Calls that this row stands for: reads or writes of one file in a row are one."`
	Bytes     int64            `col:"bytes" doc:"Bytes that were read or written, as the replies say."`
	User      event.Opt[int64] `col:"uid" doc:"User id that the caller claims (AUTH_SYS)."`
	Machine   string           `col:"machine" doc:"Name of the caller's machine, as it claims (AUTH_SYS)."`
	Status    event.Opt[int64] `col:"status" doc:"Status of the procedure: 0 done; 13 access denied; NULL if no reply was seen."`
}

var calls = event.New[Call]("oncrpc", "Remote procedure calls: port mapper, mounts, and files of NFS.")
