// Package terumo recognises the communication of Terumo TERUFUSION pumps (TE-SS730, TE-SS830), a serial protocol that is
// found behind terminal servers, on any TCP port: Terumo, TE-SS730/830, annex on communication.
//
// A frame is STX, an XML text that begins with its declaration, four hexadecimal digits, ETX. The digits are the CRC-16/XMODEM of
// the text. The root element of what is asked is REQ; CMD holds the command in Base64 and DEVID names the pump.
//
// A frame is a row: its root element, the pump, the names of its elements, and of the command its length and digest, by which a
// command that was never sent before can be told from those that are.
//
// Recognition wants a whole frame with the right check.
//
// Limits: a frame of 16 KiB (maxFrame), 32 names of elements (maxNames) to a depth of 16 (maxDepth).
//
// Not decoded: the commands themselves, whose list is not public; so there is no rate, no volume and no alarm here, and whether a
// command sets or asks is not known. Uncertain: the root element of answers, which is told as it is; whether DEVID is the pump's serial
// number, so that it is no evidence of one.
package terumo
