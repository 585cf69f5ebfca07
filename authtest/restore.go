package authtest

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// serverParts are what a state comes to before it is put into a server. Making
// them can fail; putting them in cannot.
type serverParts struct {
	clock time.Duration
	pools []*poolParts // oldest first
}

type poolParts struct {
	serial         uint64
	cfg            Config
	triggers       bool // whether cfg has those of the state; else those of before stay
	secret         [32]byte
	administration administration
	clients        map[string]*appClient
	users          []*user // by serial number, and so on
	grants         []restoredGrant
	sessions       []*session
}

// partsOf makes the parts of a state, or says what is wrong with it.
func (s *Server) partsOf(state *serverState) (*serverParts, error) {
	if err := s.checkRecord(state.serverRecord); err != nil {
		return nil, err
	}
	parts := &serverParts{clock: state.Clock}
	var names nameTable
	for i := range state.Pools {
		part, err := s.partsOfPool(&state.Pools[i], &names)
		if err != nil {
			return nil, fmt.Errorf("pools[%d]: %w", i, err)
		}
		parts.pools = append(parts.pools, part)
	}
	slices.SortStableFunc(parts.pools, func(a, b *poolParts) int { return cmp.Compare(a.serial, b.serial) })
	return parts, nil
}

func (s *Server) checkRecord(r serverRecord) error {
	switch {
	case r.Format != stateFormat:
		return errors.New("it is no state of a server")
	case r.Version != stateVersion:
		return fmt.Errorf("version %d is not the version %d that is understood here", r.Version, stateVersion)
	case r.Region != s.cfg.Region:
		return fmt.Errorf("the region is %s and not %s", r.Region, s.cfg.Region)
	case r.Clock < 0 || r.Clock > maxAdvance:
		return fmt.Errorf("clock: %v is out of bounds", r.Clock)
	default:
		return nil
	}
}

// A nameTable finds names that are taken twice.
type nameTable map[[2]string]bool

func (t *nameTable) claim(kind, name string) error {
	if *t == nil {
		*t = make(nameTable)
	}
	if (*t)[[2]string{kind, name}] {
		return fmt.Errorf("there is more than one %s %q", kind, name)
	}
	(*t)[[2]string{kind, name}] = true
	return nil
}

// partsOfPool makes the parts of a pool. Names are those that are unique in a
// server.
func (s *Server) partsOfPool(state *poolState, names *nameTable) (*poolParts, error) {
	parts := &poolParts{serial: state.Serial, clients: make(map[string]*appClient)}
	if err := parts.takeRecord(s, &state.poolRecord); err != nil {
		return nil, err
	}
	if err := names.claim("pool", parts.cfg.PoolID); err != nil {
		return nil, err
	}
	for _, d := range []*domainState{state.PrefixDomain, state.CustomDomain} {
		if d == nil {
			continue
		}
		if err := names.claim("domain", d.Name); err != nil {
			return nil, err
		}
	}
	for _, c := range state.Clients {
		if err := names.claim("client", c.ID); err != nil {
			return nil, err
		}
		parts.clients[c.ID] = c.restored()
	}
	for _, g := range state.Groups {
		if parts.administration.groups[g.Name] != nil {
			return nil, fmt.Errorf("there is more than one group %q", g.Name)
		}
		parts.administration.groups[g.Name] = g.restored()
	}
	for _, job := range state.Imports {
		if parts.administration.imports[job.ID] != nil {
			return nil, fmt.Errorf("there is more than one import job %q", job.ID)
		}
		if !job.Status.known() {
			return nil, fmt.Errorf("imports: unknown status %q", job.Status)
		}
		parts.administration.imports[job.ID] = job.restored()
	}
	return parts, parts.takePeople(state)
}

