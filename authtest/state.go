package authtest

import (
	"bytes"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// The version of what [Server.Export] writes. It changes when a reader of the
// one before would misunderstand.
const (
	stateFormat  = "authtest"
	stateVersion = 1
)

// A serverState is what [Server.Export] writes. Parts of it are records of a
// [Storage]. Times are in UTC.
type serverState struct {
	serverRecord
	Pools []poolState `json:"pools"`
}

type serverRecord struct {
	Format  string        `json:"format"`
	Version int           `json:"version"`
	Region  string        `json:"region"`
	Clock   time.Duration `json:"clock"` // how far it was advanced
}

type poolState struct {
	poolRecord
	Clients  []clientState  `json:"clients"`
	Groups   []groupState   `json:"groups"`
	Imports  []importState  `json:"imports,omitempty"`
	Users    []userEntry    `json:"users"`
	Grants   []grantState   `json:"grants"`
	Sessions []sessionState `json:"sessions"`
}

type userEntry struct {
	userRecord
	Inbox []Message `json:"inbox,omitempty"`

	delivered uint64 // messages so far, where that is known
}

// A poolRecord is a pool without what is stored on its own.
type poolRecord struct {
	Serial          uint64                 `json:"serial"` // its place in the order of pools
	Config          configState            `json:"config"`
	DerivedIssuer   bool                   `json:"derivedIssuer"` // the issuer is what the server gives to pools
	Secret          []byte                 `json:"secret"`
	Created         time.Time              `json:"created"`
	Modified        time.Time              `json:"modified"`
	Settings        poolSettings           `json:"settings"`
	Invitation      *inviteTemplate        `json:"invitation,omitempty"`
	EmailMFA        *emailMFAConfig        `json:"emailMfa,omitempty"`
	PasskeySettings *webAuthnConfiguration `json:"passkeySettings,omitempty"`
	Schema          []schemaAttribute      `json:"schema"`
	Risk            *riskConfiguration     `json:"risk,omitempty"`
	Leaked          [][]byte               `json:"leaked,omitempty"` // hashes of passwords that others know
	PrefixDomain    *domainState           `json:"prefixDomain,omitempty"`
	CustomDomain    *domainState           `json:"customDomain,omitempty"`
	ResourceServers []resourceServer       `json:"resourceServers,omitempty"`
	Providers       []providerState        `json:"providers,omitempty"`
	UICustomization *uiCustomization       `json:"uiCustomization,omitempty"`
	LogDelivery     []logConfiguration     `json:"logDelivery,omitempty"`
}

// A configState is a [Config] without what JSON cannot have or the app clients
// have: the fields with the same names hide those of the Config.
type configState struct {
	Config
	Triggers                   *struct{} `json:",omitempty"`
	ExpectUnknown              *struct{} `json:",omitempty"`
	ClientSecret               *struct{} `json:",omitempty"`
	OAuth                      *struct{} `json:",omitempty"`
	Clients                    *struct{} `json:",omitempty"`
	ExplicitAuthFlows          *struct{} `json:",omitempty"`
	RotateRefreshTokens        *struct{} `json:",omitempty"`
	RefreshGracePeriod         *struct{} `json:",omitempty"`
	AccessTokenValidity        *struct{} `json:",omitempty"`
	IDTokenValidity            *struct{} `json:",omitempty"`
	RefreshTokenValidity       *struct{} `json:",omitempty"`
	AuthSessionValidity        *struct{} `json:",omitempty"`
	DisableTokenRevocation     *struct{} `json:",omitempty"`
	PreventUserExistenceErrors *struct{} `json:",omitempty"`
	ReadAttributes             *struct{} `json:",omitempty"`
	WriteAttributes            *struct{} `json:",omitempty"`
}

type domainState struct {
	Name           string `json:"name"`
	CertificateARN string `json:"certificateArn,omitempty"`
	LoginVersion   int    `json:"loginVersion"`

	Routing *domainRouting `json:"routing,omitempty"`
}

type providerState struct {
	Name        string            `json:"name"`
	Type        string            `json:"type"`
	Details     map[string]string `json:"details"`
	Mapping     map[string]string `json:"mapping"`
	Identifiers []string          `json:"identifiers"`
	Created     time.Time         `json:"created"`
	Modified    time.Time         `json:"modified"`
}

// state is the pool's record. The pool has to be locked.
func (p *Pool) state() poolRecord {
	record := poolRecord{
		Serial: p.serial, Config: configState{Config: p.cfg}, DerivedIssuer: p.home != nil && p.cfg.Issuer == p.home.issuerOf(p.cfg.PoolID),
		Secret: p.secret[:], Created: p.created.UTC(), Modified: p.modified.UTC(), Settings: p.settings, Invitation: p.invitation,
		EmailMFA: p.emailMFA, PasskeySettings: p.passkeySettings, Schema: p.schema,
		PrefixDomain: p.prefixDomain.state(), CustomDomain: p.customDomain.state(), UICustomization: p.uiCustomization.state(), LogDelivery: p.logDelivery,
	}
	record.Risk = p.risk.state()
	for key := range p.leaked {
		record.Leaked = append(record.Leaked, key[:])
	}
	slices.SortFunc(record.Leaked, bytes.Compare)
	for _, identifier := range slices.Sorted(maps.Keys(p.resourceServers)) {
		record.ResourceServers = append(record.ResourceServers, p.resourceServers[identifier])
	}
	for _, name := range slices.Sorted(maps.Keys(p.providers)) {
		i := p.providers[name]
		record.Providers = append(record.Providers, providerState{
			Name: i.name, Type: i.kind, Details: i.details, Mapping: i.mapping, Identifiers: i.identifiers,
			Created: i.created.UTC(), Modified: i.modified.UTC(),
		})
	}
	return record
}

func (ui *uiCustomization) state() *uiCustomization {
	if ui == nil {
		return nil
	}
	s := *ui
	s.Created, s.Modified = s.Created.UTC(), s.Modified.UTC()
	return &s
}

func (b *brandingStyle) state() *brandingStyle {
	if b == nil {
		return nil
	}
	s := *b
	s.Created, s.Modified = s.Created.UTC(), s.Modified.UTC()
	return &s
}

func (t *terms) state() terms {
	s := *t
	s.Created, s.Modified = s.Created.UTC(), s.Modified.UTC()
	return s
}

func (d *userPoolDomain) state() *domainState {
	if d == nil {
		return nil
	}
	return &domainState{Name: d.name, CertificateARN: d.certificateARN, LoginVersion: d.loginVersion, Routing: d.routing}
}

type clientState struct {
	ID              string              `json:"id"`
	Name            string              `json:"name"`
	Secrets         []clientSecretState `json:"secrets,omitempty"`
	Flows           []AuthFlow          `json:"flows"`
	HideUsers       bool                `json:"hideUsers,omitempty"`
	Rotate          bool                `json:"rotate,omitempty"`
	Grace           time.Duration       `json:"grace,omitempty"`
	Revocable       bool                `json:"revocable"`
	AccessValidity  time.Duration       `json:"accessValidity"`
	IDValidity      time.Duration       `json:"idValidity"`
	RefreshValidity time.Duration       `json:"refreshValidity"`
	SessionValidity time.Duration       `json:"sessionValidity"`
	Readable        []string            `json:"readable"` // null means every attribute
	Writable        []string            `json:"writable"`
	CustomOnly      bool                `json:"customOnly,omitempty"`
	Risk            *riskConfiguration  `json:"risk,omitempty"`
	OAuth           OAuth               `json:"oauth"`
	OAuthAllowed    bool                `json:"oauthAllowed,omitempty"`
	Described       clientMembers       `json:"described"`
	UICustomization *uiCustomization    `json:"uiCustomization,omitempty"`
	Branding        *brandingStyle      `json:"branding,omitempty"`
	Terms           []terms             `json:"terms,omitempty"`
	Created         time.Time           `json:"created"`
	Modified        time.Time           `json:"modified"`
}

type clientSecretState struct {
	ID      string    `json:"id"`
	Value   string    `json:"value"`
	Created time.Time `json:"created"`
}

func (c *appClient) state() clientState {
	s := clientState{
		ID: c.id, Name: c.name, Flows: slices.Sorted(maps.Keys(c.flows)),
		HideUsers: c.hideUsers, Rotate: c.rotate, Grace: c.grace, Revocable: c.revocable,
		AccessValidity: c.accessValidity, IDValidity: c.idValidity, RefreshValidity: c.refreshValidity, SessionValidity: c.sessionValidity,
		Readable: namesOf(c.readable), Writable: namesOf(c.writing), CustomOnly: c.customOnly, Risk: c.risk.state(),
		OAuth: c.oauth, OAuthAllowed: c.oauthAllowed, Described: c.described,
		UICustomization: c.uiCustomization.state(), Branding: c.branding.state(), Created: c.created.UTC(), Modified: c.modified.UTC(),
	}
	for _, t := range c.terms {
		s.Terms = append(s.Terms, t.state())
	}
	for _, secret := range c.secrets {
		s.Secrets = append(s.Secrets, clientSecretState{secret.id, secret.value, secret.created.UTC()})
	}
	return s
}

// namesOf is the inverse of nameSet.
func namesOf(set map[string]bool) []string {
	if set == nil {
		return nil
	}
	return slices.AppendSeq([]string{}, slices.Values(slices.Sorted(maps.Keys(set))))
}

// A clientRef names an app client for good: a client that gets the id of one
// that was deleted is another.
type clientRef struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
}

