package srp

import (
	"bytes"
	"errors"
	"math/big"
	"testing"
)

func TestSignPad(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want []byte }{
		{nil, []byte{0}},
		{[]byte{0}, []byte{0}},
		{[]byte{0, 0, 0}, []byte{0}},
		{[]byte{1}, []byte{1}},
		{[]byte{0, 1}, []byte{1}},
		{[]byte{0x7f}, []byte{0x7f}},
		{[]byte{0x80}, []byte{0, 0x80}},
		{[]byte{0, 0x80}, []byte{0, 0x80}},
		{[]byte{0, 0, 0x80, 0}, []byte{0, 0x80, 0}},
		{[]byte{0, 1, 0, 0x80}, []byte{1, 0, 0x80}},
		{[]byte{0x7f, 0, 0}, []byte{0x7f, 0, 0}},
		{[]byte{0xff, 0xff}, []byte{0, 0xff, 0xff}},
	}
	for _, tt := range tests {
		in := bytes.Clone(tt.in)
		if got := signPad(in); !bytes.Equal(got, tt.want) {
			t.Errorf("signPad(%x) = %x, want %x", tt.in, got, tt.want)
		}
		if !bytes.Equal(in, tt.in) {
			t.Errorf("signPad changed %x to %x", tt.in, in)
		}
	}
}

func TestFormatHex(t *testing.T) {
	t.Parallel()
	for _, b := range [][]byte{nil, {0}, {0, 0}, {1}, {0x0f}, {0xf0}, {0, 0x0a, 0xbc}, {0xab, 0x00}} {
		if got, want := formatHex(b), new(big.Int).SetBytes(b).Text(16); got != want {
			t.Errorf("formatHex(%x) = %s, want %s", b, got, want)
		}
	}
}

func TestCheckScrambler(t *testing.T) {
	t.Parallel()
	if err := checkScrambler([32]byte{}); !errors.Is(err, ErrScrambler) {
		t.Errorf("u = 0: %v, want %v", err, ErrScrambler)
	}
	for i := range 32 {
		var u [32]byte
		u[i] = 1
		if err := checkScrambler(u); err != nil {
			t.Errorf("u = %x: %v", u, err)
		}
	}
}
