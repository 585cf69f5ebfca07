package srp_test

import (
	"errors"
	"testing"
	"time"

	"github.com/cognitokit/auth/srp"
)

// Behavior 15: the second of April is "Apr 2".
func TestTimestamps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		at   time.Time
		want string
	}{
		{time.Date(2024, time.April, 2, 3, 4, 5, 0, time.UTC), "Tue Apr 2 03:04:05 UTC 2024"},
		{time.Date(2024, time.April, 22, 0, 0, 0, 0, time.UTC), "Mon Apr 22 00:00:00 UTC 2024"},
		{time.Date(2024, time.April, 2, 15, 59, 59, 999_999_999, time.UTC), "Tue Apr 2 15:59:59 UTC 2024"},
		{time.Date(2023, time.December, 31, 23, 59, 59, 0, time.UTC), "Sun Dec 31 23:59:59 UTC 2023"},
		{time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC), "Thu Feb 29 12:00:00 UTC 2024"},
		{time.Date(2025, time.January, 1, 1, 5, 3, 0, time.FixedZone("far east", 9*3600)), "Tue Dec 31 16:05:03 UTC 2024"},
		{time.Date(2024, time.December, 31, 20, 0, 0, 0, time.FixedZone("far west", -5*3600)), "Wed Jan 1 01:00:00 UTC 2025"},
		{time.Time{}, "Mon Jan 1 00:00:00 UTC 0001"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			if got := srp.FormatTimestamp(tt.at); got != tt.want {
				t.Errorf("FormatTimestamp(%v) = %q, want %q", tt.at, got, tt.want)
			}
			got, err := srp.ParseTimestamp(tt.want)
			if want := tt.at.Truncate(time.Second); err != nil || !got.Equal(want) || got.Location() != time.UTC {
				t.Errorf("ParseTimestamp(%q) = %v, %v, want %v", tt.want, got, err, want)
			}
		})
	}
}

func TestParseTimestampRefuses(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]string{
		"empty":                    "",
		"day with a leading zero":  "Tue Apr 02 03:04:05 UTC 2024",
		"day with a leading space": "Tue Apr  2 03:04:05 UTC 2024",
		"weekday of another date":  "Mon Apr 2 03:04:05 UTC 2024",
		"date that does not exist": "Sat Feb 30 03:04:05 UTC 2024",
		"hour in one digit":        "Tue Apr 2 3:04:05 UTC 2024",
		"hour 24":                  "Tue Apr 2 24:04:05 UTC 2024",
		"leap second":              "Tue Apr 2 23:59:60 UTC 2024",
		"fraction":                 "Tue Apr 2 03:04:05.5 UTC 2024",
		"another zone":             "Tue Apr 2 03:04:05 GMT 2024",
		"no zone":                  "Tue Apr 2 03:04:05 2024",
		"lower case":               "tue apr 2 03:04:05 UTC 2024",
		"long names":               "Tuesday April 2 03:04:05 UTC 2024",
		"another language":         "Di Apr 2 03:04:05 UTC 2024",
		"year in two digits":       "Tue Apr 2 03:04:05 UTC 24",
		"space at the end":         "Tue Apr 2 03:04:05 UTC 2024 ",
		"RFC 3339":                 "2024-04-02T03:04:05Z",
	} {
		if got, err := srp.ParseTimestamp(s); !errors.Is(err, srp.ErrMalformed) || !got.IsZero() {
			t.Errorf("%s: ParseTimestamp(%q) = %v, %v", name, s, got, err)
		}
	}
}