func (c *appClient) ref() clientRef { return clientRef{c.id, c.created.UTC()} }

// A groupState is a group without its members: users know the groups they are
// in.
type groupState struct {
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	RoleARN     string    `json:"roleArn,omitempty"`
	Precedence  *int      `json:"precedence,omitempty"`
	Created     time.Time `json:"created"`
	Modified    time.Time `json:"modified"`
}

func (g *group) state() groupState {
	return groupState{g.Name, g.Description, g.RoleARN, g.Precedence, g.created.UTC(), g.modified.UTC()}
}

// An importState is an import of users.
type importState struct {
	Serial    uint64       `json:"serial"` // its place in the order of jobs
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	LogRole   string       `json:"logRole"`
	Status    importStatus `json:"status"`
	Message   string       `json:"message,omitempty"`
	File      []byte       `json:"file"` // null if there is none
	Created   time.Time    `json:"created"`
	Started   time.Time    `json:"started,omitzero"`
	Completed time.Time    `json:"completed,omitzero"`
	Imported  int          `json:"imported,omitempty"`
	Skipped   int          `json:"skipped,omitempty"`
	Failed    int          `json:"failed,omitempty"`
}

func (j *importJob) state() importState {
	return importState{
		Serial: j.serial, ID: j.id, Name: j.name, LogRole: j.logRole, Status: j.status, Message: j.message, File: j.file,
		Created: j.created.UTC(), Started: j.started.UTC(), Completed: j.completed.UTC(),
		Imported: j.imported, Skipped: j.skipped, Failed: j.failed,
	}
}

