package nomenclature

import (
	"sort"
	"strconv"
	"strings"
)

// Partition is the upper half of a code.
type Partition uint16

// The partitions, clause 7.
const (
	Object    Partition = 1   // objects, attributes, actions, notifications, devices
	Metric    Partition = 2   // SCADA: measurements
	Event     Partition = 3   // events and alerts
	Dimension Partition = 4   // units
	Virtual   Partition = 5   // virtual attributes
	Group     Partition = 6   // parameter groups
	Site      Partition = 7   // body sites
	Infra     Partition = 8   // communication infrastructure: device specialisations
	Disease   Partition = 128 // personal health: disease management
	Fitness   Partition = 129 // personal health: health and fitness
	Aging     Partition = 130 // personal health: aging independently
	Return    Partition = 255 // return codes
	External  Partition = 256 // other nomenclatures
)

var partitionNames = map[Partition]string{Object: "object", Metric: "metric", Event: "event", Dimension: "dimension", Virtual: "virtual",
	Group: "group", Site: "site", Infra: "infrastructure", Disease: "disease_management", Fitness: "health_fitness",
	Aging: "aging_independently", Return: "return_code", External: "external"}

// String gives the partition's name, its number if it has none here.
func (p Partition) String() string {
	if s, ok := partitionNames[p]; ok {
		return s
	}
	return strconv.Itoa(int(p))
}

// Code is a partition and a term in one number.
type Code uint32

// Of makes a code of its halves.
func Of(p Partition, term uint16) Code { return Code(p)<<16 | Code(term) }

// Partition is the code's upper half.
func (c Code) Partition() Partition { return Partition(c >> 16) }

// Term is the code's lower half.
func (c Code) Term() uint16 { return uint16(c) }

// String gives the reference identifier, or the code as the number that IHE PCD and SDC write.
func (c Code) String() string {
	if t, ok := c.Lookup(); ok {
		return t.RefID
	}
	return strconv.FormatUint(uint64(c), 10)
}

// Term is one line of the nomenclature.
type Term struct {
	Code  Code
	RefID string // reference identifier: MDC_PULS_OXIM_SAT_O2
	Name  string // in words: oxygen saturation by pulse oximetry
	UCUM  string // of units: the same in UCUM
}

// Lookup finds the code's term.
func (c Code) Lookup() (Term, bool) {
	i := sort.Search(len(terms), func(i int) bool { return terms[i].Code >= c })
	if i < len(terms) && terms[i].Code == c {
		return terms[i], true
	}
	if c.Partition() == Dimension {
		return scaled(c.Term())
	}
	return Term{}, false
}

// Find looks a term up in its partition.
func Find(p Partition, term uint16) (Term, bool) { return Of(p, term).Lookup() }

// Lookup finds a code that stands in a message as one number.
func Lookup(code uint32) (Term, bool) { return Code(code).Lookup() }

// ByRefID finds a term by its reference identifier, whatever its case.
func ByRefID(id string) (Term, bool) {
	id = strings.ToUpper(strings.TrimSpace(id))
	if c, ok := byRefID[id]; ok {
		return c.Lookup()
	}
	if rest, ok := strings.CutPrefix(id, "MDC_DIM_"); ok {
		for f, d := range factors {
			if base, ok := strings.CutPrefix(rest, d.name+"_"); ok && d.name != "" {
				c, ok := byRefID["MDC_DIM_X_"+base]
				if base == "SEC" {
					c, ok = byRefID["MDC_DIM_SEC"]
				}
				if ok {
					return (c | Code(f)).Lookup()
				}
			}
		}
	}
	return Term{}, false
}

// Unit gives a unit's reference identifier and its UCUM spelling by its term, both "" if the unit is not known. The term 0
// (unspecified) is not a unit.
func Unit(term uint16) (refID, ucum string) {
	t, _ := Find(Dimension, term)
	return t.RefID, t.UCUM
}

// scaled makes the term of a unit with a decimal factor: 2130 is MILLI (18) of X_G_PER_DL (2112).
func scaled(term uint16) (Term, bool) {
	d := factors[term&31]
	if d.name == "" {
		return Term{}, false
	}
	base, ok := Find(Dimension, term&^31)
	stem, family := strings.CutPrefix(base.RefID, "MDC_DIM_X_")
	if base.RefID == "MDC_DIM_SEC" { // the one family whose name has no X
		stem, family = "SEC", true
	}
	if !ok || !family {
		return Term{}, false
	}
	return Term{Code: Of(Dimension, term), RefID: "MDC_DIM_" + d.name + "_" + stem, Name: strings.ToLower(d.name) + base.Name, UCUM: d.ucum + base.UCUM}, true
}

// factors are the decimal factors of table A.6.1 by the lowest five bits of a unit.
var factors = [32]struct{ name, ucum string }{1: {"DECA", "da"}, 2: {"HECTO", "h"}, 3: {"KILO", "k"}, 4: {"MEGA", "M"}, 5: {"GIGA", "G"}, 6: {"TERA", "T"},
	16: {"DECI", "d"}, 17: {"CENTI", "c"}, 18: {"MILLI", "m"}, 19: {"MICRO", "u"}, 20: {"NANO", "n"}, 21: {"PICO", "p"}, 22: {"FEMTO", "f"}}

// byRefID is made once from the table and never changed.
var byRefID = index()

func index() map[string]Code {
	m := make(map[string]Code, len(terms)+len(aliases))
	for _, t := range terms {
		m[strings.ToUpper(t.RefID)] = t.Code
	}
	for name, c := range aliases {
		m[name] = c
	}
	return m
}

// aliases are other spellings of the same number: earlier names, and Philips'.
var aliases = map[string]Code{"MDC_ECG_CARD_BEAT_RATE": 147842, "MDC_PRESS_CUFF_SYS": 150021, "MDC_PRESS_CUFF_DIA": 150022, "MDC_PRESS_CUFF_MEAN": 150023,
	"MDC_DIM_L": 263744, "MDC_DIM_G": 263872, "MDC_DIM_M": 263424, "MDC_DIM_VOLT": 266400, "MDC_DIM_WATT": 266176, "MDC_DIM_JOULES": 266112,
	"MDC_DIM_L_PER_MIN": 265216, "MDC_DIM_L_PER_HR": 265248, "MDC_DIM_L_PER_SEC": 265184, "MDC_DIM_PASCAL": 265984,
	"MDC_DIM_M_PER_MIN": 268704, "MDC_DIM_OHM": 266432, "MDC_DIM_G_PER_DL": 264256, "MDC_DIM_G_PER_L": 264192, "MDC_DIM_MOLE_PER_L": 266848}
