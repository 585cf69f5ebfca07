package auth

import "iter"

// A page is a piece of a list that the service hands out in pieces.
type page[T any] struct {
	items []T
	next  string // what the next page goes by, "" after the last
	owner string // the sub of whoever is signed in, and whose list it is
}

// maxPages bounds a list that never ends. No person has so many things.
const maxPages = 1000

// pages returns everything on all pages that fetch returns, which is given what
// the next page goes by. The list is one person's: if another signs in to the
// session meanwhile, it ends.
func pages[T any](s *Session, op string, fetch func(next string) (page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := begin(s, op); err != nil {
			yield(none, err)
			return
		}
		next, owner := "", ""
		seen := map[string]bool{next: true}
		for range maxPages {
			p, err := fetch(next)
			if err == nil && owner != "" && p.owner != owner {
				err = somebodyElse(op)
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range p.items {
				if !yield(item, nil) {
					return
				}
			}
			if p.next == "" {
				return
			}
			if seen[p.next] {
				break
			}
			next, owner = p.next, p.owner
			seen[next] = true
		}
		yield(none, &Error{Op: op, Code: ErrUnexpectedResponse, Message: "the list does not end"})
	}
}
