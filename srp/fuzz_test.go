package srp

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/cognitokit/auth/srp/internal/modp"
)

// What parseHex accepts is what math/big reads as an unsigned number.
func FuzzParseHex(f *testing.F) {
	for _, s := range []string{"", "0", "00", "f", "0f", "F0", "123", "-1", "+1", "0x1", "g", "1_0", " 1", "1\n", "\u0661"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseHex("it", s)
		want, ok := new(big.Int).SetString(s, 16)
		ok = ok && !strings.ContainsAny(s, "+-")
		if (err == nil) != ok {
			t.Fatalf("parseHex(%q): %v, math/big: %v", s, err, ok)
		}
		if err != nil {
			if got != nil {
				t.Errorf("parseHex(%q) = %x with an error", s, got)
			}
			return
		}
		if new(big.Int).SetBytes(got).Cmp(want) != 0 {
			t.Errorf("parseHex(%q) = %x", s, got)
		}
		if formatHex(got) != want.Text(16) {
			t.Errorf("formatHex(%x) = %s, want %s", got, formatHex(got), want.Text(16))
		}
	})
}

// What parsePublic accepts is a number between 1 and N−1 and nothing else.
func FuzzParsePublic(f *testing.F) {
	n := modp.Modulus()
	for _, s := range []string{"", "0", "000", "1", "g", formatHex(n[:]), "00" + formatHex(n[:]), strings.Repeat("f", 2*modp.Size), strings.Repeat("1", 2*modp.Size+1)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parsePublic("it", s)
		want, ok := new(big.Int).SetString(s, 16)
		ok = ok && !strings.ContainsAny(s, "+-") && want.Sign() > 0 && want.Cmp(textbookN) < 0
		if (err == nil) != ok {
			t.Fatalf("parsePublic(%q): %v, math/big: %v", s, err, ok)
		}
		if err != nil {
			if got != nil {
				t.Errorf("parsePublic(%q) has a result and an error", s)
			}
			return
		}
		if b := got.Bytes(); formatHex(b[:]) != want.Text(16) {
			t.Errorf("parsePublic(%q) = %x", s, b)
		}
	})
}

// What parseBase64 accepts is one of the four encodings of what it returns.
func FuzzParseBase64(f *testing.F) {
	for _, s := range []string{"", "=", "==", "QQ==", "QQ=", "QQ", "Q", "QR==", "+/+/", "-_-_", "+_+_", "QUJD\n", "QUJD\r\nQUJD", "QUJD=", "QUJD===="} {
		f.Add(s)
	}
	encodings := []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseBase64("it", s)
		var want []byte
		ok := false
		for _, e := range encodings {
			if b, err := e.DecodeString(s); err == nil && s != "" && len(s) <= maxBase64 && e.EncodeToString(b) == s {
				want, ok = b, true
			}
		}
		if (err == nil) != ok || !bytes.Equal(got, want) {
			t.Errorf("parseBase64(%q) = %x, %v, want %x, %v", s, got, err, want, ok)
		}
	})
}

func FuzzParseTimestamp(f *testing.F) {
	for _, s := range []string{"", "Tue Apr 2 03:04:05 UTC 2024", "Tue Apr 02 03:04:05 UTC 2024", "Mon Apr 2 03:04:05 UTC 2024", "Sat Feb 29 03:04:05 UTC 2020", "Tue Apr 2 03:04:05.1 UTC 2024"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := ParseTimestamp(s)
		if err != nil {
			if !at.IsZero() {
				t.Errorf("ParseTimestamp(%q) = %v with an error", s, at)
			}
			return
		}
		if got := FormatTimestamp(at); got != s {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func FuzzFormatTimestamp(f *testing.F) {
	f.Add(int64(0), int64(0), 0)
	f.Add(int64(1712027045), int64(999_999_999), 7200)
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64, offset int) {
		at := time.Unix(seconds, nanoseconds).In(time.FixedZone("", offset%(14*3600)))
		if year := at.UTC().Year(); year < 0 || year > 9999 {
			t.Skip("such years do not fit the form")
		}
		got, err := ParseTimestamp(FormatTimestamp(at))
		if err != nil || got.Unix() != at.Unix() {
			t.Errorf("%v came back as %v, %v", at, got, err)
		}
	})
}

func FuzzSignPad(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, want := signPad(b), twosComplement(new(big.Int).SetBytes(b)); !bytes.Equal(got, want) {
			t.Errorf("signPad(%x) = %x, want %x", b, got, want)
		}
	})
}