// takeRecord takes over the configuration of a pool.
func (parts *poolParts) takeRecord(s *Server, r *poolRecord) error {
	cfg := r.Config.Config
	if r.DerivedIssuer && s.cfg.IssuerBase != "" {
		cfg.Issuer = s.issuerOf(cfg.PoolID)
	}
	issuer, err := url.Parse(cfg.Issuer)
	policy := cfg.PasswordPolicy
	region, _, _ := strings.Cut(cfg.PoolID, "_")
	switch {
	case !poolIDPattern.MatchString(cfg.PoolID) || region != s.cfg.Region:
		return fmt.Errorf("config: %q is no id of a pool in %s", cfg.PoolID, s.cfg.Region)
	case err != nil || !issuer.IsAbs():
		return errors.New("config: the issuer is no absolute URL")
	case policy == nil || policy.MinimumLength < 0 || policy.MinimumLength > 99:
		return errors.New("config: the password policy is missing or out of bounds")
	case slices.ContainsFunc(r.Schema, func(a schemaAttribute) bool { return a.Name == "" || a.Mutable == nil }):
		return errors.New("the schema has an attribute without a name, or that says not whether it is mutable")
	case len(r.Secret) != len(parts.secret):
		return errors.New("the secret has the wrong length")
	}
	if cfg.AdvancedSecurityMode == "" { // of before the pool had one
		cfg.AdvancedSecurityMode = r.Settings.securityMode()
	}
	if !r.Settings.LambdaConfig.empty() {
		triggers, has, err := s.triggers(r.Settings.LambdaConfig)
		if err != nil {
			return errors.New(err.message)
		}
		cfg.Triggers, parts.triggers = triggers, has
	}
	parts.cfg, parts.secret = cfg, [32]byte(r.Secret)
	a := newAdministration(cfg, r.Created)
	a.modified, a.settings, a.invitation = r.Modified, r.Settings.withDefaults(), r.Invitation
	a.emailMFA, a.passkeySettings, a.schema, a.risk = r.EmailMFA, r.PasskeySettings, r.Schema, r.Risk
	for _, hash := range r.Leaked {
		if len(hash) != len(leakKey{}) {
			return errors.New("leaked: the hash of a password has the wrong length")
		}
		a.leaked[leakKey(hash)] = true
	}
	a.prefixDomain, a.customDomain = r.PrefixDomain.restored(), r.CustomDomain.restored()
	a.uiCustomization, a.logDelivery = r.UICustomization, r.LogDelivery
	for _, server := range r.ResourceServers {
		a.resourceServers[server.Identifier] = server
	}
	for _, p := range r.Providers {
		a.providers[p.Name] = &identityProvider{
			name: p.Name, kind: p.Type, details: p.Details, mapping: p.Mapping, identifiers: p.Identifiers, created: p.Created, modified: p.Modified,
		}
	}
	parts.administration = a
	return nil
}

func (d *domainState) restored() *userPoolDomain {
	if d == nil {
		return nil
	}
	return &userPoolDomain{name: d.Name, certificateARN: d.CertificateARN, loginVersion: d.LoginVersion, routing: d.Routing}
}

func (s *clientState) restored() *appClient {
	c := &appClient{id: s.ID, risk: s.Risk, uiCustomization: s.UICustomization, branding: s.Branding, created: s.Created, clientSettings: clientSettings{
		name: s.Name, flows: make(map[AuthFlow]bool),
		hideUsers: s.HideUsers, rotate: s.Rotate, grace: s.Grace, revocable: s.Revocable,
		accessValidity: s.AccessValidity, idValidity: s.IDValidity, refreshValidity: s.RefreshValidity, sessionValidity: s.SessionValidity,
		readable: nameSet(s.Readable), writing: nameSet(s.Writable), customOnly: s.CustomOnly,
		oauth: s.OAuth, oauthAllowed: s.OAuthAllowed, described: s.Described, modified: s.Modified,
	}}
	for _, flow := range s.Flows {
		c.flows[flow] = true
	}
	for _, t := range s.Terms {
		c.terms = append(c.terms, &t)
	}
	for _, secret := range s.Secrets {
		c.secrets = append(c.secrets, clientSecret{id: secret.ID, value: secret.Value, created: secret.Created})
	}
	return c
}

func (s *groupState) restored() *group {
	return &group{
		Group:   Group{Name: s.Name, Description: s.Description, RoleARN: s.RoleARN, Precedence: s.Precedence},
		created: s.Created, modified: s.Modified, members: make(map[*user]struct{}),
	}
}

func (s importStatus) known() bool {
	switch s {
	case importCreated, importPending, importStopped, importExpired, importFailed, importSucceeded:
		return true
	default:
		return false
	}
}

