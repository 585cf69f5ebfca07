package srp_test

import (
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/cognitokit/auth/srp"
	"github.com/google/go-cmp/cmp"
)

// modulus is N, copied from RFC 3526 section 4.
const modulus = "" +
	"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
	"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
	"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
	"15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
	"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
	"BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"

// timesModulus returns n·N + d in hexadecimal.
func timesModulus(n, d int64) string {
	x, _ := new(big.Int).SetString(modulus, 16)
	x.Mul(x, big.NewInt(n))
	return x.Add(x, big.NewInt(d)).Text(16)
}

// exchange is a whole sign-in between the two halves of the package.
type exchange struct {
	group, id, password string
	block               []byte
	server              *srp.Server
}

func newExchange(t *testing.T) exchange {
	t.Helper()
	e := exchange{group: "AbC123def", id: "3f6c2c1e-7a51-4c9b-9f0e-0a1b2c3d4e5f", password: "Pa55w0rd!", block: []byte("the secret block")}
	var err error
	if e.server, err = srp.NewServer(srp.NewVerifier(e.group, e.id, e.password)); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e exchange) challenge() srp.Challenge {
	return srp.Challenge{
		Group: e.group, ID: e.id, Salt: e.server.Salt(), B: e.server.B(),
		SecretBlock: base64.StdEncoding.EncodeToString(e.block),
	}
}

// publicValues are the forms of A and B that are refused.
var publicValues = []struct {
	name, value string
	want        error
}{
	{"zero", "0", srp.ErrPublicValue},
	{"zero with zeros", strings.Repeat("0", 1000), srp.ErrPublicValue},
	{"N", modulus, srp.ErrPublicValue},
	{"N in lower case with a sign byte", "00" + strings.ToLower(modulus), srp.ErrPublicValue},
	{"N+1", timesModulus(1, 1), srp.ErrPublicValue},
	{"2N", timesModulus(2, 0), srp.ErrPublicValue},
	{"3N", timesModulus(3, 0), srp.ErrPublicValue},
	{"2^3072-1", strings.Repeat("f", 768), srp.ErrPublicValue},
	{"2^3072", "1" + strings.Repeat("0", 768), srp.ErrPublicValue},
	{"very long", strings.Repeat("ab", 1<<20), srp.ErrPublicValue},
	{"empty", "", srp.ErrMalformed},
	{"not hexadecimal", "12g4", srp.ErrMalformed},
	{"negative", "-12", srp.ErrMalformed},
	{"signed", "+12", srp.ErrMalformed},
	{"with a prefix", "0x12", srp.ErrMalformed},
	{"with a space", "12 ", srp.ErrMalformed},
	{"with a line break", "12\n", srp.ErrMalformed},
	{"digits of another script", "\u0661\u0662", srp.ErrMalformed},
}

