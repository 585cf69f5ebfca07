package authtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// An importStatus is the state of an import of users, spelled as the service
// does. The states InProgress and Stopping are never seen: an import takes no
// time.
type importStatus string

const (
	importCreated   importStatus = "Created"
	importPending   importStatus = "Pending"
	importStopped   importStatus = "Stopped"
	importExpired   importStatus = "Expired"
	importFailed    importStatus = "Failed"
	importSucceeded importStatus = "Succeeded"
)

const (
	// The service keeps a job that is not started for 24 to 48 hours.
	importValidity = 24 * time.Hour

	uploadValidity = 15 * time.Minute // of the URL

	maxImportJobs = 100 // of a pool
)

// An importJob is an import of users from a file. The pool's lock guards it.
//
// A job that has been started is done before the next request to the pool, or
// the next call of a method that tells of its users, except a request to stop
// it; see [Pool.settle]. So the pool needs no goroutine, and a job that was
// started before a crash is done after it.
type importJob struct {
	serial  uint64 // the job's place in the order of jobs
	id      string
	name    string
	logRole string // CloudWatchLogsRoleArn
	status  importStatus
	message string
	file    []byte // nil until it is uploaded, and when it is of no more use

	created, started, completed time.Time

	imported, skipped, failed int

	saved *mark
}

// userImportJob is a job on the wire.
type userImportJob struct {
	CloudWatchLogsRoleArn string
	CompletionDate        *epoch `json:",omitempty"`
	CompletionMessage     string `json:",omitempty"`
	CreationDate          epoch
	FailedUsers           int
	ImportedUsers         int
	JobID                 string `json:"JobId"`
	JobName               string
	PreSignedURL          string `json:"PreSignedUrl"`
	SkippedUsers          int
	StartDate             *epoch `json:",omitempty"`
	Status                importStatus
	UserPoolID            string `json:"UserPoolId"`
}

type userImportJobResponse struct {
	UserImportJob userImportJob
}

// describeImport is a job as it is told to whoever sent the request of the
// call: the URL is at the address that reached the pool.
func (c *call) describeImport(j *importJob) userImportJob {
	return userImportJob{
		CloudWatchLogsRoleArn: j.logRole, CompletionDate: epochOf(j.completed), CompletionMessage: j.message, CreationDate: epoch(j.created),
		FailedUsers: j.failed, ImportedUsers: j.imported, JobID: j.id, JobName: j.name, PreSignedURL: c.uploadURL(j), SkippedUsers: j.skipped,
		StartDate: epochOf(j.started), Status: j.status, UserPoolID: c.pool.cfg.PoolID,
	}
}

// epochOf is a time on the wire, nil if it has not come yet.
func epochOf(t time.Time) *epoch {
	if t.IsZero() {
		return nil
	}
	return new(epoch(t))
}

type createUserImportJobRequest struct {
	CloudWatchLogsRoleArn string `aws:"CloudWatchLogsRoleArn,Arn,required"`
	JobName               string `aws:"JobName,PoolName,required"`
	UserPoolID            string `aws:"UserPoolId,UserPoolId,required"`
}

func createUserImportJob(c *call, r *createUserImportJobRequest) (*userImportJobResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	jobs := c.importJobs()
	if len(jobs) >= maxImportJobs {
		oldest := slices.IndexFunc(jobs, (*importJob).ended)
		if oldest < 0 {
			return nil, fail(wire.ExceptionLimitExceeded, msgImportLimit)
		}
		c.pool.watch.touch(jobs[oldest])
		delete(c.pool.imports, jobs[oldest].id)
	}
	j := &importJob{
		id: "import-" + randomString(10, lowerLetters+upperLetters+digits), name: r.JobName, logRole: r.CloudWatchLogsRoleArn,
		status: importCreated, created: c.now,
	}
	if len(jobs) > 0 {
		j.serial = jobs[len(jobs)-1].serial + 1
	}
	c.pool.watch.touch(j)
	c.pool.imports[j.id] = j
	return &userImportJobResponse{c.describeImport(j)}, nil
}

// importJobs returns the jobs of the pool, oldest first. Those that were not
// started in time have expired now.
func (c *call) importJobs() []*importJob {
	jobs := slices.SortedFunc(maps.Values(c.pool.imports), func(a, b *importJob) int { return strings.Compare(a.sortKey(), b.sortKey()) })
	for _, j := range jobs {
		if j.status == importCreated && c.now.Sub(j.created) >= importValidity {
			c.pool.watch.touch(j)
			j.end(importExpired, j.created.Add(importValidity), msgImportExpired)
		}
	}
	return jobs
}

