//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package tokens

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes an exclusive lock on an open file, unless another open file
// has it. The lock lasts until the file is closed.
func tryLock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, err
		}
	}
}
