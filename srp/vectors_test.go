package srp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cognitokit/auth/srp/internal/modp"
	"github.com/google/go-cmp/cmp"
)

// vectors is testdata/vectors.json. Every member of it is required, and there
// are no others.
type vectors struct {
	About string `json:"about"`
	Group struct {
		Source     string `json:"source"`
		Modulus    string `json:"modulus"`
		Generator  string `json:"generator"`
		Multiplier string `json:"multiplier"`
	} `json:"group"`
	Scramblers []struct {
		vectorHead
		ClientPublic string `json:"clientPublic"`
		ServerPublic string `json:"serverPublic"`
		Scrambler    string `json:"scrambler"`
	} `json:"scramblers"`
	Secrets []struct {
		vectorHead
		vectorClient
		Identity string `json:"identity"` // group and ID in one
	} `json:"secrets"`
	Proofs []struct {
		vectorHead
		vectorClient
		vectorProof
		UserPoolID string `json:"userPoolID"`
		ID         string `json:"id"`
	} `json:"proofs"`
	Exchanges []struct {
		vectorHead
		vectorClient
		vectorProof
		Group          string `json:"group"`
		ID             string `json:"id"`
		SaltPadded     string `json:"saltPadded"`
		SaltBase64     string `json:"saltBase64"`
		Verifier       string `json:"verifier"`
		VerifierBase64 string `json:"verifierBase64"`
		ServerSecret   string `json:"serverSecret"`
	} `json:"exchanges"`
	Digests []struct {
		vectorHead
		vectorProof
		Group                string `json:"group"`
		ID                   string `json:"id"`
		Password             string `json:"password"`
		Salt                 string `json:"salt"`
		ClientSecret         string `json:"clientSecret"`
		ServerSecret         string `json:"serverSecret"`
		InnerHash            string `json:"innerHash"`
		PrivateKey           string `json:"privateKey"`
		Scrambler            string `json:"scrambler"`
		Key                  string `json:"key"`
		ClientPublicLength   int    `json:"clientPublicLength"` // of the hexadecimal text
		ClientPublicSHA256   string `json:"clientPublicSHA256"` // of the hexadecimal text
		ServerPublicLength   int    `json:"serverPublicLength"`
		ServerPublicSHA256   string `json:"serverPublicSHA256"`
		VerifierPaddedLength int    `json:"verifierPaddedLength"` // of the bytes
		VerifierPaddedSHA256 string `json:"verifierPaddedSHA256"` // of the bytes
	} `json:"digests"`
}

type vectorHead struct {
	Name   string `json:"name"`
	Source string `json:"source"`
}

type vectorClient struct {
	Password     string `json:"password"`
	Salt         string `json:"salt"`
	ClientSecret string `json:"clientSecret"`
	ClientPublic string `json:"clientPublic"`
	ServerPublic string `json:"serverPublic"`
	Scrambler    string `json:"scrambler"`
	PrivateKey   string `json:"privateKey"`
	Shared       string `json:"shared"`
	Key          string `json:"key"`
}

type vectorProof struct {
	SecretBlock string `json:"secretBlock"`
	Timestamp   string `json:"timestamp"`
	Signature   string `json:"signature"`
}

// parseVectors is strict: an unknown, missing or empty member is an error, so
// that no vector is skipped unnoticed.
func parseVectors(r io.Reader) (*vectors, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	var v vectors
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the object: %w", err)
	}
	return &v, checkComplete("", reflect.ValueOf(v))
}

func checkComplete(path string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if err := checkComplete(path+"."+v.Type().Field(i).Name, v.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Slice:
		if v.Len() == 0 {
			return fmt.Errorf("%s is missing", path)
		}
		for i := range v.Len() {
			if err := checkComplete(fmt.Sprintf("%s[%d]", path, i), v.Index(i)); err != nil {
				return err
			}
		}
	default:
		if v.IsZero() {
			return fmt.Errorf("%s is missing", path)
		}
	}
	return nil
}

