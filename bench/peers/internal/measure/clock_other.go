//go:build !unix

package measure

import (
	"errors"
	"time"
)

// ProcessorTime returns a clock that runs only while this process does. There
// is none on this system.
func ProcessorTime() (clock func() time.Duration, err error) {
	return nil, errors.ErrUnsupported
}
