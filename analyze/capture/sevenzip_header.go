package capture

import "encoding/hex"

// index reads a header behind its first byte.
func (r *sevenReader) index() (x sevenIndex) {
	for !r.bad {
		switch id := r.number(); id {
		case sevenEnd:
			return x
		case sevenProperties:
			for r.number() != sevenEnd && !r.bad {
				r.take(r.number())
			}
		case sevenAdditional:
			r.streams()
		case sevenStreams:
			x.folders = r.streams()
		case sevenFiles:
			x.files = r.files()
		default:
			r.bad = true
		}
	}
	return x
}

// streams reads where folders lie and how they are packed.
func (r *sevenReader) streams() (folders []sevenBlock) {
	var packed []extent
	var packs []int // packed streams of each folder
	for !r.bad {
		switch r.number() {
		case sevenEnd:
			r.lay(folders, packs, packed)
			return folders
		case sevenPack:
			packed = r.packs()
		case sevenUnpack:
			folders, packs = r.folders()
		case sevenSubStreams:
			r.divide(folders)
		default:
			r.bad = true
		}
	}
	return nil
}

// packs reads the packed streams: one behind the other.
func (r *sevenReader) packs() []extent {
	at := r.size()
	out := make([]extent, r.count())
	for !r.bad {
		switch r.number() {
		case sevenEnd:
			return out
		case sevenSize:
			for i := range out {
				size := r.size()
				out[i] = extent{off: at, size: size}
				if at += size; at > 1<<61 {
					r.bad = true
					return nil
				}
			}
		case sevenCRC:
			r.digests(len(out))
		default:
			r.bad = true
		}
	}
	return nil
}

// lay puts folders on their packed bytes. One of several streams is not read; it keeps its place in the count.
func (r *sevenReader) lay(folders []sevenBlock, packs []int, packed []extent) {
	next := 0
	for i := range folders {
		if next < len(packed) && packs[i] == 1 {
			folders[i].packed, folders[i].found = r.in.part(sevenStart+packed[next].off, packed[next].size)
		}
		next += packs[i]
	}
}

func (r *sevenReader) folders() (folders []sevenBlock, packs []int) {
	if r.number() != sevenFolder {
		r.bad = true
		return nil, nil
	}
	n := r.count()
	if r.byte() != 0 { // the definitions stand elsewhere: no writer does that
		r.bad = true
	}
	var outs [][]int // of each folder the order in which its coders' sizes stand: position in the chain, -1 if in none
	for i := 0; i < n && !r.bad; i++ {
		f, order, streams := r.folder()
		folders, outs, packs = append(folders, f), append(outs, order), append(packs, streams)
	}
	for !r.bad {
		switch r.number() {
		case sevenEnd:
			return folders, packs
		case sevenCoderSizes:
			for i := range folders {
				for _, at := range outs[i] {
					size := r.size()
					folders[i].sized(at, size)
				}
				folders[i].parts = []sevenPart{{size: folders[i].size}}
			}
		case sevenCRC:
			crcs, known := r.digests(len(folders))
			for i := range crcs {
				folders[i].crc, folders[i].known = crcs[i], known[i]
			}
		default:
			r.bad = true
		}
	}
	return nil, nil
}

// sized takes the size of what the coder at a place of the chain gives; the last one's is the folder's.
func (f *sevenBlock) sized(at int, size int64) {
	if at >= 0 && at < len(f.chain) {
		f.chain[at].size = size
	}
	if at >= 0 && at == max(len(f.chain)-1, 0) {
		f.size = size
	}
}

// folder reads the coders of a folder and puts them in the order of unpacking.
func (r *sevenReader) folder() (f sevenBlock, order []int, packs int) {
	n := r.count()
	if n == 0 || n > max7zCoders {
		r.bad = true
		return f, nil, 0
	}
	coders := make([]sevenCoder, n)
	ins, outs := 0, 0
	for i := range coders {
		flag := r.byte()
		coders[i].id = hex.EncodeToString(r.take(uint64(flag & 0xf)))
		in, out := 1, 1
		if flag&0x10 != 0 {
			in, out = r.count(), r.count()
		}
		if ins, outs = ins+in, outs+out; in == 0 || out == 0 || ins > max7zCoders || outs > max7zCoders {
			r.bad = true
			return f, nil, 0
		}
		if flag&0x20 != 0 {
			coders[i].props = r.take(r.number())
		}
	}
	pairs := make([][2]uint64, outs-1)
	for i := range pairs {
		pairs[i] = [2]uint64{r.number(), r.number()}
	}
	if packs = ins - len(pairs); packs < 1 {
		r.bad = true
		return f, nil, 0
	}
	if packs > 1 {
		for range packs {
			r.number()
		}
	}
	f.chain, order = chained(coders, pairs, ins == n && outs == n)
	if f.chain == nil { // not read, but its size divides into those of its members
		order = make([]int, outs)
		for _, p := range pairs {
			if p[1] < uint64(outs) {
				order[p[1]] = -1
			}
		}
	}
	return f, order, packs
}

