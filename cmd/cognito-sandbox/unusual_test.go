package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestUnusualHTTP speaks to a sandbox as no HTTP library does, and as some do.
func TestUnusualHTTP(t *testing.T) {
	t.Parallel()
	p := launch(t, "-memory")
	const target = "X-Amz-Target: AWSCognitoIdentityProviderService.GetUser\r\n"
	const media = "Content-Type: application/x-amz-json-1.1\r\n"
	body := func(text string) string { return "Content-Length: " + strconv.Itoa(len(text)) + "\r\n\r\n" + text }
	chunked := "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
	const badParameter = "InvalidParameterException:"
	for _, tt := range []struct {
		name, sent string
		status     []int  // of the answers; none if the connection just ends
		errorType  string // of the first
	}{
		{"as usual", "POST / HTTP/1.1\r\nHost: x\r\n" + target + media + body("{}"), []int{400}, badParameter},
		{"two at once", strings.Repeat("POST / HTTP/1.1\r\nHost: x\r\n"+target+media+body("{}"), 2), []int{400, 400}, badParameter},
		{"HTTP/1.0", "POST / HTTP/1.0\r\n" + target + media + body("{}"), []int{400}, badParameter},
		{"lower case", "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: AWSCognitoIdentityProviderService.GetUser\r\ncontent-type: Application/X-Amz-Json-1.1; charset=UTF-8\r\n" + body("{}"), []int{400}, badParameter},
		{"in chunks", "POST / HTTP/1.1\r\nHost: x\r\n" + target + media + chunked, []int{400}, badParameter},
		{"no chunks", "POST / HTTP/1.1\r\nHost: x\r\n" + target + media + strings.Replace(chunked, "2", "ZZ", 1), nil, ""},
		{"a proxy's address", "POST http://localhost/?x=1 HTTP/1.1\r\nHost: x\r\n" + target + media + body("{}"), []int{400}, badParameter},
		{"other JSON", "POST / HTTP/1.1\r\nHost: x\r\n" + target + "Content-Type: application/json\r\n" + body("{}"), []int{400}, "UnknownOperationException:"},
		{"no target", "POST / HTTP/1.1\r\nHost: x\r\n" + media + body("{}"), []int{400}, "UnknownOperationException:"},
		{"no body", "POST / HTTP/1.1\r\nHost: x\r\n" + target + media + body(""), []int{400}, "SerializationException:"},
		{"half a body", "POST / HTTP/1.1\r\nHost: x\r\n" + target + media + strings.TrimSuffix(body("{}"), "}"), nil, ""},
		{"too much", "POST / HTTP/1.1\r\nHost: x\r\n" + target + media + body(strings.Repeat(" ", 300<<10)), []int{413}, "RequestEntityTooLargeException:"},
		{"too many headers", "POST / HTTP/1.1\r\nHost: x\r\n" + target + "X-Long: " + strings.Repeat("a", 100<<10) + "\r\n" + body("{}"), []int{431}, ""},
		{"another method", "BREW / HTTP/1.1\r\nHost: x\r\n" + body("{}"), []int{404}, ""},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{404}, ""},
		{"no HTTP", "\x00\x01\x02\r\n\r\n", []int{400}, ""},
		{"no escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}, ""},
		{"all there is", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", []int{200}, ""},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.endpoint, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		go func() {
			io.WriteString(conn, tt.sent)
			conn.(*net.TCPConn).CloseWrite()
		}()
		answers := bufio.NewReader(conn)
		for i, want := range tt.status {
			res, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				break
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if got := res.Header.Get("X-Amzn-Errortype"); res.StatusCode != want || i == 0 && got != tt.errorType {
				t.Errorf("%s: got status %d, %s", tt.name, res.StatusCode, got)
			}
		}
		if len(tt.status) == 0 {
			if rest, err := io.ReadAll(answers); len(rest) > 0 || err != nil {
				t.Errorf("%s: got %q, error %v", tt.name, rest, err)
			}
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}
