package page

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// A Feed tells browsers that something has changed, as server-sent events. It
// is an [http.Handler] for the stream, and safe for concurrent use.
type Feed struct {
	mu      sync.Mutex
	version uint64
	changed chan struct{} // closed at the next change
	streams int
}

// NewFeed returns a feed.
func NewFeed() *Feed { return &Feed{changed: make(chan struct{})} }

// Changed tells all browsers to look again.
func (f *Feed) Changed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *Feed) next() (version uint64, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version, f.changed
}

const (
	// maxStreams bounds the browsers that watch.
	maxStreams = 100
	// quiet is how long a browser has peace after it was told of a change.
	quiet = 100 * time.Millisecond
	// alive is how often a browser hears of the feed at least.
	alive = 15 * time.Second
)

func (f *Feed) enter() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.streams >= maxStreams {
		return false
	}
	f.streams++
	return true
}

func (f *Feed) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.streams--
}

// ServeHTTP tells of the version there is, and of every change until the
// browser goes.
func (f *Feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.enter() {
		http.Error(w, "too many browsers watch", http.StatusServiceUnavailable)
		return
	}
	defer f.leave()
	ctx := r.Context()
	secure(w.Header(), "text/event-stream")
	stream := http.NewResponseController(w)
	io := func(format string, args ...any) bool {
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && stream.Flush() == nil
	}
	if !io("retry: 1000\n") {
		return
	}
	for {
		version, changed := f.next()
		if !io("event: change\ndata: %d\n\n", version) || !pause(ctx, quiet) {
			return
		}
		for waiting := true; waiting; {
			select {
			case <-changed:
				waiting = false
			case <-time.After(alive):
				if !io(": alive\n\n") {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// pause waits, and reports whether ctx still goes on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
