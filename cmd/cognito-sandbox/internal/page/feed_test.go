package page

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A stream is a response that is read while it is written.
type stream struct {
	http.ResponseWriter
	io.Writer
}

func (s stream) Write(b []byte) (int, error) { return s.Writer.Write(b) }
func (s stream) Flush()                      {}

// watch follows a feed in the background and returns its lines.
func watch(ctx context.Context, f *Feed) (lines <-chan string, ended <-chan struct{}) {
	reader, writer := io.Pipe()
	read, done := make(chan string, 100), make(chan struct{})
	go func() {
		defer close(read)
		for scanner := bufio.NewScanner(reader); scanner.Scan(); {
			read <- scanner.Text()
		}
	}()
	go func() {
		defer close(done)
		defer writer.Close()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, Prefix+"events", http.NoBody)
		f.ServeHTTP(stream{httptest.NewRecorder(), writer}, r)
	}()
	return read, done
}

// take returns the lines that are there.
func take(lines <-chan string) string {
	synctest.Wait()
	var all []string
	for len(lines) > 0 {
		all = append(all, <-lines)
	}
	return strings.Join(all, "|")
}

func TestFeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := NewFeed()
		lines, ended := watch(ctx, f)
		want := func(step, want string) {
			t.Helper()
			if got := take(lines); got != want {
				t.Errorf("%s: got %q, want %q", step, got, want)
			}
		}
		want("at first", "retry: 1000|event: change|data: 0|")
		time.Sleep(quiet)
		f.Changed()
		want("a change", "event: change|data: 1|")
		f.Changed()
		f.Changed()
		want("two changes at once", "")
		time.Sleep(quiet)
		want("after a while", "event: change|data: 3|")
		time.Sleep(quiet + alive)
		want("nothing for long", ": alive|")
		cancel()
		<-ended
		if f.streams != 0 {
			t.Errorf("%d streams are left", f.streams)
		}
	})
}

// TestFeedEndsWithReader sees that a browser that is gone is not written to for
// ever.
func TestFeedEndsWithReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := NewFeed()
		reader, writer := io.Pipe()
		reader.Close()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, Prefix+"events", http.NoBody)
		f.ServeHTTP(stream{httptest.NewRecorder(), writer}, r)
	})
}

func TestFeedIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := NewFeed()
		for range maxStreams {
			watch(ctx, f)
		}
		synctest.Wait()
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, Prefix+"events", http.NoBody))
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("got status %d", w.Code)
		}
		cancel()
	})
}
