package authtest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const certificateARN = "arn:aws:acm:us-east-1:123456789012:certificate/example"

func TestUserPoolDomains(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	p, other := s.NewPool(Config{}), s.NewPool(Config{})
	client := sdk(s.Transport())
	pool := aws.String(p.PoolID())
	certificate := &types.CustomDomainConfigType{CertificateArn: aws.String(certificateARN)}
	add := func(pool *Pool, domain string, custom *types.CustomDomainConfigType) error {
		_, err := client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: aws.String(pool.PoolID()), Domain: &domain, CustomDomainConfig: custom})
		return err
	}
	const invalid = "InvalidParameterException"
	const characters = `The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, and hyphens. ` +
		`Please enter a different name that follows this format: ^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$`
	refused(t, add(p, "login.example.com", nil), invalid, characters)
	refused(t, add(p, "-x", nil), invalid, characters)
	refused(t, add(p, "my-cognito", nil), invalid, "Domain cannot contain reserved word: cognito")
	refused(t, add(p, "login", certificate), invalid, "A custom domain must be a fully qualified domain name.")
	refused(t, add(p, strings.Repeat("x", 64), nil), invalid,
		"1 validation error detected: Value '"+strings.Repeat("x", 64)+"' at 'domain' failed to satisfy constraint: Member must have length less than or equal to 63")
	_, err := client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: pool, Domain: aws.String("people"), ManagedLoginVersion: aws.Int32(3)})
	refused(t, err, invalid, "1 validation error detected: Value '3' at 'managedLoginVersion' failed to satisfy constraint: Member must have value less than or equal to 2")

	prefix := must[cip.CreateUserPoolDomainOutput](t)(client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: pool, Domain: aws.String("people"), ManagedLoginVersion: aws.Int32(2)}))
	if prefix.CloudFrontDomain != nil || aws.ToInt32(prefix.ManagedLoginVersion) != 2 {
		t.Errorf("prefix: got %v", prefix)
	}
	custom := must[cip.CreateUserPoolDomainOutput](t)(client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: pool, Domain: aws.String("login.example.com"), CustomDomainConfig: certificate}))
	if !strings.HasSuffix(aws.ToString(custom.CloudFrontDomain), ".cloudfront.net") {
		t.Errorf("custom: got %v", custom)
	}
	refused(t, add(p, "people2", nil), invalid, "User pool already has a domain configured.")
	refused(t, add(other, "people", nil), invalid, "Domain already associated with another user pool.")
	if got := described(t, client, pool); aws.ToString(got.Domain) != "people" || aws.ToString(got.CustomDomain) != "login.example.com" {
		t.Errorf("the pool has domains %v and %v", got.Domain, got.CustomDomain)
	}
	describe := func(domain string) *types.DomainDescriptionType {
		return must[cip.DescribeUserPoolDomainOutput](t)(client.DescribeUserPoolDomain(t.Context(), &cip.DescribeUserPoolDomainInput{Domain: &domain})).DomainDescription
	}
	want := &types.DomainDescriptionType{
		UserPoolId: pool, AWSAccountId: aws.String("123456789012"), Domain: aws.String("login.example.com"), S3Bucket: aws.String("aws-cognito-eu-west-1-assets"),
		CloudFrontDistribution: custom.CloudFrontDomain, Version: aws.String("1"), Status: types.DomainStatusTypeActive, CustomDomainConfig: certificate, ManagedLoginVersion: aws.Int32(1),
	}
	if diff := cmp.Diff(want, describe("login.example.com"), ignoreSDK()); diff != "" {
		t.Errorf("domain (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&types.DomainDescriptionType{}, describe("nobody"), ignoreSDK()); diff != "" {
		t.Errorf("nobody's domain (-want +got):\n%s", diff)
	}

	// Whoever comes by the domain's host reaches the pool, and so does everybody
	// as long as no other pool has a domain.
	for host, wantPool := range map[string]*Pool{
		"people.auth.eu-west-1.amazoncognito.com": p, "login.example.com": p, "login.example.com:8443": p,
		"people.auth.us-east-1.amazoncognito.com": p, "example.com": p,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/login", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.poolAt(r); got != wantPool {
			t.Errorf("%s leads to %s", host, got.PoolID())
		}
	}

	newer := &types.CustomDomainConfigType{CertificateArn: aws.String(certificateARN + "2")}
	update := func(pool *Pool, domain string, custom *types.CustomDomainConfigType, version int32) error {
		in := &cip.UpdateUserPoolDomainInput{UserPoolId: aws.String(pool.PoolID()), Domain: &domain, CustomDomainConfig: custom}
		if version != 0 {
			in.ManagedLoginVersion = &version
		}
		_, err := client.UpdateUserPoolDomain(t.Context(), in)
		return err
	}
	if err := update(p, "login.example.com", newer, 0); err != nil {
		t.Error(err)
	}
	if err := update(p, "people", nil, 1); err != nil {
		t.Error(err)
	}
	if a, b := describe("login.example.com"), describe("people"); *a.CustomDomainConfig.CertificateArn != *newer.CertificateArn || *a.ManagedLoginVersion != 1 || *b.ManagedLoginVersion != 1 {
		t.Errorf("after updates: %v, %v", a, b)
	}
	refused(t, update(p, "people", certificate, 0), invalid, "A prefix domain cannot have a certificate.")
	refused(t, update(other, "people", nil, 1), "ResourceNotFoundException", "No such domain or user pool exists.")
	_, err = client.DeleteUserPoolDomain(t.Context(), &cip.DeleteUserPoolDomainInput{UserPoolId: aws.String(other.PoolID()), Domain: aws.String("people")})
	refused(t, err, invalid, "No such domain or user pool exists.")

	for _, domain := range []string{"people", "login.example.com"} {
		_, err := client.DeleteUserPool(t.Context(), &cip.DeleteUserPoolInput{UserPoolId: pool})
		refused(t, err, invalid, "User pool cannot be deleted. It has a domain configured that should be deleted first.")
		must[cip.DeleteUserPoolDomainOutput](t)(client.DeleteUserPoolDomain(t.Context(), &cip.DeleteUserPoolDomainInput{UserPoolId: pool, Domain: &domain}))
	}
	if err := add(other, "people", nil); err != nil {
		t.Errorf("a domain that is free again: %v", err)
	}
	must[cip.DeleteUserPoolOutput](t)(client.DeleteUserPool(t.Context(), &cip.DeleteUserPoolInput{UserPoolId: pool}))
}

