package authtest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	preconditionNotMet = "PreconditionNotMetException"
	tooManyLeftOut     = "Too many users have failed or been skipped during the import."
)

// importer is an administrator who imports users.
type importer struct {
	t      testing.TB
	client *cip.Client
	http   *http.Client
	pool   *string
}

func importerOf(t testing.TB, p *Pool) importer {
	return importer{t, sdk(p.Transport()), p.HTTPClient(), aws.String(p.PoolID())}
}

func (i importer) create() types.UserImportJobType {
	i.t.Helper()
	return *must[cip.CreateUserImportJobOutput](i.t)(i.client.CreateUserImportJob(i.t.Context(), &cip.CreateUserImportJobInput{
		UserPoolId: i.pool, JobName: aws.String("people"), CloudWatchLogsRoleArn: aws.String(roleARN),
	})).UserImportJob
}

func (i importer) describe(job types.UserImportJobType) types.UserImportJobType {
	i.t.Helper()
	return *must[cip.DescribeUserImportJobOutput](i.t)(i.client.DescribeUserImportJob(i.t.Context(), &cip.DescribeUserImportJobInput{UserPoolId: i.pool, JobId: job.JobId})).UserImportJob
}

func (i importer) start(job types.UserImportJobType) (*cip.StartUserImportJobOutput, error) {
	return i.client.StartUserImportJob(i.t.Context(), &cip.StartUserImportJobInput{UserPoolId: i.pool, JobId: job.JobId})
}

func (i importer) stop(job types.UserImportJobType) (*cip.StopUserImportJobOutput, error) {
	return i.client.StopUserImportJob(i.t.Context(), &cip.StopUserImportJobInput{UserPoolId: i.pool, JobId: job.JobId})
}