func FuzzPoolName(f *testing.F) {
	f.Add("eu-west-1_AbC123def")
	f.Add("_")
	f.Add("a_b_c")
	f.Fuzz(func(t *testing.T, id string) {
		name, err := PoolName(id)
		if (err == nil) != (name != "") {
			t.Fatalf("PoolName(%q) = %q, %v", id, name, err)
		}
		if region, _, _ := strings.Cut(id, "_"); err == nil && region+"_"+name != id {
			t.Errorf("PoolName(%q) = %q", id, name)
		}
	})
}

// A verifier that is accepted goes there and back, and makes a challenge.
func FuzzParseVerifier(f *testing.F) {
	f.Add("AKZ5nBijDrqqV8CpvaOnN6g=", "AQID")
	f.Add("AA==", "AQ==")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, salt, value string) {
		v, err := ParseVerifier(salt, value)
		if err != nil {
			if v.Salt != nil || v.Value != nil {
				t.Error("there is a verifier with an error")
			}
			return
		}
		again, err := ParseVerifier(v.SaltBase64(), v.ValueBase64())
		if err != nil || !bytes.Equal(again.Salt, v.Salt) || !bytes.Equal(again.Value, v.Value) {
			t.Errorf("there and back: %v", err)
		}
		if _, err := NewServer(v); err != nil {
			t.Error(err)
		}
	})
}

// Whatever a service answers, there is a proof or an error, and the proof is
// the textbook's.
func FuzzProve(f *testing.F) {
	f.Add("AbC123def", "user", "8f1e2d3c", "1234", "QUJD", "Pa55w0rd!")
	f.Add("-Group", "device", "0", "0", "-_-_", "")
	f.Add("", "", "", "", "", "")
	a := randomBytes(ephemeralSize)
	f.Fuzz(func(t *testing.T, group, id, salt, b, block, password string) {
		client := newClient(bytes.Clone(a))
		ch := Challenge{Group: group, ID: id, Salt: salt, B: b, SecretBlock: block}
		proof, err := client.Prove(ch, password, time.Unix(1712027045, 0))
		if err != nil {
			if proof != (Proof{}) {
				t.Error("there is a proof with an error")
			}
			return
		}
		number := func(s string) *big.Int {
			n, ok := new(big.Int).SetString(s, 16)
			if !ok {
				t.Fatalf("%q was taken for a number", s)
			}
			return n
		}
		decoded, err := parseBase64("it", block)
		if err != nil {
			t.Fatal(err)
		}
		book := newTextbook(group, id, password, number(salt), new(big.Int).SetBytes(a), new(big.Int), nil, number(b))
		const timestamp = "Tue Apr 2 03:04:05 UTC 2024"
		want := Proof{SecretBlock: block, Timestamp: timestamp, Signature: book.signature(t, book.clientS(), decoded, timestamp)}
		if proof != want {
			t.Errorf("proof is %q %q %q, want %q %q %q", proof.SecretBlock, proof.Timestamp, proof.Signature, want.SecretBlock, want.Timestamp, want.Signature)
		}
	})
}

// Whatever a client answers without the password, it is refused.
func FuzzCheck(f *testing.F) {
	f.Add("1234", []byte("block"), "Tue Apr 2 03:04:05 UTC 2024", "QUJD")
	f.Add("", []byte(nil), "", "")
	server, err := NewServer(NewVerifier("AbC123def", "user", "Pa55w0rd!"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, clientA string, block []byte, timestamp, signature string) {
		if server.Check("AbC123def", "user", clientA, block, timestamp, signature) == nil {
			t.Errorf("accepted: A %q, block %x, %q, %q", clientA, block, timestamp, signature)
		}
	})
}