// chained puts coders with one input and one output each in the order of unpacking, and says where each went. pairs say
// which input takes which output.
func chained(coders []sevenCoder, pairs [][2]uint64, single bool) (chain []sevenCoder, order []int) {
	if !single {
		return nil, nil
	}
	from := make([]int, len(coders)) // output that a coder's input takes, -1 for the packed bytes
	last := make([]bool, len(coders))
	for i := range coders {
		from[i], last[i] = -1, true
	}
	for _, p := range pairs {
		if p[0] >= uint64(len(coders)) || p[1] >= uint64(len(coders)) {
			return nil, nil
		}
		from[p[0]], last[p[1]] = int(p[1]), false
	}
	at := -1
	for i, l := range last {
		if l {
			at = i
		}
	}
	order = make([]int, len(coders))
	for n := len(coders) - 1; n >= 0; n-- {
		if at < 0 {
			return nil, nil
		}
		order[at] = n
		at = from[at]
	}
	chain = make([]sevenCoder, len(coders))
	for i, n := range order {
		chain[n] = coders[i]
	}
	return chain, order
}

// divide reads how many members each folder holds, and their sizes.
func (r *sevenReader) divide(folders []sevenBlock) {
	counts := make([]int, len(folders))
	for i := range counts {
		counts[i] = 1
	}
	for sized := false; !r.bad; {
		id := r.number()
		if id == sevenCounts {
			total := 0
			for i := range counts {
				counts[i] = r.count()
				if total += counts[i]; total > max7zFiles {
					r.bad = true
					return
				}
			}
			continue
		}
		if !sized {
			sized = true
			r.sizes(folders, counts, id == sevenSize)
		}
		switch id {
		case sevenEnd:
			return
		case sevenSize:
		case sevenCRC:
			r.partCRCs(folders)
		default:
			r.bad = true
		}
	}
}

// sizes reads the sizes of all members of a folder but the last, which has the rest. said is false where each folder has
// one member at most, whose size is the folder's.
func (r *sevenReader) sizes(folders []sevenBlock, counts []int, said bool) {
	for i := range folders {
		f := &folders[i]
		f.parts = f.parts[:0]
		left := f.size
		for n := range counts[i] {
			size := left
			if n < counts[i]-1 {
				if size = r.size(); !said {
					r.bad = true
				}
			}
			if left -= size; left < 0 || r.bad {
				r.bad = true
				return
			}
			f.parts = append(f.parts, sevenPart{size: size})
		}
	}
}

// partCRCs reads the CRCs of members that are not known from their folder.
func (r *sevenReader) partCRCs(folders []sevenBlock) {
	var parts []*sevenPart
	for i := range folders {
		f := &folders[i]
		if len(f.parts) == 1 && f.known {
			continue
		}
		for n := range f.parts {
			parts = append(parts, &f.parts[n])
		}
	}
	crcs, known := r.digests(len(parts))
	for i := range crcs {
		parts[i].crc, parts[i].known = crcs[i], known[i]
	}
}

// files reads the list of members.
func (r *sevenReader) files() []sevenFile {
	n := r.count()
	files := make([]sevenFile, n)
	var empty []bool
	for !r.bad {
		id := r.number()
		if id == sevenEnd {
			for i := range empty {
				files[i].empty = empty[i]
			}
			return files
		}
		v := &sevenReader{b: r.take(r.number())}
		switch id {
		case sevenEmptyStream:
			empty = v.bits(n)
		case sevenNames:
			if v.byte() != 0 || !utf16Names(v.b, files) {
				r.bad = true
			}
		}
		r.bad = r.bad || v.bad
	}
	return nil
}
