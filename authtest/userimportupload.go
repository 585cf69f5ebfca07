package authtest

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// OperationUserImport is the operation name under which [Request] and [Fault]
// know uploads of files of users.
const OperationUserImport = "PUT users.csv"

// maxImportFiles bounds the files of a pool's jobs together. The service takes
// files of 100 MB.
const maxImportFiles = 16 << 20

const (
	pathImports       = "/user-imports/"
	paramAmzExpires   = "X-Amz-Expires"
	paramAmzSignature = "X-Amz-Signature"
)

func isUploadPath(path string) bool { return strings.HasPrefix(path, pathImports) }

// uploadURL is where a job's file is to be put: a path of the address that the
// request of the call was sent to, signed.
func (c *call) uploadURL(j *importJob) string {
	query := url.Values{paramAmzExpires: {fmt.Sprint(int(uploadValidity.Seconds()))}, paramAmzSignature: {hex.EncodeToString(c.pool.uploadMAC(j.id))}}
	return originOf(c.request) + pathImports + c.pool.cfg.PoolID + "/" + j.id + "?" + query.Encode()
}

// originOf returns the scheme and the host that a request was sent to.
func originOf(r *http.Request) string {
	if r.URL.Scheme != "" { // it came through a transport
		return r.URL.Scheme + "://" + r.Host
	}
	return servedScheme(r) + r.Host
}

func (p *Pool) uploadMAC(jobID string) []byte { return p.mac(fmt.Sprintf("upload %q", jobID)) }

// An uploadError is what the bucket answers that the service has files put
// into.
type uploadError struct {
	XMLName xml.Name `xml:"Error"`
	Code    string   `xml:"Code"`
	Message string   `xml:"Message"`
	status  int
}

func uploadSignature() *uploadError {
	return &uploadError{status: http.StatusForbidden, Code: "SignatureDoesNotMatch", Message: "The request signature we calculated does not match the signature you provided. Check your key and signing method."}
}

func uploadTooLarge() *uploadError {
	return &uploadError{status: http.StatusBadRequest, Code: "EntityTooLarge", Message: "Your proposed upload exceeds the maximum allowed size"}
}

// serveUpload takes the file of an import job.
func (p *Pool) serveUpload(w http.ResponseWriter, r *http.Request) {
	record := Request{Operation: OperationUserImport, Header: r.Header.Clone(), Time: p.now()}
	fault := p.takeFault(record)
	if !fault.before(w, r, p, record) {
		return
	}
	failure := p.takeUpload(w, r)
	result := outcome{status: http.StatusOK}
	if failure != nil {
		result = outcome{status: failure.status, code: failure.Code}
	}
	p.record(record, result)
	if fault.DropResponse {
		panic(http.ErrAbortHandler)
	}
	if failure == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	text, err := xml.Marshal(failure)
	if err != nil {
		panic("authtest: encoding an answer: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(failure.status)
	w.Write(text)
}

func (p *Pool) takeUpload(w http.ResponseWriter, r *http.Request) *uploadError {
	if r.Method != http.MethodPut {
		return &uploadError{status: http.StatusMethodNotAllowed, Code: "MethodNotAllowed", Message: "The specified method is not allowed against this resource."}
	}
	id, err := p.uploadTarget(r.URL)
	if err != nil {
		return err
	}
	file, failure := io.ReadAll(http.MaxBytesReader(w, r.Body, maxImportFiles))
	if failure != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](failure); !ok {
			panic(http.ErrAbortHandler) // the client is gone
		}
		return uploadTooLarge()
	}
	if stored := p.change(func(c *call) *apiError {
		err = c.putImportFile(id, file)
		return nil
	}); stored != nil {
		return &uploadError{status: stored.httpStatus(), Code: "InternalError", Message: stored.message}
	}
	return err
}

// uploadTarget returns the id of the job that a URL is for, if the URL is one
// that the pool has made and it has not expired.
func (p *Pool) uploadTarget(target *url.URL) (id string, refusal *uploadError) {
	poolID, id, _ := strings.Cut(strings.TrimPrefix(target.Path, pathImports), "/")
	p.mu.Lock()
	defer p.mu.Unlock()
	given, err := hex.DecodeString(target.Query().Get(paramAmzSignature))
	j := p.imports[id]
	switch {
	case err != nil, !hmac.Equal(given, p.uploadMAC(id)), poolID != p.cfg.PoolID, j == nil:
		return "", uploadSignature()
	case p.now().Sub(j.created) >= uploadValidity:
		return "", &uploadError{status: http.StatusForbidden, Code: "AccessDenied", Message: "Request has expired"}
	default:
		return id, nil
	}
}

// putImportFile gives a job its file, in the place of another it may have. A
// job that has been started has what it needs; the bucket does not know that.
func (c *call) putImportFile(id string, file []byte) *uploadError {
	total := len(file)
	for _, j := range c.importJobs() {
		if j.id != id {
			total += len(j.file)
		}
	}
	if total > maxImportFiles {
		return uploadTooLarge()
	}
	if j := c.pool.imports[id]; j != nil && j.status == importCreated {
		c.pool.watch.touch(j)
		j.file = append([]byte{}, file...) // not nil, however short
	}
	return nil
}
