package sound

// Samples are the sound of a recording of 16 bit and one channel, from -1 to 1, at the rate that is asked for. The recording's end may be missing.
func Samples(wav []byte, rate int) ([]float64, error) {
	from, data, err := Read(wav)
	if err != nil {
		return nil, err
	}
	if from < Rate || from > highestRate {
		return nil, errTelephone
	}
	return Resample(samplesOf(data), from, rate), nil
}
