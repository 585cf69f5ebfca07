package conformance

import (
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
)

var (
	recording = flag.Bool("record", false, "write the transcripts of what is seen to testdata")
	lockout   = flag.Bool("lockout", false, "lock accounts of the service too")
	only      = flag.String("journeys", "", "take only the journeys that match the `pattern` to the service")
)

func journeys() []*journey {
	return slices.Concat(
		protocolJourneys(), signUpJourneys(), signInJourneys(), srpJourneys(), choiceJourneys(), factorJourneys(), deviceJourneys(), tokenJourneys(),
		accountJourneys(), recoveryJourneys(), validationJourneys(), secretJourneys(), passkeyJourneys(),
		sdkJourneys(), sdkAccountJourneys(),
	)
}

// TestConformance takes the journeys to authtest, which has to do what the
// transcripts say, to the letter.
func TestConformance(t *testing.T) {
	t.Parallel()
	like := readTemplate(t)
	for _, j := range journeys() {
		t.Run(j.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got := takeToAuthtest(t, like, j)
				if *recording {
					if err := got.write(dirAuthtest); err != nil {
						t.Fatal(err)
					}
				}
				checkRecorded(t, got)
			})
		})
	}
}

func takeToAuthtest(t *testing.T, like *template, j *journey) *transcript {
	t.Helper()
	target, server := newAuthtest(t, like)
	got := take(t.Context(), target, j, newGuard(server.Transport(), target), nil)
	if got.Stopped != "" {
		t.Errorf("stopped: %s", got.Stopped)
	}
	return &got
}

func checkRecorded(t *testing.T, got *transcript) {
	t.Helper()
	want, err := readTranscript(dirAuthtest, got.Journey)
	if err != nil {
		t.Fatal(err)
	}
	if want == nil {
		t.Fatalf("there is no transcript; go test ./conformance -record writes one")
	}
	if differences := compare(want, got, true); len(differences) > 0 {
		t.Errorf("authtest does not do what testdata/%s says; if it is right, go test ./conformance -record:\n%s", dirAuthtest, table(differences, "now"))
	}
}

// TestTranscriptsHaveJourneys finds transcripts that no journey wrote.
func TestTranscriptsHaveJourneys(t *testing.T) {
	t.Parallel()
	names := make(map[string]bool)
	for _, j := range journeys() {
		if names[j.name] {
			t.Errorf("two journeys are called %s", j.name)
		}
		names[j.name] = true
	}
	files, err := filepath.Glob("testdata/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !names[name] {
			t.Errorf("%s: there is no such journey", file)
		}
	}
}

// TestConformanceOfReplays takes the journeys to their own transcripts, those
// of authtest and those that were recorded from the service: the same comes out,
// and the journeys of package auth see what they saw.
func TestConformanceOfReplays(t *testing.T) {
	t.Parallel()
	replayKey()
	for _, dir := range []string{dirAuthtest, dirService} {
		for _, j := range journeys() {
			recorded, err := readTranscript(dir, j.name)
			if err != nil {
				t.Fatal(err)
			}
			if recorded == nil {
				continue
			}
			t.Run(dir+"/"+j.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { checkReplay(t, j, recorded) })
			})
		}
	}
}

func checkReplay(t *testing.T, j *journey, recorded *transcript) {
	t.Helper()
	p := newPlayer(recorded)
	got := take(t.Context(), replayTarget(), j, p, p)
	if differences := compare(recorded, &got, false); len(differences) > 0 {
		t.Errorf("the replay is not what was recorded:\n%s", table(differences, "replay"))
	}
	if p.next != len(p.steps) {
		t.Errorf("%d of %d recorded answers were asked for", p.next, len(p.steps))
	}
}

// replayTarget is the target of replays. Its ids are those of nothing.
func replayTarget() *target {
	t := &target{
		name: "replay", region: "eu-west-1", prefix: newPrefix(), clients: make(map[role]*appClient),
		api: api{endpoint: "https://cognito-idp.eu-west-1.amazonaws.com/", region: "eu-west-1", credentials: staticCredentials()},
	}
	for i, v := range roleTable() {
		c := &appClient{pool: "eu-west-1_Replay" + string(rune('0'+i)), id: "replayed" + string(v.role)}
		if v.pool == envPool {
			c.pool = "eu-west-1_Replay0"
		}
		if v.role == roleSecret {
			c.secret = "replayedsecretofnothingatall"
		}
		t.clients[v.role] = c
	}
	return t
}

// TestConformanceOfService takes the journeys to the pools of the service that
// the environment names, and prints where it differs from authtest.
func TestConformanceOfService(t *testing.T) {
	if _, err := clientsIn(os.Getenv); errors.Is(err, errNotConfigured) {
		t.Skip(err)
	}
	shared, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(regionIn(os.Getenv)))
	if err != nil {
		t.Fatal(err)
	}
	target, err := newTarget("service", os.Getenv, shared.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	target.pace, target.settle = 100*time.Millisecond, 3*time.Second
	target.api.transport = &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: 30 * time.Second}
	r := examine(t, target, readTemplate(t), examination{lockout: *lockout, wanted: wanted})
	t.Log(r)
	for _, seen := range r.transcripts {
		if *recording {
			if err := seen.write(dirService); err != nil {
				t.Error(err)
			}
		}
	}
	if r.unknown > 0 {
		t.Errorf("%d differences are not in %s", r.unknown, knownFile)
	}
}
