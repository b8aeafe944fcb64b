package moonshine

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	ort "github.com/yalue/onnxruntime_go"
	"golang.org/x/sys/unix"

	"ringfence/speech/modelfiles"
)

// What the model is made for.
const (
	modelRate = 16000 // samples a second
	layers    = 6     // of the decoder
	heads     = 8
	headSize  = 36
	// tokensPerSecond is the most that a second of speech has; a decoder that goes on has begun to repeat itself. The model's makers stop at 6.5.
	tokensPerSecond = 8
	fewestTokens    = 8
	// silentEnd is added to a recording. One that ends in the middle of a word is otherwise ended by repeating a sentence.
	silentEnd = modelRate / 10
)

// model is Moonshine tiny: an encoder for the sound, and a decoder that says the next token.
type model struct {
	words            vocabulary
	encoder, decoder *ort.DynamicAdvancedSession
	run              *ort.RunOptions // ends what is being read, when that is asked for
}

// decoded is what the model makes of a recording.
type decoded struct {
	tokens []int64
	text   string
	// doubt is how unlikely the model thinks its tokens are: the mean of their negative logarithms.
	doubt float64
}

// load opens the model's files. A process does so once.
func load(folder string) (*model, error) {
	ort.SetSharedLibraryPath(filepath.Join(folder, modelfiles.Runtime))
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return nil, err
	}
	words, err := readVocabulary(filepath.Join(folder, modelfiles.Vocabulary))
	if err != nil {
		return nil, err
	}
	options, err := sessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { _ = options.Destroy() }() // it always succeeds
	encoder, err := session(filepath.Join(folder, modelfiles.Encoder), []string{"input_values", "attention_mask"}, []string{"last_hidden_state"}, options)
	if err != nil {
		return nil, fmt.Errorf("the model's encoder: %w", err)
	}
	inputs, outputs := []string{"input_ids", "encoder_attention_mask", "encoder_hidden_states", "use_cache_branch"}, []string{"logits"}
	for layer := range layers {
		for _, part := range []string{"decoder.key", "decoder.value", "encoder.key", "encoder.value"} {
			inputs = append(inputs, fmt.Sprintf("past_key_values.%d.%s", layer, part))
			outputs = append(outputs, fmt.Sprintf("present.%d.%s", layer, part))
		}
	}
	decoder, err := session(filepath.Join(folder, modelfiles.Decoder), inputs, outputs, options)
	if err != nil {
		return nil, fmt.Errorf("the model's decoder: %w", err)
	}
	run, err := ort.NewRunOptions()
	if err != nil {
		return nil, err
	}
	return &model{words: words, encoder: encoder, decoder: decoder, run: run}, nil
}

// sessionOptions are for a small machine that has calls to take beside this.
func sessionOptions() (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	return options, errors.Join(
		// Two threads wait for each other by spinning: measured, they cost three times as much and are hardly faster.
		options.SetIntraOpNumThreads(1), options.SetInterOpNumThreads(1),
		// Weights are used where the file is mapped, instead of copied: 50 MB less (onnxruntime's docs, "ORT format models").
		options.AddSessionConfigEntry("session.use_ort_model_bytes_directly", "1"),
		options.AddSessionConfigEntry("session.use_ort_model_bytes_for_initializers", "1"),
	)
}

// session opens one of the model's files. It stays mapped for as long as the process lives.
func session(file string, inputs, outputs []string, options *ort.SessionOptions) (*ort.DynamicAdvancedSession, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written to it
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	return ort.NewDynamicAdvancedSessionWithONNXData(mapped, inputs, outputs, options)
}

// read decodes greedily: each time the likeliest token, until the model says that it has ended. After an error the tokens are those until then.
func (m *model) read(samples []float32, draft []int64) (decoded, error) {
	samples = append(samples, make([]float32, silentEnd)...)
	r := &reading{model: m}
	defer r.free()
	if err := m.begin(r, samples); err != nil {
		return decoded{}, err
	}
	found, err := decode(r, draft, fewestTokens+tokensPerSecond*len(samples)/modelRate)
	found.text = m.words.text(found.tokens)
	return found, err
}

