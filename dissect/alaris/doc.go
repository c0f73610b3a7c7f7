// Package alaris decodes the ASCII protocol of BD (CareFusion, IVAC) Alaris and Asena syringe pumps: the pump calls it
// "Asena" and its revision when it is asked (COMMS_PROTOCOL). It is a serial protocol; on a network it is found behind terminal servers, on any TCP
// port. There is no public standard: this is what open clients of it send and were answered (OpenICE, infupy), with its check sums
// recomputed.
//
// A frame is ! body | check CR, the check being CRC-16/CCITT-FALSE of the body in four upper-case hexadecimal digits, the body a word
// and its arguments, joined by ^. The host asks, the pump echoes the word with what it has to say. A word without
// arguments asks (INF, INF_RATE); with arguments, or by its nature, it commands (INF_RATE^12.50^ml/h, INF_START, INF_STOP).
//
// Whoever sends REMOTE_CTRL^ENABLED with a token controls the pump from then on. The token is the check sum of the
// pump's serial number, which the pump tells anybody: it authenticates nobody (CVE-2018-14786 says the same of these pumps behind
// terminal servers). The token itself is not kept, only whether it is that check sum.
//
// Each frame is a row. Commands become rows of therapy with remote set, with the value before where the pump told it; what the pump
// reports becomes one when it is new or another one (rate, infused volume, VTBI), and its alarm one of alarm when it
// begins and when it ends. REMOTE_CTRL is repeated every second by its users, and makes a row of therapy only when it changes.
//
// Recognition wants a whole frame with the right check sum.
//
// Limits: a frame of 512 bytes (maxFrame), 24 arguments of 64 characters (maxArgs, maxArg).
//
// Not decoded: the protocol of the PCU 8015 with its Systems Manager (TCP 3613), which is not published; log entries (EVENT), the
// arguments of SYRINGE_STATUS and of words that are not named here, which stand in the row as they are. Uncertain: what the codes of
// alarms (AL_OCCLU, ...) mean beyond their letters, so alarms have a code and no text; which argument of INF is which is
// taken from open clients, and a number is only believed where its unit stands behind it.
package alaris
