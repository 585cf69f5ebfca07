// Package storetest proves implementations of [tokens.Store].
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) tokens.Store {
//			return mystore.New(t.TempDir())
//		})
//	}
//
// Every promise of the interface is a rule here, and every rule is tested
// itself, on stores that break it. A store that passes can hold the sessions of
// a program.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/cognitokit/auth/tokens"
)

// patience bounds each rule, so that a store that hangs fails.
const patience = time.Minute

// Run checks a store against every rule, each in a subtest of its own. It
// calls newStore for each of them, in the subtest's goroutine. What it returns
// need not be empty and may share a backend with others: keys are drawn at
// random.
//
// The rules are not parallel to each other and take a few seconds at most;
// inside a testing/synctest bubble they take no time.
func Run(t *testing.T, newStore func(t *testing.T) tokens.Store) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := r.check(ctx, newStore(t)); err != nil {
				t.Error(err)
			}
		})
	}
}