func (s *importState) restored() *importJob {
	return &importJob{
		serial: s.Serial, id: s.ID, name: s.Name, logRole: s.LogRole, status: s.Status, message: s.Message, file: s.File,
		created: s.Created, started: s.Started, completed: s.Completed, imported: s.Imported, skipped: s.Skipped, failed: s.Failed,
	}
}

// client returns the app client that was meant, or one that has been deleted.
func (parts *poolParts) client(ref clientRef) *appClient {
	if c := parts.clients[ref.ID]; c != nil && c.created.Equal(ref.Created) {
		return c
	}
	return &appClient{id: ref.ID, created: ref.Created, deleted: true}
}

// install puts pools in the place of the old ones, which are locked, and
// returns those that are no more.
func (s *Server) install(old []*Pool, parts *serverParts) (gone []*Pool) {
	former := make(map[string]*Pool, len(old))
	for _, p := range old {
		former[p.cfg.PoolID] = p
	}
	s.clock.nanoseconds.Store(int64(parts.clock))
	s.index, s.pools, s.serials = newIndex(), make([]*Pool, 0, len(parts.pools)), 0
	for _, part := range parts.pools {
		p := former[part.cfg.PoolID]
		if p != nil && p.canBecome(&part.cfg) {
			delete(former, part.cfg.PoolID)
		} else {
			p = &Pool{cfg: part.cfg}
			p.cfg.ExpectUnknown = s.cfg.ExpectUnknown
			s.adopt(p)
		}
		s.serials = max(part.serial, s.serials+1)
		p.serial = s.serials
		p.install(part)
		s.index.put(p)
		s.pools = append(s.pools, p)
	}
	var sent []Delivery
	for _, p := range s.pools {
		delivered := p.deliveries()
		p.outbox.replace(delivered)
		sent = append(sent, delivered...)
	}
	s.front.outbox.replace(sent)
	for _, p := range former {
		gone = append(gone, p)
		if p.watch != nil {
			p.watch.closed = true
		}
	}
	return gone
}

// canBecome reports whether the pool can have a configuration from now on.
func (p *Pool) canBecome(cfg *Config) bool {
	changed := Pool{cfg: p.cfg}
	changed.reconfigure(cfg)
	return string(encodeRecord(configState{Config: changed.cfg})) == string(encodeRecord(configState{Config: *cfg}))
}

// install puts parts in the place of all that the pool has.
func (p *Pool) install(parts *poolParts) {
	p.epoch++
	if !parts.triggers {
		parts.cfg.Triggers = p.cfg.Triggers
	}
	p.reconfigure(&parts.cfg)
	p.secret = parts.secret
	p.administration, p.clients = parts.administration, parts.clients
	p.chooseIssuer()
	p.importing.Store(len(p.imports) > 0) // the first request will see
	p.users = newDirectory(p.cfg)
	for _, u := range parts.users {
		p.users.list(u)
		for _, key := range u.aliases {
			p.users.byAlias[key] = u
		}
		p.users.serials = u.serial
	}
	p.grants = newGrantTable(maxGrants)
	for _, g := range parts.grants {
		p.grants.restore(g)
		p.users.serials = max(p.users.serials, g.user.serial)
	}
	p.sessions = newSessionTable(p.secret)
	for _, s := range parts.sessions {
		p.sessions.list(s)
		p.sessions.serials = s.serial
		if s.user != nil {
			p.users.serials = max(p.users.serials, s.user.serial)
		}
	}
	p.managedLogin = newManagedLogin()
	p.watchTables()
	p.repost()
}

// deliveries are the messages that are in the pool's inboxes.
func (p *Pool) deliveries() []Delivery {
	var all []Delivery
	for _, u := range p.users.ordered {
		for _, m := range u.inbox {
			all = append(all, p.delivery(u, m))
		}
	}
	return all
}

// restore is list for a grant with its refresh tokens.
func (t *grantTable) restore(g restoredGrant) {
	t.list(g.grant)
	t.serials = g.serial
	for _, key := range g.refresh {
		t.byRefresh[key] = &refreshToken{grant: g.grant, rotated: g.tokens[key]}
	}
}

// saveWhole puts the whole state into changes, and marks it as stored.
func (s *Server) saveWhole(changes map[string][]byte) {
	changes[kindServer] = encodeRecord(s.record())
	for _, p := range s.pools {
		p.collect(changes)
	}
}
