package authtest

import (
	"container/list"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"
)

// An attempt is a sign-in on its way through its challenges. It is carried
// from session to session and ends with tokens.
type attempt struct {
	client *appClient
	user   *user  // nil for the simulated sign-in of a user who does not exist
	name   string // as the user gave it, where it matters
	event  string // the id of its authentication event; empty for none

	factors         []string // the first factors that were on offer
	provedPassword  bool     // by SRP
	changedPassword bool     // from a temporary one
	device          *trackedDevice
	deviceProven    bool

	custom  bool // began with CUSTOM_AUTH
	clientA string
	results []ChallengeResult
}

// A session waits for the answer to one challenge. It is good for one right
// answer by the user of its attempt through the client of its attempt.
type session struct {
	attempt
	purpose sessionPurpose
	issued  time.Time
	expires time.Time
	spent   bool // has been answered
	stale   bool // has been replaced by a newer one
	managed bool // of managed login

	code      string        // the code that was sent for an OTP challenge
	contact   string        // where it was sent to
	settingUp bool          // whether the right code makes contact a second factor
	choices   []MFAFactor   // what SELECT_MFA_TYPE or MFA_SETUP offered
	totp      *totpSecret   // being set up
	srp       *srpChallenge // that the client has to prove its password to
	first     bool          // whether the code is the only factor

	private  map[string]string // PrivateChallengeParameters of a custom challenge
	metadata string            // its ChallengeMetadata
	passkey  *passkeyCeremony

	id      sessionID
	serial  uint64 // the session's place in the order of sessions
	element *list.Element
	saved   *mark
}

// A sessionPurpose is what a session can be used for: the challenge it waits
// an answer to, or one of the purposes below.
type sessionPurpose string

const (
	purposeSignUp       sessionPurpose = "sign-up"       // SignUp's, for ConfirmSignUp
	purposeConfirmed    sessionPurpose = "confirmed"     // ConfirmSignUp's, for InitiateAuth
	purposeVerifyTOTP   sessionPurpose = "verify TOTP"   // AssociateSoftwareToken's, for VerifySoftwareToken
	purposeTOTPVerified sessionPurpose = "TOTP verified" // VerifySoftwareToken's, for MFA_SETUP
)

type sessionID [16]byte

// maxSessions bounds the sessions of a pool, of which anybody can start any
// number. Beyond it the oldest are forgotten.
const maxSessions = 10000

// A sessionTable holds the sessions of a pool. Session strings carry their
// expiry under a MAC, so that a string can be told to be expired, or never to
// have been valid, after its session has been forgotten.
type sessionTable struct {
	secret  [32]byte
	tag     sessionTag
	byID    map[sessionID]*session
	order   list.List // of *session, oldest first
	serials uint64
	watch   *watch
}

func newSessionTable(secret [32]byte) sessionTable {
	t := sessionTable{secret: secret, byID: make(map[sessionID]*session)}
	copy(t.tag[:], t.mac([]byte("tag")))
	return t
}

// start keeps a session until it expires and returns its reference.
func (t *sessionTable) start(s *session) []byte {
	for front := t.order.Front(); front != nil; front = t.order.Front() {
		if oldest := front.Value.(*session); t.order.Len() < maxSessions && s.issued.Before(oldest.expires) {
			break
		}
		t.forget(front.Value.(*session))
	}
	rand.Read(s.id[:])
	t.serials++
	s.serial = t.serials
	t.list(s)
	return t.seal(s.id, s.expires)
}

// list puts a session behind those with lower serial numbers.
func (t *sessionTable) list(s *session) {
	t.touch(s)
	t.byID[s.id] = s
	s.element = t.order.PushBack(s)
}

// touch says that a session may be changed now, with the user whom it is about.
func (t *sessionTable) touch(s *session) {
	if s == nil {
		return
	}
	t.watch.touch(s)
	if s.user != nil {
		t.watch.touch(s.user)
	}
}

// all yields the sessions, oldest first.
func (t *sessionTable) all(yield func(*session) bool) {
	for element := t.order.Front(); element != nil; element = element.Next() {
		if !yield(element.Value.(*session)) {
			return
		}
	}
}

