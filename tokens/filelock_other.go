//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package tokens

import (
	"errors"
	"os"
)

// tryLock fails: without a lock that dies with its process, the comparison of
// revisions could not be trusted.
func tryLock(*os.File) (bool, error) { return false, errors.ErrUnsupported }
