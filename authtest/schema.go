package authtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cognitokit/auth/internal/wire"
)

// A schemaAttribute is an attribute of a pool's schema as it is on the wire.
// In requests custom attributes have no prefix, in descriptions they do.
type schemaAttribute struct {
	Name                       string             `aws:"Name,CustomAttributeName"`
	AttributeDataType          string             `aws:"AttributeDataType,AttributeDataType"`
	DeveloperOnlyAttribute     bool               `aws:"DeveloperOnlyAttribute"`
	Mutable                    *bool              `aws:"Mutable"`
	Required                   bool               `aws:"Required"`
	NumberAttributeConstraints *numberConstraints `aws:"NumberAttributeConstraints" json:",omitempty"`
	StringAttributeConstraints *stringConstraints `aws:"StringAttributeConstraints" json:",omitempty"`
}

type numberConstraints struct {
	MinValue string `aws:"MinValue" json:",omitempty"`
	MaxValue string `aws:"MaxValue" json:",omitempty"`
}

type stringConstraints struct {
	MinLength string `aws:"MinLength" json:",omitempty"`
	MaxLength string `aws:"MaxLength" json:",omitempty"`
}

const (
	typeString   = "String"
	typeNumber   = "Number"
	typeDateTime = "DateTime"
	typeBoolean  = "Boolean"
)

// maxCustomAttributes bounds the custom attributes of a pool.
const maxCustomAttributes = 50

const developerPrefix = "dev:"

// standardSchema returns the attributes that every pool has, in the order in
// which the service describes them.
func standardSchema() []schemaAttribute {
	names := []string{
		attrSub, "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
		"website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number", "phone_number_verified",
		"address", "updated_at", attrIdentities,
	}
	schema := make([]schemaAttribute, 0, len(names))
	for _, name := range names {
		a := schemaAttribute{Name: name, AttributeDataType: typeString, Mutable: new(name != attrSub), Required: name == attrSub}
		switch name {
		case attrSub:
			a.StringAttributeConstraints = &stringConstraints{MinLength: "1", MaxLength: "2048"}
		case "birthdate":
			a.StringAttributeConstraints = &stringConstraints{MinLength: "10", MaxLength: "10"}
		case "email_verified", "phone_number_verified":
			a.AttributeDataType = typeBoolean
		case "updated_at":
			a.AttributeDataType = typeNumber
			a.NumberAttributeConstraints = &numberConstraints{MinValue: "0"}
		case attrIdentities:
			a.StringAttributeConstraints = &stringConstraints{}
		default:
			a.StringAttributeConstraints = &stringConstraints{MinLength: "0", MaxLength: "2048"}
		}
		schema = append(schema, a)
	}
	return schema
}

// newSchema returns the schema of a pool that a configuration describes.
func newSchema(cfg Config) []schemaAttribute {
	schema := standardSchema()
	for i := range schema {
		schema[i].Required = schema[i].Required || slices.Contains(cfg.RequiredAttributes, schema[i].Name)
	}
	for _, name := range cfg.CustomAttributes {
		schema = append(schema, schemaAttribute{
			Name: name, AttributeDataType: typeString, Mutable: new(true), StringAttributeConstraints: &stringConstraints{},
		})
	}
	return schema
}

// changeSchema applies the Schema of a request to create a pool: standard
// attributes become required, immutable or bounded, all others are new.
func changeSchema(schema, changes []schemaAttribute) ([]schemaAttribute, *apiError) {
	var custom []schemaAttribute
	for _, change := range changes {
		i := slices.IndexFunc(schema, func(a schemaAttribute) bool { return a.Name == change.Name })
		if i < 0 {
			custom = append(custom, change)
			continue
		}
		standard := &schema[i]
		if change.AttributeDataType != "" && change.AttributeDataType != standard.AttributeDataType || change.DeveloperOnlyAttribute {
			return nil, invalidParameter(fmt.Sprintf(msgSchemaStandard, change.Name))
		}
		if err := change.check(); err != nil {
			return nil, err
		}
		standard.Required = standard.Required || change.Required
		if change.Mutable != nil {
			standard.Mutable = change.Mutable
		}
		if change.StringAttributeConstraints != nil {
			standard.StringAttributeConstraints = change.StringAttributeConstraints
		}
		if change.NumberAttributeConstraints != nil {
			standard.NumberAttributeConstraints = change.NumberAttributeConstraints
		}
	}
	return addCustom(schema, custom)
}

