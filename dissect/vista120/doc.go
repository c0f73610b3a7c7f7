// Package vista120 reads what Dräger Vista 120 monitors and their central station say: a beacon by UDP broadcast to port 9610, and
// sessions on TCP 9600. No specification is published; the structure is what a public stand-in server's literal messages
// show, with all lengths and checksums recomputed. The product is believed to be made for others too: the same
// traffic may come from other brands.
//
// The content of a session is encrypted after the key exchange: nothing of it is told, and that does not mean that no patient data
// crossed. What is told is who speaks, which key the station gave (a changed key is another station), and what broke the framing.
//
// Uncertain, and so not decoded: the meaning of most fields of the beacon, the cipher. That the key comes without a certificate, so
// that somebody in between could give his own, is seen in the sample and not proven for every version.
package vista120