// reading is a recording while it is decoded.
type reading struct {
	*model
	hidden, mask ort.Value
	past         []ort.Value // keys and values of each layer, in the order of the decoder's inputs
	begun        bool        // past has what the decoder has made of the sound
}

func (r *reading) free() {
	free(append(r.past, r.hidden, r.mask)...)
}

func free(values ...ort.Value) {
	for _, v := range values {
		if v != nil {
			_ = v.Destroy() // it always succeeds
		}
	}
}

// begin runs the encoder.
func (m *model) begin(r *reading, samples []float32) error {
	length := int64(len(samples))
	sound, err := ort.NewTensor(ort.NewShape(1, length), samples)
	if err != nil {
		return err
	}
	defer free(sound)
	ones := make([]int64, length)
	for i := range ones {
		ones[i] = 1
	}
	mask, err := ort.NewTensor(ort.NewShape(1, length), ones)
	if err != nil {
		return err
	}
	r.mask = mask
	hidden := []ort.Value{nil}
	if err := m.encoder.RunWithOptions([]ort.Value{sound, mask}, hidden, m.run); err != nil {
		return err
	}
	r.hidden = hidden[0]
	for range 4 * layers {
		none, err := ort.NewEmptyTensor[float32](ort.NewShape(1, heads, 0, headSize))
		if err != nil {
			return err
		}
		r.past = append(r.past, none)
	}
	return nil
}

// step runs the decoder for some tokens more, and says what follows each.
func (r *reading) step(tokens []int64) (next []token, err error) {
	ids, err := ort.NewTensor(ort.NewShape(1, int64(len(tokens))), tokens)
	if err != nil {
		return nil, err
	}
	defer free(ids)
	cached, err := ort.NewTensor(ort.NewShape(1), []bool{r.begun})
	if err != nil {
		return nil, err
	}
	defer free(cached)
	outputs := make([]ort.Value, 1+len(r.past))
	if err := r.decoder.RunWithOptions(append([]ort.Value{ids, r.mask, r.hidden, cached}, r.past...), outputs, r.run); err != nil {
		free(outputs...)
		return nil, err
	}
	for i, value := range outputs[1:] {
		if ofEncoder(i) && r.begun { // it does not change, and the decoder does not say it again
			free(value)
			continue
		}
		free(r.past[i])
		r.past[i] = value
	}
	r.begun = true
	defer free(outputs[0])
	scores, is := outputs[0].(*ort.Tensor[float32])
	if !is || len(scores.GetData()) == 0 || len(scores.GetData())%len(tokens) != 0 {
		return nil, errors.New("the model's decoder gave no token")
	}
	for each := range slices.Chunk(scores.GetData(), len(scores.GetData())/len(tokens)) {
		next = append(next, likeliest(each))
	}
	return next, nil
}

// ofEncoder says whether the keys or values with that number are of the sound, and not of the tokens.
func ofEncoder(i int) bool { return i%4 >= 2 }

// forget takes the last tokens back.
func (r *reading) forget(last int) error {
	for i, value := range r.past {
		if ofEncoder(i) {
			continue
		}
		all, is := value.(*ort.Tensor[float32])
		if !is || len(all.GetShape()) != 4 {
			return errors.New("the model's decoder gave no keys")
		}
		had := int(all.GetShape()[2]) * headSize
		kept := had - last*headSize
		var data []float32
		for head := range slices.Chunk(all.GetData(), had) {
			data = append(data, head[:kept]...)
		}
		fewer, err := ort.NewTensor(ort.NewShape(1, heads, int64(kept/headSize), headSize), data)
		if err != nil {
			return err
		}
		free(value)
		r.past[i] = fewer
	}
	return nil
}

// unlikely is how far below the highest a score is that counts for nothing, as nearly all of the 32,768 do: together they are 0.00007 of the likelihood.
const unlikely = 20

// likeliest is the token with the highest score, and its share of the likelihood of all.
func likeliest(scores []float32) token {
	best := 0
	for i, score := range scores {
		if score > scores[best] {
			best = i
		}
	}
	var sum float64
	for _, score := range scores {
		if below := scores[best] - score; below < unlikely {
			sum += math.Exp(-float64(below))
		}
	}
	return token{int64(best), 1 / sum}
}
