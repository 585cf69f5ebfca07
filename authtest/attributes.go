package authtest

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
)

// standardAttributes are the attributes of every pool that users may have
// besides sub and the verified flags.
var standardAttributes = []string{
	"address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name",
	"nickname", "phone_number", "picture", "preferred_username", "profile", "updated_at", "website", "zoneinfo",
}

// contacts are the attributes that messages are sent to.
var contacts = []string{attrEmail, attrPhone}

var (
	phonePattern     = regexp.MustCompile(`\A\+[0-9]{1,31}\z`)
	birthdatePattern = regexp.MustCompile(`\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z`)
	numberPattern    = regexp.MustCompile(`\A[0-9]+\z`)
)

// isEmail reports whether s looks like an e-mail address, the way the service
// tells one from a username.
func isEmail(s string) bool {
	if strings.ContainsAny(s, " \t\r\n<>") {
		return false
	}
	address, err := mail.ParseAddress(s)
	return err == nil && address.Address == s
}

func isPhone(s string) bool { return phonePattern.MatchString(s) }

// inSchema reports whether the pool has the attribute.
func (p *Pool) inSchema(name string) bool {
	return name != attrIdentities && p.attribute(name) != nil
}

func isVerifiedFlag(name string) bool {
	return name == attrEmail+verifiedSuffix || name == attrPhone+verifiedSuffix
}

// checkSchema checks that attributes exist and have values that the pool
// takes.
func (p *Pool) checkSchema(attributes []attribute) *apiError {
	var problems []string
	for _, a := range attributes {
		if !p.inSchema(a.Name) && a.Name != attrSub {
			problems = append(problems, fmt.Sprintf(msgSchemaUnknown, a.Name))
		}
	}
	if len(problems) > 0 {
		return invalidParameter(msgSchema + strings.Join(problems, " "))
	}
	for _, a := range attributes {
		switch {
		case a.Value == "":
		case a.Name == attrPhone && !isPhone(a.Value):
			return invalidParameter(msgPhoneFormat)
		case a.Name == attrEmail && !isEmail(a.Value):
			return invalidParameter(msgEmailFormat)
		case a.Name == "birthdate" && !birthdatePattern.MatchString(a.Value):
			return invalidParameter(msgSchema + msgBirthdate)
		case a.Name == "updated_at" && !numberPattern.MatchString(a.Value):
			return invalidParameter(msgSchema + msgUpdatedAt)
		case isVerifiedFlag(a.Name) && a.Value != "true" && a.Value != "false":
			return invalidParameter(fmt.Sprintf(msgSchema+msgAttributeType, a.Name))
		}
		if err := p.checkConstraints(a); err != nil {
			return err
		}
	}
	return nil
}

// checkWritable checks that a client may write the attributes. The verified
// flags are nobody's to write but an administrator's. (Inferred: it has also
// been reported that a user's attempt succeeds and changes nothing.)
func (c *appClient) checkWritable(attributes []attribute) *apiError {
	for _, a := range attributes {
		switch {
		case a.Name == attrSub || isVerifiedFlag(a.Name):
			return invalidParameter(fmt.Sprintf(msgAttributeNotSettable, a.Name))
		case !c.writes(a.Name):
			return notAuthorized(msgUnauthorizedAttr)
		}
	}
	return nil
}

// checkRequired checks that every required attribute has a value.
func (p *Pool) checkRequired(values map[string]string) *apiError {
	var problems []string
	for _, name := range p.cfg.RequiredAttributes {
		if values[name] == "" {
			problems = append(problems, fmt.Sprintf(msgSchemaRequired, name))
		}
	}
	if len(problems) > 0 {
		return invalidParameter(msgSchema + strings.Join(problems, " "))
	}
	return nil
}

// attributeMap returns attributes as a map, without the empty ones.
func attributeMap(attributes []attribute) map[string]string {
	values := make(map[string]string, len(attributes))
	for _, a := range attributes {
		if a.Value != "" {
			values[a.Name] = a.Value
		} else {
			delete(values, a.Name)
		}
	}
	return values
}
