package dicom

import (
	"fmt"
	"strings"

	"wardtrace/dissect/cursor"
	"wardtrace/dissect/dataset"
	"wardtrace/dissect/event"
)

// maxNegotiations is how many items about SOP classes an association keeps, of both sides: one a context and kind.
const maxNegotiations = 512

// agree notes an item about a SOP class.
func (a *association) agree(t pduType, n Negotiation) {
	if len(a.agreed) >= maxNegotiations {
		return
	}
	n.Side, n.SOPClassName = "requestor", dataset.Name(n.SOPClass)
	if t == associateAC {
		n.Side = "acceptor"
	}
	a.agreed = append(a.agreed, n)
}

// role reads an SCP/SCU role selection (PS3.7 D.3.3.4).
//
//	length (2)  SOP class UID  SCU role (1)  SCP role (1)
func (a *association) role(c *cursor.Cursor, t pduType) {
	uid := a.uid(c, int(c.U16()))
	scu, scp := c.U8(), c.U8()
	if c.Short() {
		return
	}
	a.agree(t, Negotiation{Item: "role_selection", SOPClass: uid, SCU: event.Some(scu != 0), SCP: event.Some(scp != 0)})
	if t != associateRQ || len(a.row.RoleSelections) >= maxListed {
		return
	}
	roles := map[[2]bool]string{{true, true}: "scu+scp", {true, false}: "scu", {false, true}: "scp", {}: "none"}
	a.row.RoleSelections = append(a.row.RoleSelections, nameOf(uid)+":"+roles[[2]bool{scu != 0, scp != 0}])
}

// extended reads SOP class extended negotiation (PS3.7 D.3.3.5).
//
//	length (2)  SOP class UID  service class application information ...
func (a *association) extended(c *cursor.Cursor, t pduType) {
	uid := a.uid(c, int(c.U16()))
	if c.Short() {
		return
	}
	if t == associateRQ && len(a.row.ExtendedNegotiations) < maxListed {
		a.row.ExtendedNegotiations = append(a.row.ExtendedNegotiations, fmt.Sprintf("%s:%d", nameOf(uid), c.Len()))
	}
	n := Negotiation{Item: "extended", SOPClass: uid, Bytes: event.Some(int64(c.Len()))}
	n.Options = options(uid, *c)
	c.Rest()
	a.agree(t, n)
}

// commonExtended reads SOP class common extended negotiation (PS3.7 D.3.3.6).
//
//	length (2)  SOP class UID  length (2)  service class UID  length (2)  ( length (2)  related general SOP class UID ) ...
func (a *association) commonExtended(c *cursor.Cursor, t pduType) {
	uid := a.uid(c, int(c.U16()))
	if t == associateRQ && len(a.row.ExtendedNegotiations) < maxListed {
		a.row.ExtendedNegotiations = append(a.row.ExtendedNegotiations, fmt.Sprintf("%s:%d", nameOf(uid), c.Len()))
	}
	n := Negotiation{Item: "common_extended", SOPClass: uid}
	n.ServiceClass = a.uid(c, int(c.U16()))
	list := c.Sub(int(c.U16()))
	for list.Need(2) && len(n.Related) < maxListed {
		n.Related = append(n.Related, a.uid(&list, int(list.U16())))
	}
	if c.Short() {
		return
	}
	c.Rest()
	a.agree(t, n)
}

// queryOptions are the bytes of extended negotiation of the query and retrieve classes (PS3.4 C.5.1.1, C.5.2.1, C.5.3.1).
var queryOptions = []string{"relational_queries", "date_time_matching", "fuzzy_names", "timezone", "enhanced_conversion"}

// options reads service class application information, where PS3.4 says what it means.
func options(uid string, c cursor.Cursor) (out []string) {
	name := dataset.Name(uid)
	switch {
	case strings.Contains(name, "QueryRetrieveInformationModel"):
		words := queryOptions
		if !strings.HasSuffix(name, "Find") { // C-MOVE and C-GET have two: relational, conversion
			words = []string{queryOptions[0], queryOptions[4]}
		}
		for _, w := range words {
			if c.U8() == 1 {
				out = append(out, w)
			}
		}
	case strings.HasPrefix(uid, "1.2.840.10008.5.1.4.1.1."): // PS3.4 B.3.1: level of support, reserved, level of signatures, ...
		level, _, signatures := c.U8(), c.U8(), c.U8()
		if c.Short() {
			return nil
		}
		if level <= 2 {
			out = append(out, fmt.Sprintf("level_%d", level))
		}
		if signatures >= 1 && signatures <= 3 {
			out = append(out, fmt.Sprintf("signature_level_%d", signatures))
		}
	}
	return out
}
