package authtest

import (
	"container/list"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
)

// A grant is what one sign-in gave: the tokens of the sign-in and those of
// all its refreshes. Revocation ends a grant as a whole.
type grant struct {
	client   *appClient
	user     *user
	authTime time.Time
	eventID  string
	originID string // the origin_jti of its tokens; empty if the client's tokens cannot be revoked
	expires  time.Time
	revoked  bool
	device   *trackedDevice // that the tokens were issued to; nil without tracking
	oauth    *oauthScope    // nil for sign-ins with the API

	refresh []refreshKey
	serial  uint64 // the grant's place in the order of grants
	element *list.Element
	saved   *mark
}

// A refreshToken is one of the refresh tokens of a grant: the first, or one
// that rotation has put in its place.
type refreshToken struct {
	grant   *grant
	rotated time.Time // when it was replaced; zero while it is current
}

// refreshKey is the hash of a refresh token. The pool does not keep tokens.
type refreshKey [sha256.Size]byte

// maxGrants bounds the sign-ins that a pool remembers. The tokens of older
// ones count as revoked.
const maxGrants = 100000

// A grantTable holds the grants of a pool. Grants are kept beyond their
// expiry, so that an expired refresh token can be told from an unknown one.
type grantTable struct {
	limit     int
	events    map[string]*grant // by event id; see event
	byRefresh map[refreshKey]*refreshToken
	byUser    map[*user]map[*grant]struct{}
	order     list.List // of *grant, oldest first
	serials   uint64
	watch     *watch
}

func newGrantTable(limit int) grantTable {
	return grantTable{
		limit:     limit,
		events:    make(map[string]*grant),
		byRefresh: make(map[refreshKey]*refreshToken),
		byUser:    make(map[*user]map[*grant]struct{}),
	}
}

func (t *grantTable) add(g *grant) {
	t.serials++
	g.serial = t.serials
	t.list(g)
}

// list puts a grant behind those with lower serial numbers.
func (t *grantTable) list(g *grant) {
	for t.order.Len() >= t.limit {
		t.forget(t.order.Front().Value.(*grant))
	}
	t.watch.touch(g)
	g.element = t.order.PushBack(g)
	t.events[g.eventID] = g
	if t.byUser[g.user] == nil {
		t.byUser[g.user] = make(map[*grant]struct{})
	}
	t.byUser[g.user][g] = struct{}{}
}

// event returns the grant of an event id, nil if there is none.
func (t *grantTable) event(id string) *grant {
	g := t.events[id]
	t.touch(g)
	return g
}

// touch says that a grant may be changed now, with the user who has it.
func (t *grantTable) touch(g *grant) {
	if g != nil {
		t.watch.touch(g)
		t.watch.touch(g.user)
	}
}

// all yields the grants, oldest first.
func (t *grantTable) all(yield func(*grant) bool) {
	for element := t.order.Front(); element != nil; element = element.Next() {
		if !yield(element.Value.(*grant)) {
			return
		}
	}
}

func (t *grantTable) forget(g *grant) {
	t.watch.touch(g)
	t.order.Remove(g.element)
	delete(t.events, g.eventID)
	delete(t.byUser[g.user], g)
	if len(t.byUser[g.user]) == 0 {
		delete(t.byUser, g.user)
	}
	for _, key := range g.refresh {
		delete(t.byRefresh, key)
	}
}

// maxRotations bounds the refresh tokens of a grant that are remembered. One
// that has been replaced so many times is unknown rather than reused.
const maxRotations = 100

// refreshHeader is the header of the service's refresh tokens, which are
// encrypted and unreadable for clients.
const refreshHeader = `{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}`

// newRefreshToken makes a refresh token for a grant. Its parts have the
// lengths of the service's, but are random.
func (t *grantTable) newRefreshToken(g *grant) string {
	t.touch(g)
	random := make([]byte, 256+12+960+16)
	rand.Read(random)
	parts := []string{base64.RawURLEncoding.EncodeToString([]byte(refreshHeader))}
	for _, n := range []int{256, 12, 960, 16} {
		parts = append(parts, base64.RawURLEncoding.EncodeToString(random[:n]))
		random = random[n:]
	}
	token := strings.Join(parts, ".")
	key := refreshKey(sha256.Sum256([]byte(token)))
	t.byRefresh[key] = &refreshToken{grant: g}
	if len(g.refresh) >= maxRotations {
		delete(t.byRefresh, g.refresh[0])
		g.refresh = g.refresh[1:]
	}
	g.refresh = append(g.refresh, key)
	return token
}

func (t *grantTable) refreshToken(token string) *refreshToken {
	r := t.byRefresh[sha256.Sum256([]byte(token))]
	if r != nil {
		t.touch(r.grant)
	}
	return r
}

// revokeAll revokes all of a user's grants.
func (t *grantTable) revokeAll(u *user) {
	for g := range t.byUser[u] {
		t.watch.touch(g)
		g.revoked = true
	}
}

// newGrant makes a grant that is not in the table yet.
func (c *call) newGrant(a attempt) *grant {
	g := &grant{
		client:   a.client,
		user:     a.user,
		authTime: c.now,
		eventID:  c.eventID(a),
		expires:  c.now.Add(a.client.refreshValidity),
		device:   a.device,
	}
	if a.client.revocable {
		g.originID = randomUUID()
	}
	return g
}

// eventID returns the event id of a new grant: that of the sign-in, if it is an
// authentication event. No two grants have the same.
func (c *call) eventID(a attempt) string {
	if a.event != "" && c.pool.grants.events[a.event] == nil {
		return a.event
	}
	return randomUUID()
}

// grantTokens ends a sign-in with tokens.
func (c *call) grantTokens(a attempt, overrides *tokenOverrides) *authResponse {
	g := c.newGrant(a)
	c.pool.grants.add(g)
	result := c.issue(g, overrides)
	result.RefreshToken = c.pool.grants.newRefreshToken(g)
	return &authResponse{AuthenticationResult: result, ChallengeParameters: map[string]string{}}
}
