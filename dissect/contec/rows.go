package contec

import "wardtrace/dissect/event"

// Patient is what a monitor says of its patient, in clear.
type Patient struct {
	Bed        event.Opt[int64]   `col:"bed" doc:"Bed number."`
	Department string             `col:"department" doc:"Department, as typed at the monitor."`
	Name       string             `col:"patient_name" phi:"name" doc:"Patient's name."`
	ID         string             `col:"patient_id" phi:"id" doc:"Patient's number."`
	Birth      string             `col:"birth_date" phi:"birth" doc:"Birth date, YYYYMMDD."`
	Admitted   string             `col:"admitted" doc:"Day of admission, YYYYMMDD."`
	Doctor     string             `col:"doctor" phi:"name" doc:"Doctor's name."`
	HeightMM   event.Opt[int64]   `col:"height_mm" doc:"Height, mm."`
	WeightKG   event.Opt[float64] `col:"weight_kg" doc:"Weight, kg."`
}

var patients = event.New[Patient]("contec_patient", "What Contec monitors tell of their patients, in clear: one row each time.")

// Vitals is one telemetry frame with values.
type Vitals struct {
	Bed         event.Opt[int64]   `col:"bed" doc:"Bed number, as said before on this connection."`
	Part        string             `col:"part" doc:"ecg, spo2, nibp or temperature."`
	HeartRate   event.Opt[int64]   `col:"heart_rate" doc:"Heart rate, per minute."`
	Respiration event.Opt[int64]   `col:"respiration" doc:"Respiration rate, per minute."`
	SpO2        event.Opt[int64]   `col:"spo2" doc:"Oxygen saturation, %."`
	Pulse       event.Opt[int64]   `col:"pulse" doc:"Pulse rate, per minute."`
	Attached    event.Opt[bool]    `col:"sensor_attached" doc:"The SpO2 sensor is attached."`
	Systolic    event.Opt[int64]   `col:"systolic" doc:"Systolic pressure, mmHg."`
	Diastolic   event.Opt[int64]   `col:"diastolic" doc:"Diastolic pressure, mmHg."`
	Mean        event.Opt[int64]   `col:"mean" doc:"Mean pressure, mmHg."`
	MeasuredAt  event.Time         `col:"measured_at" doc:"When the pressure was measured, by the monitor's clock, read as UTC."`
	T1          event.Opt[float64] `col:"t1" doc:"First temperature; degrees Celsius by the range of its limits."`
	T2          event.Opt[float64] `col:"t2" doc:"Second temperature."`
	WaveBytes   int64              `col:"wave_bytes" doc:"Bytes of waveforms in the frame, which are not kept."`
}

var vitals = event.New[Vitals]("contec_vitals", "Telemetry of Contec monitors: one row a frame that holds a value.")

// Limit is an alarm limit, when first seen and when it changes.
type Limit struct {
	Bed       event.Opt[int64] `col:"bed" doc:"Bed number, as said before on this connection."`
	Parameter string           `col:"parameter" doc:"heart rate, respiration, pvc, spo2, pulse, systolic, diastolic or mean."`
	Low       int64            `col:"low" doc:"Lower limit."`
	High      int64            `col:"high" doc:"Upper limit."`
	Setting   int64            `col:"setting" doc:"Alarm setting as sent; its meaning is not known."`
	Changed   bool             `col:"changed" doc:"It was another one before, on this connection."`
}

var limits = event.New[Limit]("contec_limit", "Alarm limits of Contec monitors, when first seen and when they change.")

// Status is a status or alarm text.
type Status struct {
	Bed  event.Opt[int64] `col:"bed" doc:"Bed number, as said before on this connection."`
	Code int64            `col:"code" doc:"Code as sent."`
	Text string           `col:"text" doc:"Text as the monitor shows it, such as SPO2 SENSOR OFF."`
}

var statuses = event.New[Status]("contec_status", "Status and technical alarm texts of Contec monitors.")