func (j *importJob) sortKey() string { return fmt.Sprintf("%016x/%s", j.serial, j.id) }

// end puts an end to a job. The file is of no more use.
func (j *importJob) end(status importStatus, at time.Time, message string) {
	j.status, j.completed, j.message, j.file = status, at, message, nil
}

func (j *importJob) ended() bool { return j.status != importCreated && j.status != importPending }

type importJobRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	JobID      string `aws:"JobId,JobId,required"`
}

// importJob returns the job that a request names.
func (c *call) importJob(r *importJobRequest) (*importJob, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	c.importJobs()
	j := c.pool.imports[r.JobID]
	if j == nil {
		return nil, resourceNotFound(fmt.Sprintf(msgImportNotFound, r.JobID))
	}
	c.pool.watch.touch(j)
	return j, nil
}

func describeUserImportJob(c *call, r *importJobRequest) (*userImportJobResponse, *apiError) {
	j, err := c.importJob(r)
	if err != nil {
		return nil, err
	}
	return &userImportJobResponse{c.describeImport(j)}, nil
}

type listUserImportJobsRequest struct {
	UserPoolID      string `aws:"UserPoolId,UserPoolId,required"`
	MaxResults      int    `aws:"MaxResults,MaxResults,required"`
	PaginationToken string `aws:"PaginationToken,PaginationKey"`
}

type listUserImportJobsResponse struct {
	UserImportJobs  []userImportJob
	PaginationToken string `json:",omitempty"`
}

// listUserImportJobs lists the jobs, the newest one first.
func listUserImportJobs(c *call, r *listUserImportJobsRequest) (*listUserImportJobsResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	jobs := c.importJobs()
	slices.Reverse(jobs)
	page, next, err := paginate(c, "import jobs", r.PaginationToken, r.MaxResults, jobs, (*importJob).reverseKey)
	if err != nil {
		return nil, err
	}
	response := &listUserImportJobsResponse{UserImportJobs: []userImportJob{}, PaginationToken: next}
	for _, j := range page {
		c.pool.watch.touch(j)
		response.UserImportJobs = append(response.UserImportJobs, c.describeImport(j))
	}
	return response, nil
}

// reverseKey is a key by which later jobs come first.
func (j *importJob) reverseKey() string {
	key := []byte(j.sortKey())
	for i := range key {
		key[i] = ^key[i]
	}
	return string(key)
}

// startUserImportJob starts a job, which needs its file, and a pool that
// verifies contacts: the users could not reset their passwords otherwise.
func startUserImportJob(c *call, r *importJobRequest) (*userImportJobResponse, *apiError) {
	j, err := c.importJob(r)
	switch {
	case err != nil:
		return nil, err
	case j.status != importCreated:
		return nil, fail(wire.ExceptionPreconditionNotMet, fmt.Sprintf(msgImportNotStartable, j.id, j.status))
	case j.file == nil:
		return nil, fail(wire.ExceptionPreconditionNotMet, fmt.Sprintf(msgImportNoFile, j.id))
	case len(c.pool.cfg.AutoVerifiedAttributes) == 0:
		return nil, fail(wire.ExceptionPreconditionNotMet, msgImportNothingVerified)
	}
	j.status, j.started = importPending, c.now
	c.pool.importing.Store(true)
	return &userImportJobResponse{c.describeImport(j)}, nil
}

func stopUserImportJob(c *call, r *importJobRequest) (*userImportJobResponse, *apiError) {
	j, err := c.importJob(r)
	if err != nil {
		return nil, err
	}
	if j.status != importPending {
		return nil, fail(wire.ExceptionPreconditionNotMet, fmt.Sprintf(msgImportNotStoppable, j.id, j.status))
	}
	j.end(importStopped, c.now, msgImportStopped)
	return &userImportJobResponse{c.describeImport(j)}, nil
}

// operationStopImport is the one operation that a job is not done before.
const operationStopImport = "StopUserImportJob"

// settle does what was begun and takes no time: the import jobs that have been
// started. It must be called without the lock, by whatever may look at users.
func (p *Pool) settle() {
	if !p.importing.Load() {
		return
	}
	c := &call{pool: p, now: p.now()}
	// If it cannot be stored, whoever comes next will say so.
	_, _ = locked(c, func() (*empty, *apiError) {
		for _, j := range c.importJobs() {
			if j.status == importPending {
				p.watch.touch(j)
				c.now = j.started
				c.runImport(j)
			}
		}
		p.importing.Store(false)
		return &empty{}, nil
	})
}