func (t *sessionTable) forget(s *session) {
	t.watch.touch(s)
	delete(t.byID, s.id)
	t.order.Remove(s.element)
}

// A sessionTag tells the sessions of a pool from those of others without
// their secrets. It proves nothing.
type sessionTag [8]byte

// A reference is header ‖ id ‖ expiry ‖ tag ‖ filler ‖ MAC. Header and length
// are the service's, whose sessions begin with "AYAB" and have about 1,500
// characters: clients that keep them in a cookie have to notice here.
const (
	referenceHeader = "\x01\x80\x01"
	referenceLength = 1158
	referenceBody   = referenceLength - sha256.Size
)

func (t *sessionTable) seal(id sessionID, expires time.Time) []byte {
	b := make([]byte, referenceLength)
	n := copy(b, referenceHeader)
	n += copy(b[n:], id[:])
	binary.BigEndian.PutUint64(b[n:], uint64(expires.UnixNano()))
	n += 8
	n += copy(b[n:], t.tag[:])
	rand.Read(b[n:referenceBody])
	copy(b[referenceBody:], t.mac(b[:referenceBody]))
	return b
}

func (t *sessionTable) mac(b []byte) []byte {
	mac := hmac.New(sha256.New, t.secret[:])
	mac.Write(b)
	return mac.Sum(nil)
}

// tagOf returns the tag of a session string, which need not be one.
func tagOf(text string) (tag sessionTag, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != referenceLength {
		return tag, false
	}
	copy(tag[:], b[len(referenceHeader)+len(sessionID{})+8:])
	return tag, true
}

// open returns the session of a reference. It returns a nil session for one
// that was valid but has been forgotten, and false for one that never was.
func (t *sessionTable) open(b []byte) (s *session, expires time.Time, ok bool) {
	if len(b) != referenceLength || !hmac.Equal(b[referenceBody:], t.mac(b[:referenceBody])) {
		return nil, time.Time{}, false
	}
	var id sessionID
	n := len(referenceHeader)
	n += copy(id[:], b[n:])
	expires = time.Unix(0, int64(binary.BigEndian.Uint64(b[n:])))
	s = t.byID[id]
	t.touch(s)
	return s, expires, true
}

// startSession begins to wait for the answer to a challenge, and returns the
// string that the client has to send with it.
func (c *call) startSession(s *session) string {
	s.issued = c.now
	s.expires = c.now.Add(c.sessionValidity(s))
	s.managed = c.managed
	return base64.RawURLEncoding.EncodeToString(c.pool.sessions.start(s))
}

// sessionValidity is how long a session lives. Managed login does not ask the
// client (documented), and lets a sign-up take as long as a login lasts (ours).
func (c *call) sessionValidity(s *session) time.Duration {
	switch {
	case !c.managed:
		return s.client.sessionValidity
	case s.purpose == purposeSignUp:
		return loginValidity
	default:
		return managedMFAValidity
	}
}

// session returns the session of a string, if it is still waiting and belongs
// to the client; nil for operations that name no client. A used one is
// reported as such, all else that is wrong with it as invalid.
func (c *call) session(client *appClient, text string, purposes ...sessionPurpose) (*session, *apiError) {
	reference, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, notAuthorized(msgSessionInvalid)
	}
	s, expires, ok := c.pool.sessions.open(reference)
	switch {
	case !ok:
		return nil, notAuthorized(msgSessionInvalid)
	case !c.now.Before(expires):
		return nil, notAuthorized(msgSessionExpired)
	case s == nil || client != nil && s.client != client || s.managed != c.managed || s.user != nil && s.user.deleted:
		return nil, notAuthorized(msgSessionInvalid)
	case s.spent:
		return nil, notAuthorized(msgSessionSpent)
	case s.stale || !slices.Contains(purposes, s.purpose):
		return nil, notAuthorized(msgSessionInvalid)
	default:
		return s, nil
	}
}

// belongsTo reports whether a name of a request means the session's user.
func (c *call) belongsTo(s *session, name string) bool {
	if s.user == nil {
		return name == s.name || name == c.simulatedID(s.name)
	}
	return s.user == c.pool.users.find(name)
}
