package sensor

// vitalSigns are the names under which devices send vital signs, without what joins their words, and what they mean.
var vitalSigns = map[string]string{
	"heartrate": "heart rate", "hr": "heart rate", "bpm": "heart rate", "ecgheartrate": "heart rate",
	"pulse": "pulse rate", "pulserate": "pulse rate", "pr": "pulse rate",
	"spo2": "oxygen saturation", "sao2": "oxygen saturation", "oxygensaturation": "oxygen saturation", "o2sat": "oxygen saturation",
	"respirationrate": "respiration rate", "respiratoryrate": "respiration rate", "resprate": "respiration rate",
	"breathingrate": "respiration rate", "respiration": "respiration rate",
	"bodytemperature": "body temperature", "bodytemp": "body temperature", "temperature": "temperature", "temp": "temperature",
	"systolic": "systolic blood pressure", "sys": "systolic blood pressure", "sbp": "systolic blood pressure",
	"nibpsys": "systolic blood pressure", "nibpsystolic": "systolic blood pressure", "bloodpressuresystolic": "systolic blood pressure",
	"bloodpressuresys": "systolic blood pressure", "systolicbloodpressure": "systolic blood pressure", "bpsys": "systolic blood pressure",
	"diastolic": "diastolic blood pressure", "dia": "diastolic blood pressure", "dbp": "diastolic blood pressure",
	"nibpdia": "diastolic blood pressure", "nibpdiastolic": "diastolic blood pressure", "bloodpressurediastolic": "diastolic blood pressure",
	"bloodpressuredia": "diastolic blood pressure", "diastolicbloodpressure": "diastolic blood pressure", "bpdia": "diastolic blood pressure",
	"nibpmean": "mean blood pressure", "nibpmap": "mean blood pressure", "meanarterialpressure": "mean blood pressure",
	"glucose": "glucose", "bloodglucose": "glucose", "bloodsugar": "glucose", "cgm": "glucose",
	"etco2": "end-tidal CO2", "fio2": "inspired oxygen", "tidalvolume": "tidal volume", "minutevolume": "minute volume", "peep": "PEEP",
	"infusionrate": "infusion rate", "bodyweight": "body weight",
}

// timeWords are the names of members that say when.
var timeWords = map[string]bool{"timestamp": true, "time": true, "ts": true, "datetime": true, "observedat": true, "measuredat": true}