type grantState struct {
	Serial   uint64         `json:"serial"` // its place in the order of grants
	EventID  string         `json:"eventId"`
	OriginID string         `json:"originId,omitempty"`
	Client   clientRef      `json:"client"`
	User     uint64         `json:"user"` // the serial number
	AuthTime time.Time      `json:"authTime"`
	Expires  time.Time      `json:"expires"`
	Revoked  bool           `json:"revoked,omitempty"`
	Device   string         `json:"device,omitempty"`
	OAuth    *oauthState    `json:"oauth,omitempty"` // of a domain's endpoints
	Refresh  []refreshState `json:"refresh"`         // oldest first
}

type oauthState struct {
	Scopes   []string `json:"scopes"`
	Resource string   `json:"resource,omitempty"`
	Nonce    string   `json:"nonce,omitempty"`
}

// A refreshState is a refresh token, of which only the hash is known.
type refreshState struct {
	Hash    []byte    `json:"hash"`
	Rotated time.Time `json:"rotated,omitzero"`
}

func (t *grantTable) state(g *grant) grantState {
	s := grantState{
		Serial: g.serial, EventID: g.eventID, OriginID: g.originID, Client: g.client.ref(), User: g.user.serial,
		AuthTime: g.authTime.UTC(), Expires: g.expires.UTC(), Revoked: g.revoked, Device: g.device.ref(), Refresh: []refreshState{},
	}
	if o := g.oauth; o != nil {
		s.OAuth = &oauthState{o.scopes, o.resource, o.nonce}
	}
	for _, key := range g.refresh {
		s.Refresh = append(s.Refresh, refreshState{key[:], t.byRefresh[key].rotated.UTC()})
	}
	return s
}

func (d *trackedDevice) ref() string {
	if d == nil {
		return ""
	}
	return d.key
}

