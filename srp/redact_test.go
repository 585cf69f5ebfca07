package srp

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// Secrets are planted in every type of the package, which is then printed in
// every way there is.
func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	const group, id, password = "PlantedGroup", "planted-user", "planted-password"
	a, b, salt, block := randomBytes(32), randomBytes(32), randomBytes(16), randomBytes(48)
	salt[0] = 0x5a
	verifier := newVerifier(group, id, password, salt)
	server, err := newServer(verifier, b)
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(bytes.Clone(a))
	ch := Challenge{Group: group, ID: id, Salt: server.Salt(), B: server.B(), SecretBlock: base64.StdEncoding.EncodeToString(block)}
	proof, err := newClient(bytes.Clone(a)).Prove(ch, password, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	public := server.challenge().ephemeral.public.Bytes()

	needles := map[string]string{
		"group": group, "ID": id, "password": password, "salt": ch.Salt, "B": ch.B, "secret block": ch.SecretBlock,
		"timestamp": proof.Timestamp, "signature": proof.Signature,
	}
	for name, secret := range map[string][]byte{"a": a, "b": b, "salt": salt, "block": block, "v": verifier.Value, "B": public[:]} {
		few := secret[len(secret)-8:]
		needles[name+" in hexadecimal"] = hex.EncodeToString(few)
		needles[name+" in decimal"] = strings.Trim(fmt.Sprintf("%d", few), "[]")
		needles[name+" as Go syntax"] = strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", few), "[]byte{"), "}")
		needles[name+" as text"] = string(few)
	}
	word := server.challenge().verifier // its words, as printing the struct would show them
	needles["v in Montgomery form"] = strings.Trim(strings.Fields(fmt.Sprint(word))[3], "{[]}")

	type holder struct{ V any }
	type hidden struct {
		client Client
		server Server
	}
	values := map[string]any{
		"Client": *client, "*Client": client, "Server": *server, "*Server": server,
		"Challenge": ch, "*Challenge": &ch, "Proof": proof, "*Proof": &proof, "Verifier": verifier, "*Verifier": &verifier,
		"in a field":             holder{ch},
		"in a pointer's field":   &holder{client},
		"in a slice":             []Challenge{ch},
		"in a map":               map[string]Verifier{"v": verifier},
		"in an unexported field": hidden{*client, *server},
		"in hidden's pointer":    &hidden{*client, *server},
	}
	for name, v := range values {
		var printed []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%08v"} {
			printed = append(printed, fmt.Sprintf(verb, v))
		}
		printed = append(printed, fmt.Sprint(v), fmt.Sprintln(v), fmt.Errorf("it is %v", v).Error())
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "v", v)
		if !strings.HasPrefix(name, "in ") { // JSON of what holds a value is the holder's affair
			slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "v", v)
			slog.New(slog.NewJSONHandler(&log, nil)).Info("m", slog.Group("g", "v", v))
		}
		printed = append(printed, log.String())
		for _, text := range printed {
			for what, needle := range needles {
				if strings.Contains(text, needle) {
					t.Errorf("%s shows %s: %s", name, what, text)
				}
			}
		}
	}
	if got, want := fmt.Sprintf("%v %+v %#v", client, *server, ch), "srp.Client{…} srp.Server{…} srp.Challenge{…}"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}
