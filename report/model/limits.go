package model

// Caps of what a report shows. A report is read by a person and opened by a browser; findings.jsonl, timeline.csv and the case
// hold everything. Where a cap cuts, the output says how many there were.
const (
	maxIncidents = 25   // told as stories
	maxStory     = 80   // findings told of one incident: a person does not read more
	maxGroups    = 60   // rules in each of the other chapters
	maxExamples  = 20   // findings shown of one rule there
	maxEvidence  = 8    // conversations listed beside one finding
	maxDevices   = 400  // rows of the table of devices
	maxPatients  = 200  // rows of the table of patients
	maxOutside   = 30   // addresses outside to which patient data went
	maxFiles     = 300  // rows of the table of files
	maxAnomalies = 120  // kinds of irregularity
	maxNext      = 4    // steps to take: a tired reader does not remember more
	maxLanes     = 14   // devices in the timeline: more cannot be told apart
	maxQuiet     = 6    // devices in the timeline where nothing was found
	maxGaps      = 20   // times without a capture
	maxList      = 12   // values of a list in one cell
	maxText      = 400  // characters of a captured text
	maxSentence  = 1200 // characters of a rule's or finding's sentence
	maxNames     = 300_000
)