// Behavior 14: nothing is computed, let alone sent, for B ≡ 0 modulo N.
func TestProveRefusesPublicValues(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	for _, tt := range publicValues {
		t.Run("B is "+tt.name, func(t *testing.T) {
			t.Parallel()
			client := srp.NewClient()
			ch := e.challenge()
			ch.B = tt.value
			proof, err := client.Prove(ch, e.password, time.Now())
			if !errors.Is(err, tt.want) {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
			if proof != (srp.Proof{}) {
				t.Error("there is a proof")
			}
			// The client has given nothing away, and can go on.
			if _, err := client.Prove(e.challenge(), e.password, time.Now()); err != nil {
				t.Errorf("a good challenge afterwards: %v", err)
			}
		})
	}
}

// Behaviors 11, 18: the ID is the one that the challenge names, and without it
// there is no proof.
func TestProveRefusesChallenges(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	tests := []struct {
		name string
		edit func(*srp.Challenge)
		want error
	}{
		{"behavior 18: no USER_ID_FOR_SRP", func(ch *srp.Challenge) { ch.ID = "" }, srp.ErrIdentity},
		{"no group", func(ch *srp.Challenge) { ch.Group = "" }, srp.ErrIdentity},
		{"no salt", func(ch *srp.Challenge) { ch.Salt = "" }, srp.ErrMalformed},
		{"salt not hexadecimal", func(ch *srp.Challenge) { ch.Salt = "xy" }, srp.ErrMalformed},
		{"salt negative", func(ch *srp.Challenge) { ch.Salt = "-1" }, srp.ErrMalformed},
		{"salt too long", func(ch *srp.Challenge) { ch.Salt = strings.Repeat("1", 129) }, srp.ErrMalformed},
		{"no secret block", func(ch *srp.Challenge) { ch.SecretBlock = "" }, srp.ErrMalformed},
		{"secret block only padding", func(ch *srp.Challenge) { ch.SecretBlock = "====" }, srp.ErrMalformed},
		{"secret block too long", func(ch *srp.Challenge) { ch.SecretBlock = strings.Repeat("A", 1<<16+4) }, srp.ErrMalformed},
		{"secret block cut off", func(ch *srp.Challenge) { ch.SecretBlock = "QUJDR" }, srp.ErrMalformed},
		{"secret block with loose bits", func(ch *srp.Challenge) { ch.SecretBlock = "QUJDRB==" }, srp.ErrMalformed},
		{"secret block with too much padding", func(ch *srp.Challenge) { ch.SecretBlock = "QQ===" }, srp.ErrMalformed},
		{"secret block with padding inside", func(ch *srp.Challenge) { ch.SecretBlock = "QQ==QUJD" }, srp.ErrMalformed},
		{"secret block in both alphabets", func(ch *srp.Challenge) { ch.SecretBlock = "+_+_" }, srp.ErrMalformed},
		{"secret block with a line break", func(ch *srp.Challenge) { ch.SecretBlock = "QUJD\nQUJD" }, srp.ErrMalformed},
		{"secret block with a space", func(ch *srp.Challenge) { ch.SecretBlock = "QUJD QUJD" }, srp.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := srp.NewClient()
			ch := e.challenge()
			tt.edit(&ch)
			proof, err := client.Prove(ch, e.password, time.Now())
			if !errors.Is(err, tt.want) {
				t.Errorf("error is %v, want %v", err, tt.want)
			}
			if proof != (srp.Proof{}) {
				t.Error("there is a proof")
			}
			if _, err := client.Prove(e.challenge(), e.password, time.Now()); err != nil {
				t.Errorf("a good challenge afterwards: %v", err)
			}
		})
	}
}

// What is refused may be a secret in the wrong place, so errors do not quote it.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	const planted = "PlAnTeD-sEcReT"
	e := newExchange(t)
	good := e.challenge()
	var errs []error
	for _, edit := range []func(*srp.Challenge){
		func(ch *srp.Challenge) { ch.Salt = planted },
		func(ch *srp.Challenge) { ch.B = planted },
		func(ch *srp.Challenge) { ch.B = strings.Repeat(planted, 1000) },
		func(ch *srp.Challenge) { ch.SecretBlock = planted + "?" },
		func(ch *srp.Challenge) { ch.Group, ch.ID = "", planted },
	} {
		ch := good
		edit(&ch)
		_, err := srp.NewClient().Prove(ch, planted, time.Now())
		errs = append(errs, err)
	}
	_, err := srp.ParseVerifier(planted, planted)
	errs = append(errs, err)
	_, err = srp.ParseTimestamp(planted)
	errs = append(errs, err,
		e.server.Check(planted, planted, planted, []byte(planted), planted, planted),
		e.server.Check(planted, planted, "2", []byte(planted), planted, planted),
		e.server.Check(planted, planted, "2", []byte(planted), "Tue Apr 2 03:04:05 UTC 2024", planted+"?"),
		e.server.Check(planted, planted, "2", []byte(planted), "Tue Apr 2 03:04:05 UTC 2024", "QUJD"),
	)
	for i, err := range errs {
		if err == nil {
			t.Errorf("case %d: no error", i)
		} else if strings.Contains(err.Error(), planted) || !strings.HasPrefix(err.Error(), "srp: ") {
			t.Errorf("case %d: %q", i, err)
		}
	}
}

