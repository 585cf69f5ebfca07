package tokens

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"unsafe"
)

// Flags and the error of LockFileEx.
const (
	lockfileFailImmediately = 1
	lockfileExclusiveLock   = 2
	lockViolation           = 33
)

var lockFileEx = sync.OnceValue(func() *syscall.LazyProc {
	return syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")
})

// tryLock takes an exclusive lock on an open file, unless another open file
// has it. The lock lasts until the file is closed.
func tryLock(f *os.File) (bool, error) {
	var overlapped syscall.Overlapped
	ok, _, err := lockFileEx().Call(f.Fd(), lockfileExclusiveLock|lockfileFailImmediately, 0, 1, 0,
		uintptr(unsafe.Pointer(&overlapped))) //nolint:gosec // the call takes an address
	switch {
	case ok != 0:
		return true, nil
	case errors.Is(err, syscall.Errno(lockViolation)), errors.Is(err, syscall.ERROR_IO_PENDING):
		return false, nil
	default:
		return false, err
	}
}
