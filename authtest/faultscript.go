package authtest

import (
	"slices"
	"sync"
)

// A ScriptedFault is a [Fault] that has been injected. Its Times are those that
// are left; a negative number stays as it is.
type ScriptedFault struct {
	Fault
	ID   int64 // the number of the fault in its script
	Hits int   // how many requests it has hit
}

// AddFault is [Pool.Inject] for programs that list faults and remove them by
// number.
func (p *Pool) AddFault(f Fault) ScriptedFault { return p.faults.add(f) }

// Faults returns the faults that are still to come, in the order in which they
// are taken.
func (p *Pool) Faults() []ScriptedFault { return p.faults.list() }

// RemoveFault takes the fault with a number out of the pool's script, and
// reports whether it was there.
func (p *Pool) RemoveFault(id int64) bool { return p.faults.remove(id) }

// AddFault adds a fault to the server's script; see [Pool.AddFault].
func (s *Server) AddFault(f Fault) ScriptedFault { return s.front.AddFault(f) }

// Faults returns the faults that are still to come in the server's own script;
// see [Pool.Faults].
func (s *Server) Faults() []ScriptedFault { return s.front.Faults() }

// RemoveFault takes the fault with a number out of the server's own script, and
// reports whether it was there.
func (s *Server) RemoveFault(id int64) bool { return s.front.RemoveFault(id) }

// A faultScript holds the faults still to come.
type faultScript struct {
	mu      sync.Mutex
	entries []ScriptedFault
	last    int64
}

// add puts a fault at the script's end.
func (s *faultScript) add(f Fault) ScriptedFault {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	scripted := ScriptedFault{Fault: f, ID: s.last}
	s.entries = append(s.entries, scripted)
	return scripted
}

// clear removes all faults.
func (s *faultScript) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = nil
}

func (s *faultScript) remove(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.entries, func(f ScriptedFault) bool { return f.ID == id })
	if i < 0 {
		return false
	}
	s.entries = slices.Delete(s.entries, i, i+1)
	return true
}

func (s *faultScript) list() []ScriptedFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

// take returns the first fault that hits a request, and whether there is one.
func (s *faultScript) take(r Request) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.entries {
		f := &s.entries[i]
		if !f.hits(r) {
			continue
		}
		taken := f.Fault
		f.Hits++
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.entries = slices.Delete(s.entries, i, i+1)
			}
		}
		return taken, true
	}
	return Fault{}, false
}

// hits reports whether a request is among those to hit.
func (f *Fault) hits(r Request) bool {
	return (f.Operation == "" || f.Operation == r.Operation) &&
		(f.UserPoolID == "" || f.UserPoolID == r.UserPoolID) &&
		(f.ClientID == "" || r.names(f.ClientID, "ClientId", "CLIENT_ID", "client_id")) &&
		(f.Username == "" || r.names(f.Username, "Username", "USERNAME", "username")) &&
		(f.Match == nil || f.Match(r))
}

// names reports whether a request has a value in one of the members.
func (r *Request) names(value string, members ...string) bool {
	for _, object := range []any{r.Body, r.Body["AuthParameters"], r.Body["ChallengeResponses"]} {
		object, _ := object.(map[string]any)
		for _, member := range members {
			if object[member] == value {
				return true
			}
		}
	}
	return false
}