// upload puts a file and returns the status and the answer.
func (i importer) upload(method, url, file string) (int, string) {
	i.t.Helper()
	r, err := http.NewRequestWithContext(i.t.Context(), method, url, strings.NewReader(file))
	if err != nil {
		i.t.Fatal(err)
	}
	res, err := used(i.http).Do(r)
	if err != nil {
		i.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		i.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// run imports a file from beginning to end.
func (i importer) run(file string) types.UserImportJobType {
	i.t.Helper()
	job := i.create()
	if status, text := i.upload(http.MethodPut, *job.PreSignedUrl, file); status != http.StatusOK {
		i.t.Fatalf("upload: got %d: %s", status, text)
	}
	started := must[cip.StartUserImportJobOutput](i.t)(i.start(job)).UserImportJob
	if started.Status != types.UserImportJobStatusTypePending || started.StartDate == nil {
		i.t.Errorf("started: got %s since %v, want Pending", started.Status, started.StartDate)
	}
	return i.describe(job)
}

// importCSV is a file with all columns of a pool and a row for each set of
// values. What a row does not say is as in a user who can be imported.
func importCSV(p *Pool, rows ...map[string]string) string {
	columns := p.csvColumns()
	lines := []string{strings.Join(columns, ",")}
	for _, row := range rows {
		var values []string
		for _, name := range columns {
			value, ok := row[name]
			if !ok && name == columnMFAEnabled {
				value = "FALSE"
			}
			if _, has := row["email"]; !ok && !has {
				switch name {
				case attrEmail:
					value = row[columnUsername] + "@example.com"
				case attrEmail + verifiedSuffix:
					value = "TRUE"
				}
			}
			values = append(values, value)
		}
		lines = append(lines, strings.Join(values, ","))
	}
	return strings.Join(lines, "\n") + "\n"
}

func named(name string, more ...string) map[string]string {
	row := map[string]string{columnUsername: name}
	for i := 0; i < len(more); i += 2 {
		row[more[i]] = more[i+1]
	}
	return row
}

// TestUserImport imports people who then choose a password.
func TestUserImport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPool(t, Config{CustomAttributes: []string{"plan"}, ExplicitAuthFlows: []AuthFlow{AllowUserPassword}})
		i := importerOf(t, p)
		job := i.create()
		if !strings.HasPrefix(*job.JobId, "import-") || !strings.HasPrefix(*job.PreSignedUrl, "https://cognito-idp.eu-west-1.amazonaws.com/user-imports/"+p.PoolID()+"/"+*job.JobId+"?") {
			t.Errorf("got job %s with the URL %s", *job.JobId, *job.PreSignedUrl)
		}
		created := time.Now()
		want := types.UserImportJobType{
			CloudWatchLogsRoleArn: aws.String(roleARN), CreationDate: &created, JobId: job.JobId, JobName: aws.String("people"),
			PreSignedUrl: job.PreSignedUrl, Status: types.UserImportJobStatusTypeCreated, UserPoolId: i.pool,
		}
		compare := func(what string, got types.UserImportJobType) {
			t.Helper()
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(want), cmpopts.EquateApproxTime(time.Millisecond)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		compare("created", job)
		_, err := i.start(job)
		refused(t, err, preconditionNotMet, "No csv file was uploaded for "+*job.JobId)
		_, err = i.stop(job)
		refused(t, err, preconditionNotMet, "Import job "+*job.JobId+" cannot be stopped: it is Created.")

		file := importCSV(p,
			named("ana", "birthdate", "02/01/1985", "custom:plan", "gold", "address", `1 High Street\, Town`, "updated_at", "1471453471", "name", "  Ana "),
			named("bob", "email", "", "phone_number", "+15555550123", "phone_number_verified", "true"), // the pool verifies e-mail addresses
			named("carla", "address", `"2 High Street, Town"`),
		)
		if status, text := i.upload(http.MethodPut, *job.PreSignedUrl, file); status != http.StatusOK || text != "" {
			t.Fatalf("upload: got %d: %s", status, text)
		}
		time.Sleep(time.Hour)
		started := time.Now()
		want.Status, want.StartDate = types.UserImportJobStatusTypePending, &started
		compare("started", *must[cip.StartUserImportJobOutput](t)(i.start(job)).UserImportJob)
		if n := len(p.Accounts(AccountQuery{})); n != 2 {
			t.Errorf("%d users have been imported, want 2", n)
		}
		time.Sleep(time.Hour)
		want.Status, want.CompletionDate, want.CompletionMessage = types.UserImportJobStatusTypeSucceeded, &started, aws.String("Import Job Completed Successfully.")
		want.ImportedUsers, want.FailedUsers = 2, 1
		compare("done", i.describe(job))
		_, err = i.start(job)
		refused(t, err, preconditionNotMet, "Import job "+*job.JobId+" cannot be started: it is Succeeded.")

		ana, _ := p.Account("ana")
		wantAna := User{
			Name: "ana", Sub: ana.Sub, Status: StatusResetRequired, Email: "ana@example.com",
			Attributes: map[string]string{
				"email": "ana@example.com", "email_verified": "true", "birthdate": "1985-02-01", "custom:plan": "gold", "address": "1 High Street, Town", "updated_at": "1471453471", "name": "Ana",
			},
		}
		if diff := cmp.Diff(wantAna, ana.User, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("ana (-want +got):\n%s", diff)
		}
		if !ana.Created.Equal(started) || ana.HasPassword || len(p.Inbox("ana")) > 0 {
			t.Errorf("ana: created %v, password: %t, %d messages", ana.Created, ana.HasPassword, len(p.Inbox("ana")))
		}
		if carla, _ := p.User("carla"); carla.Attributes["address"] != "2 High Street, Town" {
			t.Errorf("carla lives at %q", carla.Attributes["address"])
		}
		fails(t, p, "InitiateAuth", withPassword("ana", testPassword), resetRequired, "Password reset required for the user")
		ok(t, p, "ForgotPassword", m{"ClientId": "client1", "Username": "ana"})
		ok(t, p, "ConfirmForgotPassword", m{"ClientId": "client1", "Username": "ana", "Password": testPassword, "ConfirmationCode": p.Code("ana")})
		if a := ok(t, p, "InitiateAuth", withPassword("ana", testPassword)); a.str("AuthenticationResult", "AccessToken") == "" {
			t.Errorf("got %s, want tokens", a.raw)
		}
	})
}

