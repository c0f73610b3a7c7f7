package words

// maxWord is longer than any word known here or to those who ask.
const maxWord = 32

// Word is a name without what joins its words, in lower case: patient_id, patientId and Patient-ID are one. The zero Word is none.
type Word struct {
	b [maxWord]byte
	n int
}

// Of makes a word of a name. One that is too long to be known gives the zero Word.
func Of[T string | []byte](name T) (w Word) {
	for i := range len(name) {
		b := name[i]
		switch b {
		case '_', '-', '.', ' ', ':', '/':
			continue
		}
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		if w.n == maxWord {
			return Word{}
		}
		w.b[w.n] = b
		w.n++
	}
	return w
}

// In looks a word up.
func In[V any](m map[string]V, w *Word) V { return m[string(w.b[:w.n])] }

// Patient tells whether a patient's identifier stands behind the word.
func (w *Word) Patient() bool { return In(patients, w) }

// Name tells whether a patient's name stands behind the word.
func (w *Word) Name() bool { return In(names, w) }

// Device tells whether the name of a device stands behind the word.
func (w *Word) Device() bool { return In(devices, w) }

var (
	patients = set("patient", "patients", "patientid", "patid", "pat", "pid", "mrn", "subjectid", "patientidentifier", "medicalrecordnumber",
		"hospitalnumber")
	names   = set("patientname", "subjectname", "fullname", "familyname", "lastname", "surname")
	devices = set("deviceid", "device", "devicename", "sensorid", "sensor", "serial", "serialnumber", "monitorid", "pumpid")
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

// Given tells whether a name is one that a program gave, not something that a person typed.
func Given[T string | []byte](name T) bool {
	if len(name) == 0 || len(name) > 40 {
		return false
	}
	for i := range len(name) {
		switch b := name[i]; {
		case b|0x20 >= 'a' && b|0x20 <= 'z', b >= '0' && b <= '9':
		case b == '_', b == '-', b == '.', b == ':', b == '$', b == '@', b == '/':
		default:
			return false
		}
	}
	return true
}
