package authtest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Columns of a file of users that are not attributes.
const (
	columnUsername   = "cognito:username"
	columnMFAEnabled = "cognito:mfa_enabled"
)

// Limits of a file, as documented.
const (
	maxImportRows      = 500_000
	maxImportRowLength = 16_000 // in characters
)

// csvColumns are the columns of a file of users for import.
func (p *Pool) csvColumns() []string {
	var columns []string
	for _, a := range p.schema {
		if a.Name != attrSub && a.Name != attrIdentities && !strings.HasPrefix(a.Name, developerPrefix) {
			columns = append(columns, a.Name)
		}
	}
	return append(columns, columnMFAEnabled, columnUsername)
}

var errImportFile = errors.New("the file cannot be parsed")

// An importFile is a file of users that is being read.
type importFile struct {
	text    []byte
	rows    *csv.Reader
	columns []string // as they are in the file, in any order
}

// readImport reads the header of a file, which must have all columns and no
// others. The text is UTF-8 without a byte order mark.
func readImport(text []byte, columns []string) (*importFile, error) {
	if !utf8.Valid(text) || bytes.Count(text, []byte("\n")) > maxImportRows+1 {
		return nil, errImportFile
	}
	f := &importFile{text: text, rows: csv.NewReader(bytes.NewReader(text))}
	f.rows.FieldsPerRecord, f.rows.ReuseRecord = -1, true // a row can be wrong without the others being so
	header, err := f.rows.Read()
	if err != nil || len(header) != len(columns) {
		return nil, errImportFile
	}
	for _, name := range header {
		f.columns = append(f.columns, strings.TrimSpace(name))
	}
	if !slices.Equal(slices.Sorted(slices.Values(f.columns)), slices.Sorted(slices.Values(columns))) {
		return nil, errImportFile
	}
	return f, nil
}

// next returns the values of the next row, nil for a row that is none. After
// the last one the error is io.EOF. The service documents that values are not
// quoted and that a backslash stands before their commas; quotation marks as in
// other CSV files are understood too.
func (f *importFile) next() ([]string, error) {
	from := f.rows.InputOffset()
	values, err := f.rows.Read()
	if err == io.EOF {
		return nil, io.EOF
	}
	if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
		if wrong.Line > wrong.StartLine { // a quotation that does not end has taken the rest of the file
			return nil, errImportFile
		}
		return nil, nil
	}
	if utf8.RuneCount(f.text[from:f.rows.InputOffset()]) > maxImportRowLength {
		return nil, nil
	}
	if values = joinEscaped(values); len(values) != len(f.columns) {
		return nil, nil
	}
	for i, value := range values {
		values[i] = strings.TrimSpace(value)
	}
	return values, nil
}

// joinEscaped puts values together that were cut at a comma with a backslash
// before it.
func joinEscaped(values []string) []string {
	joined := values[:0]
	for i := 0; i < len(values); i++ {
		value := values[i]
		for i+1 < len(values) && strings.HasSuffix(value, `\`) {
			i++
			value = strings.TrimSuffix(value, `\`) + "," + values[i]
		}
		joined = append(joined, value)
	}
	return joined
}

// runImport puts the users of a job's file into the pool. Rows that are wrong
// are counted and left out, and so are users who exist. The job itself fails if
// the file cannot be read, and if more users were left out than came in: the
// service has been seen to say so of files with none of one, none of five and
// 14 of 46 (where it draws the line is inferred).
func (c *call) runImport(j *importJob) {
	file, err := readImport(j.file, c.pool.csvColumns())
	var values []string
	for err == nil {
		if values, err = file.next(); err != nil {
			break
		}
		switch c.importUser(file.columns, values) {
		case rowImported:
			j.imported++
		case rowSkipped:
			j.skipped++
		case rowFailed:
			j.failed++
		}
	}
	switch {
	case !errors.Is(err, io.EOF):
		j.end(importFailed, c.now, msgImportFile)
	case j.failed+j.skipped > j.imported:
		j.end(importFailed, c.now, msgImportTooMany)
	default:
		j.end(importSucceeded, c.now, msgImportSucceeded)
	}
}

type rowOutcome int

const (
	rowImported rowOutcome = iota
	rowSkipped             // the user exists
	rowFailed
)

// importUser makes a user of a row. No function is run and no message is sent;
// the user has no password and has to reset it.
func (c *call) importUser(columns, values []string) rowOutcome {
	if values == nil {
		return rowFailed
	}
	var username, mfa string
	attributes := make([]attribute, 0, len(columns))
	for i, name := range columns {
		value, ok := values[i], true
		switch {
		case name == columnUsername:
			username = value
			continue
		case name == columnMFAEnabled:
			mfa = strings.ToLower(value)
			continue
		case isVerifiedFlag(name):
			value = strings.ToLower(value)
		case name == "birthdate" && value != "":
			value, ok = importedBirthdate(value)
		}
		if !ok || len(shapes()["AttributeValue"].violations("", value)) > 0 {
			return rowFailed
		}
		attributes = append(attributes, attribute{name, value})
	}
	if len(shapes()["Username"].violations("", username)) > 0 || !c.pool.takesMFAFlag(mfa) {
		return rowFailed
	}
	u, err := c.newUser(username, attributes)
	if err != nil || c.pool.checkRequired(u.attributes) != nil || !c.canResetLater(u) {
		return rowFailed
	}
	if c.checkNew(u, false) != nil || c.pool.users.taken(u, attrPreferredUsername, u.attributes[attrPreferredUsername]) != nil {
		return rowSkipped
	}
	u.status = StatusResetRequired
	if mfa == "true" && c.pool.offers(MFAFactorSMS) && u.canUse(MFAFactorSMS) {
		u.mfa.enable(MFAFactorSMS) // the one factor that needs no setting up (inferred)
	}
	c.pool.users.add(u)
	return rowImported
}

// importedBirthdate turns a date as files have it, month first, into one as
// users have it (that the service does so is inferred).
func importedBirthdate(value string) (string, bool) {
	t, err := time.Parse("01/02/2006", value)
	return t.Format(time.DateOnly), err == nil
}

// takesMFAFlag reports whether users can have a value of cognito:mfa_enabled.
func (p *Pool) takesMFAFlag(value string) bool {
	switch p.cfg.MFA {
	case MFAOff:
		return value == "false"
	case MFARequired:
		return value == "true"
	default:
		return value == "true" || value == "false"
	}
}

// canResetLater reports whether a user has a verified contact of a kind that
// the pool verifies, and no flag for one that is missing.
func (c *call) canResetLater(u *user) bool {
	for _, name := range contacts {
		if u.verified(name) && u.attributes[name] == "" {
			return false
		}
	}
	return slices.ContainsFunc(c.pool.cfg.AutoVerifiedAttributes, u.verifiedContact)
}