// TestImportedUserSignsInWithCode imports somebody into a pool where nobody
// needs a password.
func TestImportedUserSignsInWithCode(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{ExplicitAuthFlows: []AuthFlow{AllowUser}, FirstFactors: []FirstFactor{FirstFactorPassword, FirstFactorEmailOTP}})
	importerOf(t, p).run(importCSV(p, named("ana")))
	start := m{"ClientId": "client1", "AuthFlow": "USER_AUTH", "AuthParameters": m{"USERNAME": "ana", "PREFERRED_CHALLENGE": "EMAIL_OTP"}}
	session := wantChallenge(t, ok(t, p, "InitiateAuth", start), "EMAIL_OTP")
	code := p.Code("ana")
	a := ok(t, p, "RespondToAuthChallenge", respond("EMAIL_OTP", session, m{"USERNAME": "ana", "EMAIL_OTP_CODE": code}))
	if a.str("AuthenticationResult", "AccessToken") == "" {
		t.Errorf("got %s, want tokens", a.raw)
	}
	// Who had a password has to reset it.
	p.AddUser(User{Name: "bob", Password: testPassword, Email: "bob@example.com", Status: StatusResetRequired})
	start["AuthParameters"] = m{"USERNAME": "bob"}
	fails(t, p, "InitiateAuth", start, resetRequired, "Password reset required for the user")
}

// TestUserImportRows imports files of two users who are right and a row that
// is about to be looked at.
func TestUserImportRows(t *testing.T) {
	t.Parallel()
	type outcome struct{ imported, skipped, failed int64 }
	imported, skipped, failed := outcome{3, 0, 0}, outcome{2, 1, 0}, outcome{2, 0, 1}
	tests := []struct {
		name   string
		config Config
		row    map[string]string
		want   outcome
	}{
		{"nothing but what is needed", Config{}, named("ana"), imported},
		{"no username", Config{}, named("", "email", "a@example.com", "email_verified", "true"), failed},
		{"username with a space", Config{}, named("an a", "email", "a@example.com", "email_verified", "true"), failed},
		{"long username", Config{}, named(strings.Repeat("a", 129), "email", "a@example.com", "email_verified", "true"), failed},
		{"a user who exists", Config{}, named("there"), skipped},
		{"a name that came before in the file", Config{}, named("first"), skipped},
		{"a name in other letters", Config{CaseInsensitiveUsernames: true}, named("THERE", "email", "a@example.com", "email_verified", "true"), skipped},
		{"nothing verified", Config{}, named("ana", "email", "ana@example.com", "email_verified", "false"), failed},
		{"flag left out", Config{}, named("ana", "email", "ana@example.com"), failed},
		{"flag without a contact", Config{}, named("ana", "email", "", "email_verified", "true"), failed},
		{"flag that is none", Config{}, named("ana", "phone_number_verified", "yes"), failed},
		{"second flag without a contact", Config{}, named("ana", "phone_number_verified", "true"), failed},
		{"the other contact", Config{AutoVerifiedAttributes: []string{"email", "phone_number"}}, named("ana", "email", "", "phone_number", "+15555550123", "phone_number_verified", "True"), imported},
		{"a contact that is not auto-verified", Config{}, named("ana", "email", "", "phone_number", "+15555550123", "phone_number_verified", "true"), failed},
		{"no e-mail address", Config{}, named("ana", "email", "ana", "email_verified", "true"), failed},
		{"MFA flag left out", Config{}, named("ana", columnMFAEnabled, ""), failed},
		{"MFA flag where MFA is off", Config{}, named("ana", columnMFAEnabled, "true"), failed},
		{"MFA flag where MFA is optional", Config{MFA: MFAOptional, MFAFactors: []MFAFactor{MFAFactorSMS}}, named("ana", columnMFAEnabled, "TRUE"), imported},
		{"birthdate, year first", Config{}, named("ana", "birthdate", "1985-02-01"), failed},
		{"no day of any year", Config{}, named("ana", "birthdate", "02/30/1985"), failed},
		{"update that is no number", Config{}, named("ana", "updated_at", "yesterday"), failed},
		{"long value", Config{}, named("ana", "name", strings.Repeat("a", 2049)), failed},
		{"required attribute left out", Config{RequiredAttributes: []string{"given_name"}}, named("ana"), outcome{0, 0, 3}},
		{"comma", Config{}, named("ana", "name", "Roe, Ana"), failed},
		{"escaped comma", Config{}, named("ana", "name", `Roe\, Ana`), imported},
		{"quotation in the middle", Config{}, named("ana", "name", `Ana "the" Roe`), failed},
		{"long row", Config{}, named("ana", "name", strings.Repeat(`\,`, 8000)), failed},
		{"alias of another", Config{AliasAttributes: []string{"email"}}, named("ana", "email", "there@example.com", "email_verified", "true"), skipped},
		{"name that is an alias", Config{AliasAttributes: []string{"email"}}, named("ana@example.com", "email", "ana@example.com", "email_verified", "true"), failed},
		{"preferred username of another", Config{AliasAttributes: []string{"preferred_username"}}, named("ana", "preferred_username", "there"), skipped},
		{"address as the username", Config{UsernameAttributes: []string{"email"}}, named("ana@example.com", "email", "", "email_verified", "true"), outcome{1, 0, 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, tt.config)
			if len(tt.config.UsernameAttributes) == 0 {
				p.AddUser(User{Name: "there", Email: "there@example.com"})
			}
			job := importerOf(t, p).run(importCSV(p, named("first"), tt.row, named("last")))
			if got := (outcome{job.ImportedUsers, job.SkippedUsers, job.FailedUsers}); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			status := types.UserImportJobStatusTypeSucceeded
			if tt.want.failed > tt.want.imported {
				status = types.UserImportJobStatusTypeFailed
			}
			if job.Status != status {
				t.Errorf("the job is %s, want %s", job.Status, status)
			}
		})
	}
}

