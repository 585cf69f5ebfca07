package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// report is everything that was measured, and under what circumstances.
type report struct {
	Go         string            `json:"go"`
	System     string            `json:"system"`
	Processors int               `json:"processors"`
	Peers      map[string]string `json:"peers"`
	Rounds     int               `json:"rounds"`
	Slice      string            `json:"slice"`
	CPU        bool              `json:"cpu,omitempty"`
	Calls      int               `json:"calls"`
	Blocks     int               `json:"blocks"`
	Seed       uint64            `json:"seed"`
	Rows       []row             `json:"rows"`
	Notes      []string          `json:"notes,omitempty"`
}

// isPeer reports whether a module's version belongs in a report.
func isPeer(path string) bool {
	return slices.Contains([]string{
		"github.com/alexrudd/cognito-srp/v4",
		"github.com/MicahParks/keyfunc/v3",
		"github.com/golang-jwt/jwt/v5",
		"github.com/coreos/go-oidc/v3",
		"github.com/lestrrat-go/jwx/v3",
		"github.com/aws/aws-sdk-go-v2",
		"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider",
	}, path)
}

func newReport(s *suite, seed uint64) report {
	r := report{
		Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Processors: runtime.GOMAXPROCS(0),
		Peers: make(map[string]string), Rounds: s.rounds, Slice: s.slice.String(), CPU: s.cpu, Calls: s.calls, Blocks: s.blocks, Seed: seed,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if isPeer(m.Path) {
				r.Peers[m.Path] = m.Version
			}
		}
	}
	return r
}

func (r report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// writeTable writes the rows as a Markdown table that lines up.
func (r report) writeTable(w io.Writer) error {
	cells := [][]string{{"", "what", "against", "ratio", "p10–p90", "goal", "met", "ours", "theirs", "allocs"}}
	group := ""
	for _, row := range r.Rows {
		name := ""
		if row.Group != group {
			group, name = row.Group, row.Group
		}
		cells = append(cells, []string{
			name, row.What, row.Against, formatRatio(row.Ratio.Median),
			formatRatio(row.Ratio.P10) + "–" + formatRatio(row.Ratio.P90),
			row.goal(), row.verdict(), formatQuantity(row.Ours, row.Unit), formatQuantity(row.Theirs, row.Unit), row.allocs(),
		})
	}
	// Markdown wants three dashes below a heading.
	widths := slices.Repeat([]int{3}, len(cells[0]))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var text strings.Builder
	kind := "slices"
	if r.CPU {
		kind = "slices of processor time"
	}
	fmt.Fprintf(&text, "%s on %s with %d processors; %d rounds of %s %s, %d blocks of %d calls\n\n",
		r.Go, r.System, r.Processors, r.Rounds, r.Slice, kind, r.Blocks, r.Calls)
	for n, line := range cells {
		for i, cell := range line {
			text.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1))
		}
		text.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				text.WriteString("| " + strings.Repeat("-", width) + " ")
			}
			text.WriteString("|\n")
		}
	}
	for _, note := range r.Notes {
		text.WriteString("\n" + note + "\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// goal is the row's goal as the table shows it.
func (r row) goal() string {
	switch r.Goal {
	case 0:
		return ""
	case ahead:
		return "< 1"
	}
	return "≤ " + strconv.FormatFloat(r.Goal, 'f', -1, 64)
}

// verdict says whether the row reaches its goals.
func (r row) verdict() string {
	switch ok, hasGoal := r.met(); {
	case !hasGoal:
		return ""
	case ok:
		return "yes"
	default:
		return "no"
	}
}

// allocs are the row's allocations as the table shows them.
func (r row) allocs() string {
	if r.Allocs == nil {
		return ""
	}
	text := fmt.Sprintf("%d to %d", r.Allocs.Ours, r.Allocs.Theirs)
	if r.Allocs.Goal != nil {
		text += fmt.Sprintf(" (≤ %d)", *r.Allocs.Goal)
	}
	return text
}

// formatRatio shows three digits or four.
func formatRatio(x float64) string {
	switch {
	case x < 0.1:
		return strconv.FormatFloat(x, 'f', 4, 64)
	case x < 10:
		return strconv.FormatFloat(x, 'f', 3, 64)
	default:
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
}

// formatQuantity shows three digits and a prefix that suits the size.
func formatQuantity(x float64, unit string) string {
	prefix := ""
	switch {
	case x >= 1e6:
		x, prefix = x/1e6, "M"
	case x >= 1e3:
		x, prefix = x/1e3, "k"
	case x >= 1 || x == 0:
	case x >= 1e-3:
		x, prefix = x*1e3, "m"
	case x >= 1e-6:
		x, prefix = x*1e6, "µ"
	default:
		x, prefix = x*1e9, "n"
	}
	digits := 2
	if x >= 100 {
		digits = 0
	} else if x >= 10 {
		digits = 1
	}
	return strconv.FormatFloat(x, 'f', digits, 64) + " " + prefix + unit
}
