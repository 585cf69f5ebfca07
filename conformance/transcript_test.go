package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A certainty says how well it is known that the service answers so.
type certainty string

// The certainties. What authtest has decided for itself is inferred.
const (
	documented certainty = "D"  // by AWS
	observed   certainty = "O"  // by others, in public
	reported   certainty = "O?" // once, or by somebody who may have been imitating
	inferred   certainty = "I"  // from the others
)

// A transcript is what was seen on one journey. Nothing in it belongs to
// anybody: see [scrubber].
type transcript struct {
	Journey string `json:"journey"`
	Client  role   `json:"client"`
	Steps   []step `json:"steps"`
	Stopped string `json:"stopped,omitempty"` // why the journey could not go on
}

// A step is one request with its answer, or what a function of package auth
// made of the answers before.
type step struct {
	What      string    `json:"what"`
	Certainty certainty `json:"certainty"`

	Operation string         `json:"operation,omitempty"`
	Request   any            `json:"request,omitempty"`
	Status    int            `json:"status,omitempty"`
	Header    map[string]any `json:"header,omitempty"`  // what is unusual; see [unusualHeader]
	Headers   map[string]any `json:"headers,omitempty"` // all that clients read, where that is what the step is about
	Body      any            `json:"body,omitempty"`    // nil for a body without a byte

	Outcome any `json:"outcome,omitempty"`
}

// The directories of transcripts below testdata.
const (
	dirAuthtest = "authtest"
	dirService  = "service"
)

func transcriptFile(dir, journey string) string {
	return filepath.Join("testdata", dir, journey+".json")
}

// readTranscript returns a recorded transcript, nil if there is none.
func readTranscript(dir, journey string) (*transcript, error) {
	data, err := os.ReadFile(transcriptFile(dir, journey))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t, err := parseTranscript(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", transcriptFile(dir, journey), err)
	}
	return t, nil
}

// parseTranscript is strict: a transcript with a member that nobody reads
// would be believed to say something.
func parseTranscript(data []byte) (*transcript, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var t transcript
	if err := d.Decode(&t); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than a transcript")
	}
	if t.Journey == "" {
		return nil, errors.New("no journey is named")
	}
	known := make(map[string]bool)
	for i, s := range t.Steps {
		switch {
		case s.What == "" || known[s.What]:
			return nil, fmt.Errorf("step %d has no name of its own", i+1)
		case s.Operation == "" && (s.Status != 0 || s.Outcome == nil):
			return nil, fmt.Errorf("step %q is neither a request nor an outcome", s.What)
		}
		known[s.What] = true
	}
	return &t, nil
}

func (t *transcript) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(t); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (t *transcript) write(dir string) error {
	data, err := t.encode()
	if err != nil {
		return err
	}
	file := transcriptFile(dir, t.Journey)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}