// TestUserImportFiles imports files that fail as a whole, or nearly so.
func TestUserImportFiles(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{CustomAttributes: []string{"plan"}})
	p.AddUser(User{Name: "there"})
	good := importCSV(p, named("ana"))
	header, _, _ := strings.Cut(importCSV(p), "\n")
	columns := strings.Split(header, ",")
	slices.Reverse(columns)
	const unread = "The csv file could not be parsed."
	tests := []struct{ name, file, message string }{
		{"empty", "", unread},
		{"no header", "ana,ana@example.com,true\n", unread},
		{"byte order mark", "\ufeff" + good, unread},
		{"column missing", strings.Replace(good, "custom:plan,", "", 1), unread},
		{"unknown column", strings.Replace(good, "custom:plan", "custom:other", 1), unread},
		{"column twice", strings.Replace(good, "custom:plan", "name", 1), unread},
		{"no UTF-8", good + "\xff", unread},
		{"quotation without an end", good + "\"" + good, unread},
		{"too many rows", strings.Repeat("\n", maxImportRows+2), unread},
		{"nobody who is right", importCSV(p, named("x", columnMFAEnabled, "")), tooManyLeftOut},
		{"nobody who is new", importCSV(p, named("there")), tooManyLeftOut},
		{"nobody", importCSV(p), "Import Job Completed Successfully."},
		{"columns in another order", strings.Join(columns, ",") + "\n", "Import Job Completed Successfully."},
		{"lines of another system", strings.ReplaceAll(importCSV(p, named("bob")), "\n", "\r\n"), "Import Job Completed Successfully."},
	}
	i := importerOf(t, p)
	for _, tt := range tests {
		job := i.run(tt.file)
		if *job.CompletionMessage != tt.message || (job.Status == types.UserImportJobStatusTypeFailed) == strings.HasPrefix(tt.message, "Import") {
			t.Errorf("%s: got %s %q, want %q", tt.name, job.Status, *job.CompletionMessage, tt.message)
		}
	}
	if _, found := p.User("bob"); !found {
		t.Error("bob has not been imported")
	}
}

