package srp

import (
	"fmt"
	"time"
)

// timestampLayout is the form of TIMESTAMP. The service refuses a day of the
// month with a leading zero.
const timestampLayout = "Mon Jan 2 15:04:05 UTC 2006"

// FormatTimestamp returns t as Cognito wants it in the TIMESTAMP of a proof: in
// English, in UTC, to the second, the day of the month without a leading zero.
func FormatTimestamp(t time.Time) string { return t.UTC().Format(timestampLayout) }

// ParseTimestamp reads what [FormatTimestamp] writes and nothing else: a day of
// the month with a leading zero or a weekday that does not fit the date is
// [ErrMalformed], as the service refuses them too.
func ParseTimestamp(s string) (time.Time, error) {
	t, err := time.Parse(timestampLayout, s)
	if err != nil || FormatTimestamp(t) != s {
		return time.Time{}, fmt.Errorf("%w: the timestamp", ErrMalformed)
	}
	return t, nil
}