func readVectors(t *testing.T) *vectors {
	t.Helper()
	f, err := os.Open("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v, err := parseVectors(f)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseVectorsIsStrict(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string][2]string{
		"unknown member": {`"about":`, `"remark": "x", "about":`},
		"missing member": {`"multiplier":`, `"generator":`},
		"empty member":   {`"generator": "02"`, `"generator": ""`},
		"no vectors":     {`"scramblers": [`, `"scramblers": [], "secrets": [`},
		"second object":  {"\n}\n", "\n}\n{}\n"},
	} {
		edited := strings.Replace(string(text), edit[0], edit[1], 1)
		if edited == string(text) {
			t.Fatalf("%s: nothing to edit", name)
		}
		if _, err := parseVectors(strings.NewReader(edited)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := parseHex("a vector", s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func unhex32(t *testing.T, s string) [32]byte {
	t.Helper()
	var wide [32]byte
	b := unhex(t, s)
	copy(wide[32-len(b):], b)
	return wide
}

func public(t *testing.T, s string) *modp.Element {
	t.Helper()
	z, err := parsePublic("a vector", s)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instant(t *testing.T, timestamp string) time.Time {
	t.Helper()
	at, err := ParseTimestamp(timestamp)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func wantHex(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if formatHex(got) != strings.TrimLeft(want, "0") {
		t.Errorf("%s is %x, want %s", what, got, want)
	}
}

func TestVectorGroup(t *testing.T) {
	t.Parallel()
	v := readVectors(t).Group
	n := modp.Modulus()
	wantHex(t, "N", n[:], v.Modulus)
	k := sha256.Sum256(append(signPad(n[:]), signPad(unhex(t, v.Generator))...))
	wantHex(t, "k", k[:], v.Multiplier)
	wantHex(t, "the constant k", multiplier[:], v.Multiplier)
	two := new(modp.Element).ExpBase2([]byte{1}).Bytes()
	wantHex(t, "g", two[:], v.Generator)
}

func TestVectorScramblers(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t).Scramblers {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			u := scrambler(public(t, v.ClientPublic), public(t, v.ServerPublic))
			wantHex(t, "u", u[:], v.Scrambler)
		})
	}
}

// check compares what the client computes on the way to its proof.
func (v vectorClient) check(t *testing.T, group, id string) {
	t.Helper()
	a := unhex(t, v.ClientSecret)
	if got := newClient(a).A(); got != v.ClientPublic {
		t.Errorf("A is %s, want %s", got, v.ClientPublic)
	}
	u := scrambler(public(t, v.ClientPublic), public(t, v.ServerPublic))
	wantHex(t, "u", u[:], v.Scrambler)
	x := privateKey(group, id, v.Password, unhex(t, v.Salt))
	wantHex(t, "x", x[:], v.PrivateKey)
	s := clientSecret(a, public(t, v.ServerPublic), u, x)
	wantHex(t, "S", s[:], v.Shared)
	key := sessionKey(u, s)
	wantHex(t, "the key", key[:], v.Key)
}

func TestVectorSecrets(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t).Secrets {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			v.check(t, v.Identity, "")
		})
	}
}