// TestUserImportLife stops a job, lets others expire, and lists them.
func TestUserImportLife(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ServerConfig{})
		p := s.NewPool(Config{})
		i := importer{t, sdk(s.Transport()), s.HTTPClient(), aws.String(p.PoolID())}
		stopped, late := i.create(), i.create()
		for _, job := range []types.UserImportJobType{stopped, late} {
			i.upload(http.MethodPut, *job.PreSignedUrl, importCSV(p, named("ana")))
		}
		must[cip.StartUserImportJobOutput](t)(i.start(stopped))
		got := must[cip.StopUserImportJobOutput](t)(i.stop(stopped)).UserImportJob
		if got.Status != types.UserImportJobStatusTypeStopped || *got.CompletionMessage != "The Import Job was stopped by the developer." || got.CompletionDate == nil {
			t.Errorf("stopped: got %s %q", got.Status, *got.CompletionMessage)
		}
		if _, found := p.User("ana"); found {
			t.Error("a job that was stopped has imported somebody")
		}
		_, err := i.start(stopped)
		refused(t, err, preconditionNotMet, "Import job "+*stopped.JobId+" cannot be started: it is Stopped.")
		time.Sleep(24*time.Hour - time.Nanosecond)
		if got := i.describe(late); got.Status != types.UserImportJobStatusTypeCreated {
			t.Errorf("a day later the job is %s", got.Status)
		}
		time.Sleep(time.Nanosecond)
		if got := i.describe(late); got.Status != types.UserImportJobStatusTypeExpired {
			t.Errorf("after more than a day the job is %s", got.Status)
		}
		_, err = i.start(late)
		refused(t, err, preconditionNotMet, "Import job "+*late.JobId+" cannot be started: it is Expired.")

		want := []string{*late.JobId, *stopped.JobId}
		for range 3 {
			want = slices.Insert(want, 0, *i.create().JobId)
		}
		if diff := cmp.Diff(want, i.list(2)); diff != "" {
			t.Errorf("jobs (-want +got):\n%s", diff)
		}

		// The oldest jobs make room, unless they can still be started.
		for range maxImportJobs - 3 {
			i.create()
		}
		all := i.list(60)
		if len(all) != maxImportJobs || slices.Contains(all, *late.JobId) || slices.Contains(all, *stopped.JobId) || all[maxImportJobs-1] != want[2] {
			t.Errorf("%d jobs, the oldest one %s, want %s", len(all), all[len(all)-1], want[2])
		}
		_, err = i.client.CreateUserImportJob(t.Context(), &cip.CreateUserImportJobInput{UserPoolId: i.pool, JobName: aws.String("x"), CloudWatchLogsRoleArn: aws.String(roleARN)})
		refused(t, err, "LimitExceededException", "The user pool has as many open import jobs as a pool can have")
		_, err = i.stop(late)
		refused(t, err, "ResourceNotFoundException", "Import job "+*late.JobId+" does not exist.")
	})
}

// list returns the ids of all jobs, page by page.
func (i importer) list(limit int32) []string {
	i.t.Helper()
	var ids []string
	for token := (*string)(nil); ; {
		page := must[cip.ListUserImportJobsOutput](i.t)(i.client.ListUserImportJobs(i.t.Context(), &cip.ListUserImportJobsInput{UserPoolId: i.pool, MaxResults: &limit, PaginationToken: token}))
		for _, job := range page.UserImportJobs {
			ids = append(ids, *job.JobId)
		}
		if token = page.PaginationToken; token == nil {
			return ids
		}
	}
}

