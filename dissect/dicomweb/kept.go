package dicomweb

import (
	"wardtrace/dissect"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
)

// maxFill is how many lost bytes a hole may have, so that what follows is still where its lengths say; a claim of more ends the file
// instead.
const maxFill = 16 << 20

// kept is an object on its way into a file, byte for byte as it crossed. nil does nothing.
type kept struct {
	keeper dissect.Keeper
	from   dissect.Dir
	first  []byte // what came before its name was read in group 0002, which is at most 64 KiB
	begun  event.Ref
	w      dissect.ObjectWriter
	lost   bool
	over   bool // no more is written
}

func newKept(k dissect.Keeper, from dissect.Dir) *kept {
	if k == nil {
		return nil
	}
	return &kept{keeper: k, from: from}
}

// write takes the bytes that f was just given.
func (k *kept) write(p []byte, f *dataset.File, ref event.Ref) {
	switch {
	case k == nil || k.over:
		return
	case k.w != nil:
		k.put(p)
		return
	case f.NotAFile:
		k.over, k.first = true, nil
		return
	}
	if len(k.first) == 0 {
		k.begun = ref
	}
	k.first = append(k.first, p...)
	if f.Object == nil {
		return
	}
	k.w = k.keeper.Keep(dissect.Object{Kind: "dicom", Name: f.MediaInstance, Type: "application/dicom", Ext: ".dcm", From: k.from}, k.begun)
	k.put(k.first)
	k.first = nil
}

// put hands bytes on. A writer that fails has said so to its owner; the conversation goes on.
func (k *kept) put(p []byte) {
	if _, err := k.w.Write(p); err != nil {
		k.lost, k.over = true, true
	}
}

// lose leaves a hole for lost bytes.
func (k *kept) lose(n int64) {
	if k == nil || k.over {
		return
	}
	k.lost = true
	if k.w == nil || n > maxFill {
		k.over = true
		return
	}
	k.w.Lose(n)
}

// close ends the object.
func (k *kept) close(complete bool) {
	if k != nil && k.w != nil {
		k.w.Close(complete && !k.lost)
	}
}
