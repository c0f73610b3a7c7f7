package oncrpc

import "fmt"

// The programs (RFC 5531 13 and the registry).
const (
	portmap = 100000
	nfs     = 100003
	mountd  = 100005
)

var programs = map[uint32]string{portmap: "portmap", 100001: "rstatd", 100002: "rusersd", nfs: "nfs", 100004: "ypserv", mountd: "mountd",
	100007: "ypbind", 100008: "walld", 100011: "rquotad", 100012: "sprayd", 100021: "nlm", 100024: "nsm", 100227: "nfs_acl"}

// The procedures that are read.
const (
	pmapGetPort = 3
	mountMNT    = 1
	mountUMNT   = 3
	nfsLookup   = 3
	nfsRead     = 6
	nfsWrite    = 7
	nfsCreate   = 8
	nfsMkdir    = 9
	nfsRemove   = 12
	nfsRmdir    = 13
	nfsRename   = 14
)

var (
	portmapNames = []string{"NULL", "SET", "UNSET", "GETPORT", "DUMP", "CALLIT"}
	mountNames   = []string{"NULL", "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT"}
	nfs3Names    = []string{"NULL", "GETATTR", "SETATTR", "LOOKUP", "ACCESS", "READLINK", "READ", "WRITE", "CREATE", "MKDIR", "SYMLINK",
		"MKNOD", "REMOVE", "RMDIR", "RENAME", "LINK", "READDIR", "READDIRPLUS", "FSSTAT", "FSINFO", "PATHCONF", "COMMIT"}
	nfs4Names = []string{"NULL", "COMPOUND"}
)

func procedureName(program uint32, version int64, procedure uint32) string {
	var names []string
	switch {
	case program == portmap && version == 2:
		names = portmapNames
	case program == mountd:
		names = mountNames
	case program == nfs && version == 3:
		names = nfs3Names
	case program == nfs && version == 4:
		names = nfs4Names
	}
	if int64(procedure) < int64(len(names)) {
		return names[procedure]
	}
	return fmt.Sprint(procedure)
}