// TestUserImportUpload uploads what it may not, and where it may not.
func TestUserImportUpload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, ServerConfig{})
		p, other := s.NewPool(Config{}), s.NewPool(Config{})
		i := importer{t, sdk(s.Transport()), s.HTTPClient(), aws.String(p.PoolID())}
		job, second := i.create(), i.create()
		url := *job.PreSignedUrl
		tests := []struct {
			name, method, url, file string
			status                  int
			code                    string
		}{
			{"no signature", http.MethodPut, url[:strings.Index(url, "?")], "x", http.StatusForbidden, "SignatureDoesNotMatch"},
			{"another signature", http.MethodPut, url[:len(url)-2] + "zz", "x", http.StatusForbidden, "SignatureDoesNotMatch"},
			{"a part of the signature", http.MethodPut, url[:len(url)-2], "x", http.StatusForbidden, "SignatureDoesNotMatch"},
			{"of another job", http.MethodPut, strings.Replace(url, *job.JobId, *second.JobId, 1), "x", http.StatusForbidden, "SignatureDoesNotMatch"},
			{"of another pool", http.MethodPut, strings.Replace(url, p.PoolID(), other.PoolID(), 1), "x", http.StatusForbidden, "SignatureDoesNotMatch"},
			{"of no pool", http.MethodPut, strings.Replace(url, p.PoolID(), "eu-west-1_nobody", 1), "x", http.StatusForbidden, "SignatureDoesNotMatch"},
			{"read", http.MethodGet, url, "", http.StatusMethodNotAllowed, "MethodNotAllowed"},
			{"too large", http.MethodPut, url, strings.Repeat("x", maxImportFiles+1), http.StatusBadRequest, "EntityTooLarge"},
			{"as large as can be", http.MethodPut, url, strings.Repeat("x", maxImportFiles), http.StatusOK, ""},
			{"too large together", http.MethodPut, *second.PreSignedUrl, "x", http.StatusBadRequest, "EntityTooLarge"},
			{"in its place", http.MethodPut, url, "x", http.StatusOK, ""},
			{"preflight", http.MethodOptions, url, "", http.StatusOK, ""},
		}
		for _, tt := range tests {
			status, text := i.upload(tt.method, tt.url, tt.file)
			if status != tt.status || !strings.Contains(text, "<Code>"+tt.code+"</Code>") && tt.code != "" {
				t.Errorf("%s: got %d %s, want %d %s", tt.name, status, text, tt.status, tt.code)
			}
		}
		remove := s.Inject(Fault{Operation: OperationUserImport, HTML: true})
		if status, _ := i.upload(http.MethodPut, url, "x"); status != http.StatusServiceUnavailable {
			t.Errorf("with a fault the status is %d", status)
		}
		remove()
		time.Sleep(15 * time.Minute)
		if status, text := i.upload(http.MethodPut, url, "x"); status != http.StatusForbidden || !strings.Contains(text, "<Message>Request has expired</Message>") {
			t.Errorf("late: got %d %s", status, text)
		}
		requests := p.Requests()
		if last := requests[len(requests)-1]; last.Operation != OperationUserImport || last.Code != "AccessDenied" || strings.Contains(fmt.Sprintf("%+v", last), "Signature") {
			t.Errorf("the last request is %v with %s", last, last.Code)
		}
	})
}

// TestUserImportOnLoopback imports somebody from another process, as it were.
func TestUserImportOnLoopback(t *testing.T) {
	t.Parallel()
	s := newServer(t, ServerConfig{})
	s.NewPool(Config{})
	p := s.NewPool(Config{})
	address := s.Start()
	client := cip.New(cip.Options{
		Region: "eu-west-1", BaseEndpoint: &address, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	})
	i := importer{t, client, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, aws.String(p.PoolID())}
	job := i.create()
	if !strings.HasPrefix(*job.PreSignedUrl, address+"/") {
		t.Errorf("the URL is %s, want one at %s", *job.PreSignedUrl, address)
	}
	if got := i.run(importCSV(p, named("ana"))); got.ImportedUsers != 1 {
		t.Errorf("got %s with %d users", got.Status, got.ImportedUsers)
	}
}

// TestUserImportNeedsVerification starts a job where nobody could reset a
// password.
func TestUserImportNeedsVerification(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{AutoVerifiedAttributes: []string{}})
	i := importerOf(t, p)
	job := i.create()
	i.upload(http.MethodPut, *job.PreSignedUrl, importCSV(p, named("ana")))
	_, err := i.start(job)
	refused(t, err, preconditionNotMet, "The user pool has no auto-verified attributes.")
}

