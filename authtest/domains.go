package authtest

import (
	"cmp"
	"encoding/base32"
	"fmt"
	"regexp"
	"strings"
)

// A userPoolDomain is where a pool's managed login is: a prefix of the
// service's own domain, or a domain with a certificate.
type userPoolDomain struct {
	name           string
	certificateARN string // empty for a prefix
	loginVersion   int    // 1 for the classic pages, 2 for managed login
	routing        *domainRouting
}

// domainRouting says what would answer at a domain if its region did not. It is
// described and does nothing: there are no replicas.
type domainRouting struct {
	Failover *domainFailover `aws:"Failover" json:",omitempty"`
}

type domainFailover struct {
	PrimaryRoute53HealthCheckID string `aws:"PrimaryRoute53HealthCheckId,,required" json:"PrimaryRoute53HealthCheckId"`
	SecondaryRegion             string `aws:"SecondaryRegion,Region,required"`
}

var domainPrefixPattern = regexp.MustCompile(`\A[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\z`)

// reservedWords cannot be part of a prefix.
var reservedWords = []string{"aws", "amazon", "cognito"}

// domain returns the pool's domain of a name, nil if it is not the pool's.
func (p *Pool) domain(name string) **userPoolDomain {
	switch {
	case p.prefixDomain != nil && p.prefixDomain.name == name:
		return &p.prefixDomain
	case p.customDomain != nil && p.customDomain.name == name:
		return &p.customDomain
	default:
		return nil
	}
}

// domainHost is the host of the pool's managed login, empty if it has none. A
// domain of its own goes before a prefix.
func (p *Pool) domainHost() string {
	switch {
	case p.customDomain != nil:
		return p.customDomain.name
	case p.prefixDomain != nil:
		return p.prefixDomain.name + domainSuffix(p.region())
	default:
		return ""
	}
}

// classicPages reports whether the pages at the domain that goes first are the
// classic ones.
func (p *Pool) classicPages() bool {
	d := p.customDomain
	if d == nil {
		d = p.prefixDomain
	}
	return d != nil && d.loginVersion == 1
}

// domainSuffix is what follows the prefixes of a region.
func domainSuffix(region string) string { return ".auth." + region + ".amazoncognito.com" }

type customDomainConfig struct {
	CertificateArn string `aws:"CertificateArn,Arn,required" json:",omitempty"`
}

// changeDomainRequest is what requests to create and to update a domain are.
type changeDomainRequest struct {
	Domain              string              `aws:"Domain,Domain,required"`
	UserPoolID          string              `aws:"UserPoolId,UserPoolId,required"`
	ManagedLoginVersion int                 `aws:"ManagedLoginVersion,LoginVersion"`
	CustomDomainConfig  *customDomainConfig `aws:"CustomDomainConfig"`
	Routing             *domainRouting      `aws:"Routing"`
}

type changeDomainResponse struct {
	ManagedLoginVersion int
	CloudFrontDomain    string         `json:",omitempty"`
	Routing             *domainRouting `json:",omitempty"`
}

func (p *Pool) domainChanged(d *userPoolDomain) *changeDomainResponse {
	p.derivePasskeys()
	response := &changeDomainResponse{ManagedLoginVersion: d.loginVersion, Routing: d.routing}
	if d.certificateARN != "" {
		response.CloudFrontDomain = d.distribution()
	}
	return response
}

// distribution makes up the name of the distribution in front of a domain.
func (d *userPoolDomain) distribution() string {
	label := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(d.name + "authtest")))
	return "d" + label[:13] + ".cloudfront.net"
}

