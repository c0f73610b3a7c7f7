package tftp

import "wardtrace/dissect/event"

// Message is a request, a transfer or an error.
type Message struct {
	Dir           string           `col:"dir" doc:"Who sent it, of the flow's client and server; of a transfer, who sent the file."`
	Opcode        string           `col:"opcode" doc:"RRQ, WRQ; DATA for a transfer as a whole; OACK for one that ended before its first block; ERROR for one that ended no transfer."`
	Filename      string           `col:"filename" phi:"free" doc:"Name of the file, as asked for; on a transfer only where its request is in the same flow."`
	FileExt       string           `col:"file_ext" doc:"Extension of the file's name in lower case."`
	Traversal     bool             `col:"traversal" doc:"The file's name steps out of its folder (..), or is absolute."`
	Mode          string           `col:"mode" doc:"netascii, octet or mail, in lower case."`
	Options       []string         `col:"options" doc:"Options as name=value: asked for on a request, agreed on a transfer (RFC 2347)."`
	Repeats       int64            `col:"repeats" doc:"Requests, or blocks of data, that were sent again."`
	BlockSize     event.Opt[int64] `col:"block_size" doc:"Bytes of a full block: agreed, or 512 (RFC 2348)."`
	Window        event.Opt[int64] `col:"window" doc:"Blocks sent before an acknowledgement: agreed, or 1 (RFC 7440)."`
	Size          event.Opt[int64] `col:"size" doc:"Bytes of the file as announced (tsize, RFC 2349)."`
	Blocks        event.Opt[int64] `col:"blocks" doc:"Blocks seen, each once."`
	MissingBlocks event.Opt[int64] `col:"missing_blocks" doc:"Blocks that were acknowledged or followed by others, and not seen."`
	Bytes         event.Opt[int64] `col:"bytes" doc:"Bytes of these blocks."`
	Complete      event.Opt[bool]  `col:"complete" doc:"Every block from the first to the one that ends the file was seen."`
	Acknowledged  event.Opt[bool]  `col:"acknowledged" doc:"The last block was acknowledged."`
	ErrorCode     event.Opt[int64] `col:"error_code" doc:"Error that ended it: 0 see text, 1 file not found, 2 access violation, 3 disk full, 4 illegal operation, 5 unknown transfer id, 6 file exists, 7 no such user, 8 option refused."`
	ErrorMeaning  string           `col:"error_meaning" doc:"What the code means."`
	ErrorText     string           `col:"error_text" phi:"free" doc:"Text of the error; it may repeat the file's name."`
	Until         event.Time       `col:"until" doc:"Last packet of a transfer."`
}

var messages = event.New[Message]("tftp", "TFTP requests, transfers and errors.")