// TestUserImportEnablesMFA imports somebody with a phone.
func TestUserImportEnablesMFA(t *testing.T) {
	t.Parallel()
	p := newPool(t, Config{MFA: MFARequired, MFAFactors: []MFAFactor{MFAFactorSMS}})
	importerOf(t, p).run(importCSV(p, named("ana", columnMFAEnabled, "true", "phone_number", "+15555550123")))
	if ana, _ := p.User("ana"); !ana.SMSMFA {
		t.Errorf("got %+v", ana)
	}
}

// TestUserImportSurvives goes on with jobs after a restart: one that has a
// file, and one that was started.
func TestUserImportSurvives(t *testing.T) {
	t.Parallel()
	storage := &memoryStorage{left: true}
	s := newServer(t, ServerConfig{Storage: storage})
	p := s.NewPool(Config{})
	i := importer{t, sdk(s.Transport()), s.HTTPClient(), aws.String(p.PoolID())}
	jobs := []types.UserImportJobType{i.create(), i.create(), i.create()}
	for n, job := range jobs[:2] {
		i.upload(http.MethodPut, *job.PreSignedUrl, importCSV(p, named(fmt.Sprintf("user%d", n))))
	}
	must[cip.StartUserImportJobOutput](t)(i.start(jobs[0]))

	restarted := newServer(t, ServerConfig{Storage: storage.snapshot()})
	i = importer{t, sdk(restarted.Transport()), restarted.HTTPClient(), i.pool}
	p = restarted.Pools()[0]
	if _, found := p.User("user0"); !found {
		t.Error("a job that was started before the crash has imported nobody")
	}
	must[cip.StartUserImportJobOutput](t)(i.start(jobs[1]))
	if got := i.describe(jobs[1]); got.ImportedUsers != 1 {
		t.Errorf("got %s with %d users", got.Status, got.ImportedUsers)
	}
	i.upload(http.MethodPut, *jobs[2].PreSignedUrl, importCSV(p, named("user2")))
	must[cip.StartUserImportJobOutput](t)(i.start(jobs[2]))
	if got := i.describe(jobs[2]); got.ImportedUsers != 1 {
		t.Errorf("got %s with %d users", got.Status, got.ImportedUsers)
	}
}

// FuzzUserImport imports any file. Every row counts once, whoever comes in can
// reset the password, and the state can be had again.
func FuzzUserImport(f *testing.F) {
	p, err := New(Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(importCSV(p, named("ana"), named("bob", "birthdate", "02/01/1985"), named("ana")))
	f.Add(importCSV(p, named("ana", "name", `a\,b`), named("bob", "name", `"a,b"`), named("x", "name", `"`)))
	f.Add("\"" + importCSV(p, named("ana")))
	f.Add("")
	f.Fuzz(func(t *testing.T, file string) {
		p := newPool(t, Config{})
		job := &importJob{id: "import-x", status: importPending, file: []byte(file), created: p.now(), started: p.now()}
		p.change(func(c *call) *apiError {
			p.watch.touch(job)
			p.imports[job.id] = job
			p.importing.Store(true)
			return nil
		})
		accounts := p.Accounts(AccountQuery{})
		if !job.ended() || len(accounts) != job.imported {
			t.Errorf("%d users after an import of %d, which is %s", len(accounts), job.imported, job.status)
		}
		if rows := job.imported + job.skipped + job.failed; rows > strings.Count(file, "\n") {
			t.Errorf("there are not as many rows as %d", rows)
		}
		for _, a := range accounts {
			if a.Status != StatusResetRequired || a.HasPassword || a.Attributes["email_verified"] != "true" || a.Email == "" {
				t.Errorf("%q is %s with the e-mail address %q", a.Name, a.Status, a.Email)
			}
		}
		audit(t, p)
		reload(t, p)
	})
}
