package authtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// A lineNode is a JSON value that knows the line it is on.
type lineNode struct {
	line    int
	value   any          // a string, a json.Number, a bool or nil; nil for objects and arrays too
	kind    string       // what messages call it
	members []lineMember // of an object, in their order
	items   []*lineNode  // of an array
}

type lineMember struct {
	name string
	line int
	node *lineNode
}

// Kinds of JSON values.
const (
	jsonObject = "an object"
	jsonArray  = "a list"
	jsonString = "a text"
	jsonNumber = "a number"
	jsonBool   = "true or false"
	jsonNull   = "null"
)

// maxDepth bounds how deeply JSON may be nested.
const maxDepth = 32

// parseLines parses JSON.
func parseLines(text []byte) (*lineNode, *SeedError) {
	p := &lineParser{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	p.decoder.UseNumber()
	if !utf8.Valid(text) {
		at := bytes.IndexFunc(text, func(r rune) bool { return r == utf8.RuneError })
		return nil, &SeedError{Line: 1 + bytes.Count(text[:max(at, 0)], []byte("\n")), Message: "it is not UTF-8"}
	}
	node, err := p.node(0)
	if err == nil && len(bytes.TrimSpace(text[p.decoder.InputOffset():])) > 0 {
		p.skip()
		err = errors.New("there is something behind the end")
	}
	if err != nil {
		return nil, &SeedError{Line: p.line, Message: err.Error()}
	}
	return node, nil
}

// A lineParser reads tokens and counts lines.
type lineParser struct {
	text    []byte
	decoder *json.Decoder
	offset  int // up to which lines have been counted
	line    int
}

// skip moves to the next token, and returns where that is.
func (p *lineParser) skip() int {
	next := int(p.decoder.InputOffset())
	next += len(p.text[next:]) - len(bytes.TrimLeft(p.text[next:], " \t\r\n,:"))
	if next > p.offset {
		p.line += bytes.Count(p.text[p.offset:next], []byte("\n"))
		p.offset = next
	}
	return next
}

// token reads the next token.
func (p *lineParser) token() (json.Token, error) {
	if p.skip() >= len(p.text) {
		return nil, errors.New("the file ends too early")
	}
	token, err := p.decoder.Token()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, syntax
	}
	if err != nil {
		return nil, errors.New("the file ends too early")
	}
	return token, nil
}

func (p *lineParser) node(depth int) (*lineNode, error) {
	if depth > maxDepth {
		return nil, errors.New("it is nested too deeply")
	}
	token, err := p.token()
	if err != nil {
		return nil, err
	}
	node := &lineNode{line: p.line, value: token}
	switch token := token.(type) {
	case json.Delim:
		node.value = nil
		if token == '[' {
			node.kind = jsonArray
			return node, p.items(node, depth)
		}
		node.kind = jsonObject
		return node, p.members(node, depth)
	case string:
		node.kind = jsonString
	case json.Number:
		node.kind = jsonNumber
	case bool:
		node.kind = jsonBool
	default:
		node.kind = jsonNull
	}
	return node, nil
}

func (p *lineParser) items(node *lineNode, depth int) error {
	for p.decoder.More() {
		item, err := p.node(depth + 1)
		if err != nil {
			return err
		}
		node.items = append(node.items, item)
	}
	_, err := p.token()
	return err
}

func (p *lineParser) members(node *lineNode, depth int) error {
	seen := make(map[string]bool)
	for p.decoder.More() {
		token, err := p.token()
		if err != nil {
			return err
		}
		member := lineMember{name: token.(string), line: p.line}
		if seen[member.name] {
			return fmt.Errorf("there is more than one %.100q in the object", member.name)
		}
		seen[member.name] = true
		if member.node, err = p.node(depth + 1); err != nil {
			return err
		}
		node.members = append(node.members, member)
	}
	_, err := p.token()
	return err
}