// TestDomainRouting keeps the routing of a domain that has replicas.
func TestDomainRouting(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	p := s.NewPool(Config{})
	client := sdk(s.Transport())
	pool, domain, prefix := aws.String(p.PoolID()), aws.String("login.example.com"), aws.String("people")
	to := func(region string) *types.RoutingType {
		return &types.RoutingType{Failover: &types.FailoverType{PrimaryRoute53HealthCheckId: aws.String("check"), SecondaryRegion: &region}}
	}
	certificate := &types.CustomDomainConfigType{CertificateArn: aws.String(certificateARN)}
	ignore := cmpopts.IgnoreUnexported(types.RoutingType{}, types.FailoverType{})
	compare := func(what string, want, got *types.RoutingType) {
		t.Helper()
		if diff := cmp.Diff(want, got, ignore); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	describe := func() *types.RoutingType {
		return must[cip.DescribeUserPoolDomainOutput](t)(client.DescribeUserPoolDomain(t.Context(), &cip.DescribeUserPoolDomainInput{Domain: domain})).DomainDescription.Routing
	}
	const needsCustom = "Routing needs a custom domain."
	_, err := client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: pool, Domain: prefix, Routing: to("eu-central-1")})
	refused(t, err, invalid, needsCustom)
	created := must[cip.CreateUserPoolDomainOutput](t)(client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: pool, Domain: domain, CustomDomainConfig: certificate, Routing: to("eu-central-1")}))
	compare("created", to("eu-central-1"), created.Routing)
	must[cip.UpdateUserPoolDomainOutput](t)(client.UpdateUserPoolDomain(t.Context(), &cip.UpdateUserPoolDomainInput{UserPoolId: pool, Domain: domain, CustomDomainConfig: certificate}))
	compare("after another change", to("eu-central-1"), describe())
	changed := must[cip.UpdateUserPoolDomainOutput](t)(client.UpdateUserPoolDomain(t.Context(), &cip.UpdateUserPoolDomainInput{UserPoolId: pool, Domain: domain, CustomDomainConfig: certificate, Routing: to("eu-north-1")}))
	compare("changed", to("eu-north-1"), changed.Routing)
	importInto(t, s, exportOf(t, s))
	compare("imported", to("eu-north-1"), describe())
	must[cip.CreateUserPoolDomainOutput](t)(client.CreateUserPoolDomain(t.Context(), &cip.CreateUserPoolDomainInput{UserPoolId: pool, Domain: prefix}))
	_, err = client.UpdateUserPoolDomain(t.Context(), &cip.UpdateUserPoolDomainInput{UserPoolId: pool, Domain: prefix, Routing: to("eu-north-1")})
	refused(t, err, invalid, needsCustom)
}
