package auth

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/cognitokit/auth/internal/flow"
)

// Nothing that a caller may print shows what it carries, however it is nested.
func TestNothingSecretIsPrinted(t *testing.T) {
	t.Parallel()
	const planted = "planted-secret"
	values := []any{
		SignUpInput{}, ConfirmSignUpInput{}, ResendSignUpCodeInput{}, SignInInput{}, ConfirmSignInInput{}, ResendSignInCodeInput{}, AutoSignInInput{},
		AuthUser{}, SignInDetails{}, TOTPSetupDetails{}, device{}, flow.Attempt{},
	}
	for _, v := range values {
		p := reflect.New(reflect.TypeOf(v))
		filled := plant(p.Elem(), planted)
		if filled == 0 {
			t.Errorf("%T has nothing to plant in", v)
		}
		full := p.Elem().Interface()
		for _, printed := range []any{full, p.Interface(), []any{full}, map[string]any{"in": full}, struct{ In any }{full}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
				if text := fmt.Sprintf(verb, printed); strings.Contains(text, planted) || strings.Contains(text, fmt.Sprintf("%x", planted)) {
					t.Errorf("%s of %T printed %s", verb, v, text)
				}
			}
		}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "in", full)
		if strings.Contains(log.String(), planted) {
			t.Errorf("slog of %T wrote %s", v, log.String())
		}
	}
}

func TestConfigHidesTheClientSecret(t *testing.T) {
	t.Parallel()
	cfg := Config{UserPoolID: "eu-west-1_AbC123def", ClientID: "client", ClientSecret: "planted-secret"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", cfg)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		log.WriteString(fmt.Sprintf(verb, cfg) + fmt.Sprintf(verb, &cfg) + fmt.Sprintf(verb, struct{ C Config }{cfg}))
	}
	if text := log.String(); strings.Contains(text, "planted") || strings.Contains(text, fmt.Sprintf("%x", "planted")) {
		t.Errorf("printed %s", text)
	}
}

// plant fills every string that can be set, and counts them.
func plant(v reflect.Value, s string) int {
	n := 0
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(s)
			n++
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				n += plant(field, s)
			}
		}
	case reflect.Map:
		if v.Type() == reflect.TypeFor[map[string]string]() && v.CanSet() {
			v.Set(reflect.ValueOf(map[string]string{s: s}))
			n++
		}
	}
	return n
}