func TestClientAnswersOnce(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	client := srp.NewClient()
	srpA := client.A()
	if _, err := client.Prove(e.challenge(), e.password, time.Now()); err != nil {
		t.Fatal(err)
	}
	if proof, err := client.Prove(e.challenge(), e.password, time.Now()); !errors.Is(err, srp.ErrUsed) || proof != (srp.Proof{}) {
		t.Errorf("second proof: %v, want %v and no proof", err, srp.ErrUsed)
	}
	if client.A() != srpA {
		t.Error("A changed with the proof")
	}
}

func TestClientsDiffer(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 20 {
		a := srp.NewClient().A()
		if seen[a] || len(a) < 700 {
			t.Fatalf("A is %s", a)
		}
		seen[a] = true
	}
}

// The secret block comes in either alphabet, padded or not, and goes back as it
// came.
func TestSecretBlockForms(t *testing.T) {
	t.Parallel()
	e := newExchange(t)
	for _, block := range []string{"\xfb\xff\xfe", "\xfb\xff\xfe\x01", "\xfb\xff\xfe\x01\x02", "plain"} {
		for name, encoding := range map[string]*base64.Encoding{
			"standard": base64.StdEncoding, "URL-safe": base64.URLEncoding,
			"standard without padding": base64.RawStdEncoding, "URL-safe without padding": base64.RawURLEncoding,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				client := srp.NewClient()
				ch := e.challenge()
				ch.SecretBlock = encoding.EncodeToString([]byte(block))
				proof, err := client.Prove(ch, e.password, time.Now())
				if err != nil {
					t.Fatal(err)
				}
				if proof.SecretBlock != ch.SecretBlock {
					t.Errorf("secret block came back as %q, want %q", proof.SecretBlock, ch.SecretBlock)
				}
				if err := e.server.Check(e.group, e.id, client.A(), []byte(block), proof.Timestamp, proof.Signature); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// Behavior 16: passwords are hashed as they are given, so two spellings of é
// are two passwords, and white space counts.
func TestPasswordsAreTakenAsGiven(t *testing.T) {
	t.Parallel()
	const group, id = "AbC123def", "user"
	const set = "caf\u00e9"
	server, err := srp.NewServer(srp.NewVerifier(group, id, set))
	if err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{set, "cafe\u0301", " " + set, set + " ", "CAF\u00c9", "caf\xe9", ""} {
		client := srp.NewClient()
		proof, err := client.Prove(srp.Challenge{Group: group, ID: id, Salt: server.Salt(), B: server.B(), SecretBlock: "QUJD"}, given, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		err = server.Check(group, id, client.A(), []byte("ABC"), proof.Timestamp, proof.Signature)
		if want := given == set; (err == nil) != want || err != nil && !errors.Is(err, srp.ErrProof) {
			t.Errorf("%q against %q: %v", given, set, err)
		}
	}
}

func TestPoolName(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"eu-west-1_AbC123def":      "AbC123def",
		"us-gov-west-1_9":          "9",
		"local_pool":               "pool",
		"":                         "",
		"AbC123def":                "",
		"_AbC123def":               "",
		"eu-west-1_":               "",
		"eu-west-1_AbC_def":        "",
		"eu-west-1_AbC-def":        "",
		"eu-west-1_AbC123def ":     "",
		"eu west-1_AbC123def":      "",
		"eu-west-1_AbC123d\u00e9f": "",
	} {
		got, err := srp.PoolName(id)
		if got != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, srp.ErrMalformed) {
			t.Errorf("PoolName(%q) = %q, %v, want %q", id, got, err, want)
		}
	}
}

func TestNewDeviceSecret(t *testing.T) {
	t.Parallel()
	first, second := srp.NewDeviceSecret(), srp.NewDeviceSecret()
	if first == second {
		t.Error("two devices have one secret")
	}
	if b, err := base64.StdEncoding.DecodeString(first); err != nil || len(b) != 40 {
		t.Errorf("%d bytes, %v, want 40", len(b), err)
	}
}

func TestVerifiers(t *testing.T) {
	t.Parallel()
	encode := base64.StdEncoding.EncodeToString
	number := func(hexadecimal string) []byte {
		x, ok := new(big.Int).SetString(hexadecimal, 16)
		if !ok {
			t.Fatal(hexadecimal)
		}
		return x.Bytes()
	}
	salt := encode([]byte{0x12, 0x34})
	tests := []struct {
		name, salt, value string
		want              srp.Verifier
		err               error
	}{
		{"plain", salt, encode([]byte{5}), srp.Verifier{Salt: []byte{0x12, 0x34}, Value: []byte{5}}, nil},
		{"sign bytes kept", encode([]byte{0, 0x92}), encode([]byte{0, 0x85}), srp.Verifier{Salt: []byte{0, 0x92}, Value: []byte{0, 0x85}}, nil},
		{"sign bytes added", encode([]byte{0x92}), encode([]byte{0x85}), srp.Verifier{Salt: []byte{0, 0x92}, Value: []byte{0, 0x85}}, nil},
		{"zeros dropped", encode([]byte{0, 0, 0, 7}), encode([]byte{0, 0, 5}), srp.Verifier{Salt: []byte{7}, Value: []byte{5}}, nil},
		{"largest", salt, encode(number(timesModulus(1, -2))), srp.Verifier{Salt: []byte{0x12, 0x34}, Value: append([]byte{0}, number(timesModulus(1, -2))...)}, nil},
		{"no salt", "", encode([]byte{5}), srp.Verifier{}, srp.ErrMalformed},
		{"salt not base64", "?", encode([]byte{5}), srp.Verifier{}, srp.ErrMalformed},
		{"salt of many zeros", encode(make([]byte, 1<<15)), encode([]byte{5}), srp.Verifier{Salt: []byte{0}, Value: []byte{5}}, nil},
		{"salt too long", encode([]byte(strings.Repeat("x", 66))), encode([]byte{5}), srp.Verifier{}, srp.ErrMalformed},
		{"no value", salt, "", srp.Verifier{}, srp.ErrMalformed},
		{"value not base64", salt, "?", srp.Verifier{}, srp.ErrMalformed},
		{"zero", salt, encode([]byte{0}), srp.Verifier{}, srp.ErrPublicValue},
		{"one", salt, encode([]byte{1}), srp.Verifier{}, srp.ErrPublicValue},
		{"N-1", salt, encode(number(timesModulus(1, -1))), srp.Verifier{}, srp.ErrPublicValue},
		{"N", salt, encode(number(modulus)), srp.Verifier{}, srp.ErrPublicValue},
		{"N+1", salt, encode(number(timesModulus(1, 1))), srp.Verifier{}, srp.ErrPublicValue},
		{"2N", salt, encode(number(timesModulus(2, 0))), srp.Verifier{}, srp.ErrPublicValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := srp.ParseVerifier(tt.salt, tt.value)
			if !errors.Is(err, tt.err) || tt.err == nil && err != nil {
				t.Fatalf("error is %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("verifier (-want +got):\n%s", diff)
			}
			if tt.err != nil {
				return
			}
			again, err := srp.ParseVerifier(got.SaltBase64(), got.ValueBase64())
			if diff := cmp.Diff(got, again); err != nil || diff != "" {
				t.Errorf("there and back: %v\n%s", err, diff)
			}
			if _, err := srp.NewServer(got); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("made", func(t *testing.T) {
		t.Parallel()
		first, second := srp.NewVerifier("g", "i", "p"), srp.NewVerifier("g", "i", "p")
		if cmp.Equal(first, second) {
			t.Error("two verifiers have one salt")
		}
		again, err := srp.ParseVerifier(first.SaltBase64(), first.ValueBase64())
		if diff := cmp.Diff(first, again); err != nil || diff != "" {
			t.Errorf("there and back: %v\n%s", err, diff)
		}
	})
	t.Run("unusable", func(t *testing.T) {
		t.Parallel()
		for _, v := range []srp.Verifier{{}, {Salt: []byte{1}}, {Value: []byte{5}}, {Salt: []byte{1}, Value: make([]byte, 400)}} {
			if s, err := srp.NewServer(v); err == nil || s != nil {
				t.Errorf("NewServer with a salt of %d and a value of %d bytes: %v", len(v.Salt), len(v.Value), err)
			}
		}
	})
}
