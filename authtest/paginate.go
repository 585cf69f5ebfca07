package authtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// paginate cuts a page out of a list that is sorted by key. The page begins
// after the item that token names, which need not be there any more. what says
// which list it is: a token of another one is not taken. A limit of zero is
// the most that any list gives at once.
func paginate[T any](c *call, what, token string, limit int, items []T, key func(T) string) (page []T, next string, err *apiError) {
	if limit == 0 {
		limit = maxPage
	}
	if token != "" {
		last, ok := c.pool.openPageToken(what, token)
		if !ok {
			return nil, "", invalidParameter(msgPaginationToken)
		}
		start, found := slices.BinarySearchFunc(items, last, func(item T, last string) int { return strings.Compare(key(item), last) })
		if found {
			start++
		}
		items = items[start:]
	}
	if len(items) <= limit {
		return items, "", nil
	}
	items = items[:limit]
	return items, c.pool.pageToken(what, key(items[limit-1])), nil
}

const maxPage = 60

// A page token is MAC ‖ key, so that clients can neither make one nor take it
// to another list.
func (p *Pool) pageToken(what, key string) string {
	return base64.RawURLEncoding.EncodeToString(append(p.pageMAC(what, key), key...))
}

func (p *Pool) openPageToken(what, token string) (key string, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < sha256.Size {
		return "", false
	}
	key = string(b[sha256.Size:])
	return key, hmac.Equal(b[:sha256.Size], p.pageMAC(what, key))
}

func (p *Pool) pageMAC(what, key string) []byte {
	return p.mac(fmt.Sprintf("page %q %q", what, key))
}

// itself is the key of items that are their own.
func itself(key string) string { return key }