// addCustom adds custom attributes. Those that do not say so cannot be changed
// once they have a value.
func addCustom(schema, custom []schemaAttribute) ([]schemaAttribute, *apiError) {
	for _, a := range custom {
		a.Name = customPrefix + strings.TrimPrefix(a.Name, customPrefix)
		if a.DeveloperOnlyAttribute {
			a.Name = developerPrefix + a.Name
		}
		if a.Mutable == nil {
			a.Mutable = new(false)
		}
		switch {
		case a.AttributeDataType == "":
			return nil, invalidParameter(msgSchemaType)
		case a.Required:
			return nil, invalidParameter(msgSchemaRequiredCustom)
		case slices.ContainsFunc(schema, func(other schemaAttribute) bool { return other.Name == a.Name }):
			return nil, invalidParameter(fmt.Sprintf(msgSchemaTwice, a.Name))
		case len(schema) >= len(standardSchema())+maxCustomAttributes:
			return nil, fail(wire.ExceptionLimitExceeded, msgSchemaLimit)
		}
		if err := a.check(); err != nil {
			return nil, err
		}
		if a.AttributeDataType == typeString && a.StringAttributeConstraints == nil {
			a.StringAttributeConstraints = &stringConstraints{}
		}
		if a.AttributeDataType == typeNumber && a.NumberAttributeConstraints == nil {
			a.NumberAttributeConstraints = &numberConstraints{}
		}
		schema = append(schema, a)
	}
	return schema, nil
}

// check checks the constraints of an attribute.
func (a schemaAttribute) check() *apiError {
	bounds := func(low, high string, most int64) *apiError {
		from, ok := parseBound(low, 0)
		to, ok2 := parseBound(high, most)
		if !ok || !ok2 || from > to {
			return invalidParameter(fmt.Sprintf(msgSchemaConstraints, a.Name))
		}
		if to > most {
			return invalidParameter(fmt.Sprintf(msgSchemaTooLong, a.Name))
		}
		return nil
	}
	if c := a.StringAttributeConstraints; c != nil {
		if err := bounds(c.MinLength, c.MaxLength, 2048); err != nil {
			return err
		}
	}
	if c := a.NumberAttributeConstraints; c != nil {
		const most = 1 << 53
		return bounds(c.MinValue, c.MaxValue, most)
	}
	return nil
}

func parseBound(text string, otherwise int64) (int64, bool) {
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// allows reports whether the attribute can have a value.
func (a schemaAttribute) allows(value string) bool {
	switch a.AttributeDataType {
	case typeNumber:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || a.NumberAttributeConstraints == nil {
			return err == nil
		}
		low, _ := parseBound(a.NumberAttributeConstraints.MinValue, n)
		high, _ := parseBound(a.NumberAttributeConstraints.MaxValue, n)
		return low <= n && n <= high
	case typeBoolean:
		return value == "true" || value == "false"
	case typeDateTime:
		_, err := time.Parse(time.RFC3339, value)
		return err == nil
	default:
		if a.StringAttributeConstraints == nil {
			return true
		}
		n := int64(utf8.RuneCountInString(value))
		low, _ := parseBound(a.StringAttributeConstraints.MinLength, n)
		high, _ := parseBound(a.StringAttributeConstraints.MaxLength, n)
		return low <= n && n <= high
	}
}

// attribute returns an attribute of the schema, nil if there is no such.
func (p *Pool) attribute(name string) *schemaAttribute {
	i := slices.IndexFunc(p.schema, func(a schemaAttribute) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return &p.schema[i]
}

// mutable reports whether the attribute of users can be changed after they
// have been created.
func (p *Pool) mutable(name string) bool {
	a := p.attribute(name)
	return a == nil || *a.Mutable
}

// checkConstraints checks a value by the type and the bounds of its attribute.
func (p *Pool) checkConstraints(given attribute) *apiError {
	if given.Value == "" {
		return nil
	}
	if a := p.attribute(given.Name); a != nil && !a.allows(given.Value) {
		return invalidParameter(msgSchema + fmt.Sprintf(msgSchemaValue, a.Name, a.AttributeDataType))
	}
	return nil
}

type addCustomAttributesRequest struct {
	UserPoolID       string            `aws:"UserPoolId,UserPoolId,required"`
	CustomAttributes []schemaAttribute `aws:"CustomAttributes,CustomAttributes,required"`
}

func addCustomAttributes(c *call, r *addCustomAttributesRequest) (*empty, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	schema, err := addCustom(slices.Clone(c.pool.schema), r.CustomAttributes)
	if err != nil {
		return nil, err
	}
	c.pool.schema, c.pool.modified = schema, c.now
	return &empty{}, nil
}