func createUserPoolDomain(c *call, r *changeDomainRequest) (*changeDomainResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	d := &userPoolDomain{name: r.Domain, loginVersion: cmp.Or(r.ManagedLoginVersion, 1), routing: r.Routing}
	slot := &c.pool.prefixDomain
	if r.CustomDomainConfig != nil {
		d.certificateARN, slot = r.CustomDomainConfig.CertificateArn, &c.pool.customDomain
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	if *slot != nil {
		return nil, invalidParameter(msgDomainConfigured)
	}
	if !c.pool.claimDomain(r.Domain) {
		return nil, invalidParameter(msgDomainTaken)
	}
	*slot = d
	return c.pool.domainChanged(d), nil
}

func (d *userPoolDomain) check() *apiError {
	if d.certificateARN != "" {
		if !strings.Contains(d.name, ".") {
			return invalidParameter(msgCustomDomain)
		}
		return nil
	}
	if !domainPrefixPattern.MatchString(d.name) {
		return invalidParameter(msgDomainCharacters)
	}
	if d.routing != nil {
		return invalidParameter(msgPrefixRouting)
	}
	for _, word := range reservedWords {
		if strings.Contains(d.name, word) {
			return invalidParameter(fmt.Sprintf(msgDomainReserved, word))
		}
	}
	return nil
}

// updateUserPoolDomain changes the version of the pages, the certificate or the
// routing. What the request leaves out stays (inferred).
func updateUserPoolDomain(c *call, r *changeDomainRequest) (*changeDomainResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	slot := c.pool.domain(r.Domain)
	if slot == nil {
		return nil, resourceNotFound(msgNoDomain)
	}
	if r.CustomDomainConfig != nil && (*slot).certificateARN == "" {
		return nil, invalidParameter(msgPrefixCertificate)
	}
	changed := **slot
	changed.loginVersion = cmp.Or(r.ManagedLoginVersion, changed.loginVersion)
	if r.CustomDomainConfig != nil {
		changed.certificateARN = r.CustomDomainConfig.CertificateArn
	}
	if r.Routing != nil && changed.certificateARN == "" {
		return nil, invalidParameter(msgPrefixRouting)
	}
	changed.routing = cmp.Or(r.Routing, changed.routing)
	*slot = &changed
	return c.pool.domainChanged(&changed), nil
}

type describeDomainRequest struct {
	Domain string `aws:"Domain,Domain,required"`
}

type describeDomainResponse struct {
	DomainDescription domainDescription
}

// A domainDescription describes a domain; one that nobody has is described by
// nothing at all.
type domainDescription struct {
	UserPoolID             string              `json:"UserPoolId,omitempty"`
	AWSAccountID           string              `json:"AWSAccountId,omitempty"`
	Domain                 string              `json:",omitempty"`
	S3Bucket               string              `json:",omitempty"`
	CloudFrontDistribution string              `json:",omitempty"`
	Version                string              `json:",omitempty"`
	Status                 string              `json:",omitempty"`
	CustomDomainConfig     *customDomainConfig `json:",omitempty"`
	ManagedLoginVersion    int                 `json:",omitempty"`
	Routing                *domainRouting      `json:",omitempty"`
}

func describeUserPoolDomain(c *call, r *describeDomainRequest) (*describeDomainResponse, *apiError) {
	slot := c.pool.domain(r.Domain)
	if slot == nil {
		return &describeDomainResponse{}, nil
	}
	d := *slot
	return &describeDomainResponse{domainDescription{
		UserPoolID: c.pool.cfg.PoolID, AWSAccountID: accountID, Domain: d.name, S3Bucket: "aws-cognito-" + c.pool.region() + "-assets",
		CloudFrontDistribution: d.distribution(), Version: "1", Status: "ACTIVE",
		CustomDomainConfig: &customDomainConfig{d.certificateARN}, ManagedLoginVersion: d.loginVersion,
		Routing: d.routing,
	}}, nil
}

type deleteDomainRequest struct {
	Domain     string `aws:"Domain,Domain,required"`
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
}

func deleteUserPoolDomain(c *call, r *deleteDomainRequest) (*empty, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	slot := c.pool.domain(r.Domain)
	if slot == nil {
		return nil, invalidParameter(msgNoDomain)
	}
	*slot = nil
	c.pool.releaseDomain(r.Domain)
	c.pool.derivePasskeys()
	return &empty{}, nil
}