type sessionState struct {
	Serial          uint64            `json:"serial"` // its place in the order of sessions
	ID              string            `json:"id"`
	Purpose         sessionPurpose    `json:"purpose"`
	Issued          time.Time         `json:"issued"`
	Expires         time.Time         `json:"expires"`
	Spent           bool              `json:"spent,omitempty"`
	Stale           bool              `json:"stale,omitempty"`
	Managed         bool              `json:"managed,omitempty"` // of managed login
	Client          clientRef         `json:"client"`
	User            uint64            `json:"user,omitempty"` // the serial number; 0 for one who does not exist
	Name            string            `json:"name,omitempty"`
	Event           string            `json:"event,omitempty"` // the id of the authentication event
	Factors         []string          `json:"factors,omitempty"`
	ProvedPassword  bool              `json:"provedPassword,omitempty"`
	ChangedPassword bool              `json:"changedPassword,omitempty"`
	Device          string            `json:"device,omitempty"`
	DeviceProven    bool              `json:"deviceProven,omitempty"`
	Custom          bool              `json:"custom,omitempty"`
	ClientA         string            `json:"clientA,omitempty"`
	Results         []ChallengeResult `json:"results,omitempty"`
	Code            string            `json:"code,omitempty"`
	Contact         string            `json:"contact,omitempty"`
	SettingUp       bool              `json:"settingUp,omitempty"`
	Choices         []MFAFactor       `json:"choices,omitempty"`
	TOTP            string            `json:"totp,omitempty"` // the secret; what else there is of it the user has
	First           bool              `json:"first,omitempty"`
	Private         map[string]string `json:"private,omitempty"`
	Metadata        string            `json:"metadata,omitempty"`
	Passkey         *ceremonyState    `json:"passkey,omitempty"`
}

type ceremonyState struct {
	Challenge string   `json:"challenge"`
	Allowed   [][]byte `json:"allowed"`
	Verify    bool     `json:"verify,omitempty"`
}

// survives reports whether a session is part of the state. Proofs of passwords
// are not: no person has a hand in them, they have to come within seconds, and
// the secret of the pool's half stays where it is. Who is in the middle of one
// has to begin again.
func (s *session) survives() bool { return s.srp == nil }

func (s *session) state() sessionState {
	state := sessionState{
		Serial: s.serial, ID: hex.EncodeToString(s.id[:]), Purpose: s.purpose, Issued: s.issued.UTC(), Expires: s.expires.UTC(),
		Spent: s.spent, Stale: s.stale, Managed: s.managed, Client: s.client.ref(), Name: s.name, Event: s.event, Factors: s.factors, ProvedPassword: s.provedPassword,
		ChangedPassword: s.changedPassword, Device: s.device.ref(), DeviceProven: s.deviceProven, Custom: s.custom, ClientA: s.clientA, Results: s.results,
		Code: s.code, Contact: s.contact, SettingUp: s.settingUp, Choices: s.choices, First: s.first,
		Private: s.private, Metadata: s.metadata,
	}
	if s.user != nil {
		state.User = s.user.serial
	}
	if s.totp != nil {
		state.TOTP = s.totp.secret
	}
	if s.passkey != nil {
		state.Passkey = &ceremonyState{Challenge: s.passkey.challenge, Verify: s.passkey.verify, Allowed: [][]byte{}}
		for _, k := range s.passkey.allowed {
			state.Passkey.Allowed = append(state.Passkey.Allowed, k.id)
		}
	}
	return state
}

// exported is the whole state of the pool. The pool has to be locked.
func (p *Pool) exported() poolState {
	s := poolState{
		poolRecord: p.state(), Clients: []clientState{}, Groups: []groupState{}, Users: []userEntry{}, Grants: []grantState{}, Sessions: []sessionState{},
	}
	for _, id := range slices.Sorted(maps.Keys(p.clients)) {
		s.Clients = append(s.Clients, p.clients[id].state())
	}
	for _, name := range slices.Sorted(maps.Keys(p.groups)) {
		s.Groups = append(s.Groups, p.groups[name].state())
	}
	for _, id := range slices.Sorted(maps.Keys(p.imports)) {
		s.Imports = append(s.Imports, p.imports[id].state())
	}
	for _, u := range p.users.ordered {
		entry := userEntry{userRecord: u.state()}
		for _, m := range u.inbox {
			entry.Inbox = append(entry.Inbox, m.stored())
		}
		s.Users = append(s.Users, entry)
	}
	for g := range p.grants.all {
		s.Grants = append(s.Grants, p.grants.state(g))
	}
	for session := range p.sessions.all {
		if session.survives() {
			s.Sessions = append(s.Sessions, session.state())
		}
	}
	return s
}