func TestVectorProofs(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t).Proofs {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			group, err := PoolName(v.UserPoolID)
			if err != nil {
				t.Fatal(err)
			}
			v.check(t, group, v.ID)
			ch := Challenge{Group: group, ID: v.ID, Salt: v.Salt, B: v.ServerPublic, SecretBlock: v.SecretBlock}
			got, err := newClient(unhex(t, v.ClientSecret)).Prove(ch, v.Password, instant(t, v.Timestamp))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Proof(v.vectorProof), got); diff != "" {
				t.Errorf("proof (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVectorExchanges(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t).Exchanges {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			v.check(t, v.Group, v.ID)

			verifier := newVerifier(v.Group, v.ID, v.Password, unhex(t, v.Salt))
			wantHex(t, "the verifier", verifier.Value, v.Verifier)
			if got := hex.EncodeToString(verifier.Salt); got != v.SaltPadded {
				t.Errorf("the salt is %s, want %s", got, v.SaltPadded)
			}
			if got := verifier.SaltBase64(); got != v.SaltBase64 {
				t.Errorf("the salt is %s in base64, want %s", got, v.SaltBase64)
			}
			if got := verifier.ValueBase64(); got != v.VerifierBase64 {
				t.Errorf("the verifier is %s in base64, want %s", got, v.VerifierBase64)
			}
			parsed, err := ParseVerifier(v.SaltBase64, v.VerifierBase64)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(verifier, parsed); diff != "" {
				t.Errorf("parsed verifier (-made +parsed):\n%s", diff)
			}

			server, err := newServer(parsed, unhex(t, v.ServerSecret))
			if err != nil {
				t.Fatal(err)
			}
			if got := server.B(); got != v.ServerPublic {
				t.Errorf("B is %s, want %s", got, v.ServerPublic)
			}
			if got := server.Salt(); got != v.Salt {
				t.Errorf("the salt on the wire is %s, want %s", got, v.Salt)
			}
			element, err := verifier.element()
			if err != nil {
				t.Fatal(err)
			}
			s := serverSecret(unhex(t, v.ServerSecret), public(t, v.ClientPublic), element, unhex32(t, v.Scrambler))
			wantHex(t, "S of the server", s[:], v.Shared)

			ch := Challenge{Group: v.Group, ID: v.ID, Salt: server.Salt(), B: server.B(), SecretBlock: v.SecretBlock}
			got, err := newClient(unhex(t, v.ClientSecret)).Prove(ch, v.Password, instant(t, v.Timestamp))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Proof(v.vectorProof), got); diff != "" {
				t.Errorf("proof (-want +got):\n%s", diff)
			}
			block, err := parseBase64("the secret block", v.SecretBlock)
			if err != nil {
				t.Fatal(err)
			}
			if err := server.Check(v.Group, v.ID, v.ClientPublic, block, v.Timestamp, v.Signature); err != nil {
				t.Errorf("the server refuses the proof: %v", err)
			}
		})
	}
}

// The three exchanges of which only digests are known. Behavior 12: V1, for a
// user. Behavior 13: V2, the salt has a leading zero byte. Behavior 16: the
// password of both has a letter outside ASCII. V3 is a device.
func TestVectorDigests(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t).Digests {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			salt := unhex(t, v.Salt)
			inner := sha256.Sum256([]byte(v.Group + v.ID + ":" + v.Password))
			wantHex(t, "the inner hash", inner[:], v.InnerHash)
			x := privateKey(v.Group, v.ID, v.Password, salt)
			wantHex(t, "x", x[:], v.PrivateKey)

			wantDigest := func(what string, got []byte, length int, sum string) {
				t.Helper()
				if len(got) != length {
					t.Errorf("%s is %d bytes long, want %d", what, len(got), length)
				}
				if h := sha256.Sum256(got); hex.EncodeToString(h[:]) != sum {
					t.Errorf("%s has the digest %x, want %s", what, h, sum)
				}
			}
			verifier := newVerifier(v.Group, v.ID, v.Password, salt)
			wantDigest("the verifier", verifier.Value, v.VerifierPaddedLength, v.VerifierPaddedSHA256)
			server, err := newServer(verifier, unhex(t, v.ServerSecret))
			if err != nil {
				t.Fatal(err)
			}
			wantDigest("B", []byte(server.B()), v.ServerPublicLength, v.ServerPublicSHA256)
			a := unhex(t, v.ClientSecret)
			client := newClient(bytes.Clone(a))
			clientA := client.A()
			wantDigest("A", []byte(clientA), v.ClientPublicLength, v.ClientPublicSHA256)

			u := scrambler(public(t, clientA), public(t, server.B()))
			wantHex(t, "u", u[:], v.Scrambler)
			key := sessionKey(u, clientSecret(a, public(t, server.B()), u, x))
			wantHex(t, "the key", key[:], v.Key)

			// SALT as the service has it, zero byte and all.
			ch := Challenge{Group: v.Group, ID: v.ID, Salt: v.Salt, B: server.B(), SecretBlock: v.SecretBlock}
			got, err := client.Prove(ch, v.Password, instant(t, v.Timestamp))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Proof(v.vectorProof), got); diff != "" {
				t.Errorf("proof (-want +got):\n%s", diff)
			}
			block, err := parseBase64("the secret block", v.SecretBlock)
			if err != nil {
				t.Fatal(err)
			}
			if err := server.Check(v.Group, v.ID, clientA, block, v.Timestamp, v.Signature); err != nil {
				t.Errorf("the server refuses the proof: %v", err)
			}
		})
	}
}
