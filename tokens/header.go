package tokens

// header is what a token says about its signature.
type header struct {
	alg, kid string
	critical bool
}

// readHeader reads the decoded first part of a token. Every parameter but alg,
// kid and crit is passed over: typ says nothing that is checked here, and
// parameters that offer a key must never be believed.
func readHeader(text string) (header, error) {
	var h header
	r := newJSONReader(text)
	if r.err == nil && r.peek() != '{' {
		return header{}, errType
	}
	r.punct('{')
	var names nameSet
	for first := true; r.next(first, '}'); first = false {
		name := r.name()
		names.add(&r, name)
		switch name {
		case "alg":
			h.alg = r.string()
		case "kid":
			h.kid = r.string()
		case "crit":
			h.critical = true
			r.skip()
		default:
			r.skip()
		}
	}
	if err := r.end(); err != nil {
		return header{}, err
	}
	return h, nil
}
