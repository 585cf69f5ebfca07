package authtest

import (
	"context"
	"fmt"
	"time"
)

// A call is one request on its way through the pool. Handlers run with the
// pool locked.
type call struct {
	ctx       context.Context
	pool      *Pool
	operation string
	now       time.Time // on the pool's clock; one instant for the whole call
	deferred  []func()
}

// afterUnlock runs f after the handler, without the lock: for signatures and
// other slow work on what the handler has decided.
func (c *call) afterUnlock(f func()) { c.deferred = append(c.deferred, f) }

// unlocked runs f without the lock, in the middle of a handler. Whatever the
// handler knew about users and sessions may have changed when it returns.
func (c *call) unlocked(f func()) {
	c.pool.mu.Unlock()
	defer c.pool.mu.Lock()
	f()
}

// empty is the answer of operations that say nothing: "{}".
type empty struct{}

// noBody is the answer of operations that have no output shape at all.
type noBody struct{}

// An operation decodes and serves requests of one kind.
type operation func(c *call, body []byte) (any, *apiError)

// serve makes an operation of a handler.
func serve[Request, Response any](handle func(*call, *Request) (*Response, *apiError)) operation {
	return func(c *call, body []byte) (any, *apiError) {
		var request Request
		if err := decodeRequest(body, &request); err != nil {
			return nil, err
		}
		response, err := c.run(func() (any, *apiError) {
			response, err := handle(c, &request)
			return response, err
		})
		if err != nil {
			return nil, err
		}
		return response, nil
	}
}

func (c *call) run(handle func() (any, *apiError)) (any, *apiError) {
	c.pool.mu.Lock()
	response, err := func() (any, *apiError) {
		defer c.pool.mu.Unlock()
		return handle()
	}()
	for _, f := range c.deferred {
		f()
	}
	return response, err
}

// operations are the operations that the pool serves.
var operations = map[string]operation{
	"SignUp":                 serve(signUp),
	"ConfirmSignUp":          serve(confirmSignUp),
	"ResendConfirmationCode": serve(resendConfirmationCode),
	"InitiateAuth":           serve(initiateAuth),
}

// client returns the app client that a request names.
func (c *call) client(id string) (*appClient, *apiError) {
	client, ok := c.pool.clients[id]
	if !ok {
		return nil, resourceNotFound(fmt.Sprintf(msgClientNotFound, id))
	}
	return client, nil
}
