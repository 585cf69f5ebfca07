package authtest

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// logo is a picture in both types that logos can have.
func logo(t testing.TB) (asPNG, asJPEG []byte) {
	t.Helper()
	var p, j bytes.Buffer
	picture := image.NewGray(image.Rect(0, 0, 3, 2))
	if err := png.Encode(&p, picture); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, picture, nil); err != nil {
		t.Fatal(err)
	}
	return p.Bytes(), j.Bytes()
}

// ignoreMarkers leaves out what every structure of the AWS client has for
// itself.
func ignoreMarkers() cmp.Option {
	marker := func(p cmp.Path) bool {
		field, ok := p.Last().(cmp.StructField)
		return ok && field.Name() == "noSmithyDocumentSerde"
	}
	return cmp.FilterPath(marker, cmp.Ignore())
}

// classicPool returns a pool with a classic domain and two clients.
func classicPool(t testing.TB) (*Pool, *cip.Client) {
	t.Helper()
	p := hostedPool(t, Config{Clients: []AppClient{{ClientID: "client2", OAuth: &OAuth{CallbackURLs: []string{testCallback}}}}})
	client := sdk(p.Transport())
	must[cip.UpdateUserPoolDomainOutput](t)(client.UpdateUserPoolDomain(t.Context(), &cip.UpdateUserPoolDomainInput{
		UserPoolId: aws.String(p.PoolID()), Domain: aws.String("people"), ManagedLoginVersion: aws.Int32(1),
	}))
	return p, client
}

func TestUICustomization(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, client := classicPool(t)
		pool, first, second := aws.String(p.PoolID()), aws.String("client1"), aws.String("client2")
		asPNG, asJPEG := logo(t)
		get := func(clientID *string) *types.UICustomizationType {
			t.Helper()
			return must[cip.GetUICustomizationOutput](t)(client.GetUICustomization(t.Context(), &cip.GetUICustomizationInput{UserPoolId: pool, ClientId: clientID})).UICustomization
		}
		set := func(in cip.SetUICustomizationInput) *types.UICustomizationType {
			t.Helper()
			in.UserPoolId = pool
			return must[cip.SetUICustomizationOutput](t)(client.SetUICustomization(t.Context(), &in)).UICustomization
		}
		same := func(name string, want, got *types.UICustomizationType) {
			t.Helper()
			if diff := cmp.Diff(want, got, ignoreMarkers()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		none := &types.UICustomizationType{}
		same("nothing set", none, get(first))

		const css = "/* ours */\n.banner-customizable { background-color: rgb(1, 2, 3); }\n.submitButton-customizable:hover,.label-customizable{color:red;}"
		begin := time.Now().UTC()
		all := &types.UICustomizationType{
			UserPoolId: pool, ClientId: aws.String("ALL"), CSS: aws.String(css), CSSVersion: aws.String(begin.Format("20060102150405")), CreationDate: &begin, LastModifiedDate: &begin,
		}
		same("set for all", all, set(cip.SetUICustomizationInput{CSS: aws.String(css)}))
		same("of a client without its own", all, get(first))
		same("of all by name", all, get(aws.String("ALL")))

		time.Sleep(time.Minute)
		later := time.Now().UTC()
		own := &types.UICustomizationType{
			UserPoolId: pool, ClientId: first, CSSVersion: aws.String(later.Format("20060102150405")), CreationDate: &later, LastModifiedDate: &later,
			ImageUrl: aws.String("https://people.auth.eu-west-1.amazoncognito.com/managed-login/custom/client1/" + later.Format("20060102150405") + "/logo"),
		}
		same("of its own", own, set(cip.SetUICustomizationInput{ClientId: first, ImageFile: asPNG}))
		same("described", own, get(first))
		same("of another client", all, get(second))

		b := visit(t, p).open(pathLogin, asking()).on("Sign in", "")
		src := firstMatch(regexp.MustCompile(`<img class="logo-customizable" src="([^"]*)"`), b.page)
		if src == "" || strings.Contains(b.page, "/style.css\">\n<link") || strings.Count(b.page, "stylesheet") != 1 {
			t.Errorf("the page of client1:\n%s", b.page)
		}
		b.open(src, nil)
		if b.page != string(asPNG) || b.header.Get("Content-Type") != "image/png" || b.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("logo: got %d %v", b.status, b.header)
		}
		b.open(pathLogin, asking("client_id", "client2"))
		href := firstMatch(regexp.MustCompile(`<link rel="stylesheet" href="(/managed-login/custom/[^"]*)"`), b.page)
		if href == "" || strings.Contains(b.page, "<img") || !strings.Contains(b.page, `<div class="banner-customizable"></div>`) || strings.Contains(b.page, "rgb(1, 2, 3)") {
			t.Errorf("the page of client2:\n%s", b.page)
		}
		b.open(href, nil)
		if b.page != css || b.header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(b.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("style: got %d %v\n%s", b.status, b.header, b.page)
		}
		b.open(pathError, nil) // of no client
		if !strings.Contains(b.page, href) {
			t.Errorf("the page of errors:\n%s", b.page)
		}
		for _, path := range []string{
			strings.Replace(href, "style.css", "logo", 1), strings.Replace(src, "logo", "style.css", 1), strings.Replace(href, "/2", "/3", 1),
			strings.Replace(href, "ALL", "client2", 1), strings.Replace(href, "ALL", "client9", 1), "/managed-login/custom/", "/managed-login/custom/ALL",
		} {
			if b.open(path, nil); b.status != http.StatusNotFound {
				t.Errorf("%s: got status %d", path, b.status)
			}
		}

		time.Sleep(time.Minute)
		both := set(cip.SetUICustomizationInput{ClientId: first, CSS: aws.String(".label-customizable{}"), ImageFile: asJPEG})
		if !both.CreationDate.Equal(later) || !both.LastModifiedDate.Equal(time.Now()) || both.ImageUrl == nil {
			t.Errorf("set again: got %+v", both)
		}
		b.open((strings.TrimPrefix(*both.ImageUrl, p.DomainURL())), nil)
		if b.page != string(asJPEG) || b.header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("logo: got %d %v", b.status, b.header)
		}
		must[cip.UpdateUserPoolClientOutput](t)(client.UpdateUserPoolClient(t.Context(), &cip.UpdateUserPoolClientInput{UserPoolId: pool, ClientId: first, ClientName: aws.String("renamed")}))
		same("after an update of the client", both, get(first))
		same("taken away", none, set(cip.SetUICustomizationInput{ClientId: first}))
		same("that of all", all, get(first))
	})
}

// TestUICustomizationOfManagedLogin checks that only classic pages have it.
func TestUICustomizationOfManagedLogin(t *testing.T) {
	t.Parallel()
	p, client := classicPool(t)
	pool := aws.String(p.PoolID())
	must[cip.SetUICustomizationOutput](t)(client.SetUICustomization(t.Context(), &cip.SetUICustomizationInput{UserPoolId: pool, CSS: aws.String(".label-customizable{color:red}")}))
	version := func(n int32) {
		t.Helper()
		must[cip.UpdateUserPoolDomainOutput](t)(client.UpdateUserPoolDomain(t.Context(), &cip.UpdateUserPoolDomainInput{UserPoolId: pool, Domain: aws.String("people"), ManagedLoginVersion: &n}))
	}
	for n, want := range map[int32]bool{1: true, 2: false} {
		version(n)
		if got := strings.Contains(visit(t, p).open(pathLogin, asking()).page, "/managed-login/custom/ALL/"); got != want {
			t.Errorf("version %d: got %t", n, got)
		}
	}
}

func TestUICustomizationRefuses(t *testing.T) {
	t.Parallel()
	p, client := classicPool(t)
	asPNG, _ := logo(t)
	set := func(in cip.SetUICustomizationInput) error {
		in.UserPoolId = aws.String(p.PoolID())
		_, err := client.SetUICustomization(t.Context(), &in)
		return err
	}
	for css, message := range map[string]string{
		"body{}":                                    `Invalid CSS: "body" is not among the classes that can be customized`,
		".label-customizable, p{}":                  `Invalid CSS: "p" is not among the classes that can be customized`,
		".label-customizable p{}":                   `Invalid CSS: ".label-customizable p" is not among the classes that can be customized`,
		".label-customizable:hover{}":               `Invalid CSS: ".label-customizable:hover" is not among the classes that can be customized`,
		".label-customizable{} </style><script>x{}": `Invalid CSS: "</style><script>x" is not among the classes that can be customized`,
		"{}":                                    `Invalid CSS: "" is not among the classes that can be customized`,
		"@import 'https://evil.example/x.css';": msgCSSStatement,
		"@media print{.label-customizable{}}":   msgCSSStatement,
		".label-customizable{@page{}}":          msgCSSStatement,
		"color: red":                            msgCSSSyntax,
		".label-customizable{":                  msgCSSSyntax,
		".label-customizable{color:red;a{b:c}}": msgCSSSyntax,
		".label-customizable{}/*":               msgCSSSyntax,
		".label-customizable{color:red/*}":      msgCSSSyntax,
		".label-customizable{content:\"}":       msgCSSSyntax,
		".label-customizable{content:'\n'}":     msgCSSSyntax,
		`.label-customizable{c\6flor:red}`:      msgCSSSyntax,
		".label-customizable{a:url(/*)} *{} .label-customizable{a:url(*/)}": msgCSSSyntax,
		`.label-customizable{a:url(x")} *{} .label-customizable{a:url(")}`:  msgCSSSyntax,
		`.label-customizable{a:"/*"} *{} .label-customizable{a:"*/"}`:       `Invalid CSS: "*" is not among the classes that can be customized`,
		".label-customizable{a:url('javascript:alert(1)')}":                 msgCSSScript,
		".label-customizable{width:EXPRESSION(alert(1))}":                   msgCSSScript,
	} {
		refused(t, set(cip.SetUICustomizationInput{CSS: &css}), "InvalidParameterException", message)
	}
	refused(t, set(cip.SetUICustomizationInput{ImageFile: []byte("<svg onload=alert(1)>")}), "InvalidParameterException", msgLogoType)
	refused(t, set(cip.SetUICustomizationInput{ImageFile: append(asPNG, make([]byte, 131072)...)}), "InvalidParameterException",
		"1 validation error detected: Value at 'imageFile' failed to satisfy constraint: Member must have length less than or equal to 131072")
	refused(t, set(cip.SetUICustomizationInput{ClientId: aws.String("client9")}), "ResourceNotFoundException", "User pool client client9 does not exist.")
	if got := must[cip.GetUICustomizationOutput](t)(client.GetUICustomization(t.Context(), &cip.GetUICustomizationInput{UserPoolId: aws.String(p.PoolID())})).UICustomization; got.CSS != nil {
		t.Errorf("something was set: %+v", got)
	}
	admin := &http.Client{Transport: withSignature{p.Transport()}}
	for _, image := range []string{`"%%%"`, `"YQ"`, `5`, `{}`} {
		if a := postTo(t, admin, "SetUICustomization", `{"UserPoolId":"`+p.PoolID()+`","ImageFile":`+image+`}`); a.code() != "SerializationException" {
			t.Errorf("image %s: got %s", image, a.raw)
		}
	}

	homeless := newPool(t, Config{})
	client, p = sdk(homeless.Transport()), homeless
	const needed = "There has to be an existing domain associated with this user pool"
	refused(t, set(cip.SetUICustomizationInput{CSS: aws.String(".label-customizable{}")}), "InvalidParameterException", needed)
	_, err := client.GetUICustomization(t.Context(), &cip.GetUICustomizationInput{UserPoolId: aws.String(homeless.PoolID())})
	refused(t, err, "InvalidParameterException", needed)
}

// TestAssetsByHead checks that what pages have is there for those who only ask.
func TestAssetsByHead(t *testing.T) {
	t.Parallel()
	p := hostedPool(t, Config{})
	for _, method := range []string{http.MethodHead, http.MethodPost} {
		r, err := http.NewRequestWithContext(t.Context(), method, p.DomainURL()+"/managed-login/style.css", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := p.HTTPClient().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if want := map[string]int{http.MethodHead: 200, http.MethodPost: 404}[method]; err != nil || res.StatusCode != want || method == http.MethodHead && len(body) > 0 {
			t.Errorf("%s: got %d, %d bytes, %v", method, res.StatusCode, len(body), err)
		}
	}
}

// FuzzCustomAsset asks for files that pages may have. Nothing but those that are
// there is found.
func FuzzCustomAsset(f *testing.F) {
	p, client := classicPool(f)
	asPNG, _ := logo(f)
	must[cip.SetUICustomizationOutput](f)(client.SetUICustomization(f.Context(), &cip.SetUICustomizationInput{
		UserPoolId: aws.String(p.PoolID()), CSS: aws.String(".label-customizable{}"), ImageFile: asPNG,
	}))
	base := p.uiCustomization.assets(allClients)
	for _, path := range []string{base + assetCSS, base + assetLogo, base, pathAssets + "custom/client1//style.css", pathAssets + "../hostedpages.go", pathAssets + "layout.html"} {
		f.Add(path)
	}
	there := map[string]string{
		base + assetCSS: "text/css; charset=utf-8", base + assetLogo: "image/png",
		pathAssets + "style.css": "text/css; charset=utf-8", pathAssets + "passkey.js": "text/javascript; charset=utf-8",
	}
	f.Fuzz(func(t *testing.T, path string) {
		if !strings.HasPrefix(path, pathAssets) {
			return
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://people.test/", http.NoBody)
		r.URL.Path = path
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		media, found := there[path]
		if found != (w.Code == http.StatusOK) || !found && w.Code != http.StatusNotFound || found && w.Header().Get("Content-Type") != media {
			t.Errorf("%q: got %d %v", path, w.Code, w.Header())
		}
	})
}

// FuzzCSS sets arbitrary styles. What is taken has rules for classes that can
// be customized, and nothing else, by the look of another reader.
func FuzzCSS(f *testing.F) {
	f.Add(".label-customizable { color: red } /* x */ .inputField-customizable:focus{content:'}'}")
	f.Add(`.label-customizable{a:url("x")}` + "\n" + `.label-customizable{a:"/*"} *{} .label-customizable{a:"*/"}`)
	f.Add(".label-customizable{a:-url(/*)} .label-customizable{c:\"*/ ) } body{x:y} .label-customizable{e:\"}")
	f.Add("@media x{}<!-- --> \\ \x00 url(")
	f.Fuzz(func(t *testing.T, css string) {
		if checkCSS(css) != nil {
			return
		}
		for _, selector := range selectorsOf(css) {
			if !regexp.MustCompile(`^\.[A-Za-z-]+-customizable(:hover|:focus)?$`).MatchString(selector) {
				t.Errorf("%q has a rule for %q", css, selector)
			}
		}
	})
}

// selectorsOf are what the rules of a style are for, read token by token as
// browsers do.
func selectorsOf(css string) []string {
	var found []string
	var current strings.Builder
	depth := 0
	for len(css) > 0 {
		skip := 1
		switch c := css[0]; {
		case strings.HasPrefix(css, "/*"):
			if skip = strings.Index(css[2:], "*/") + 4; skip < 4 {
				skip = len(css)
			}
		case c == '"' || c == '\'':
			for skip < len(css) && css[skip] != c && css[skip] != '\n' {
				skip++
			}
			skip = min(skip+1, len(css))
		case unquotedAddress.MatchString(css):
			if skip = strings.IndexByte(css, ')') + 1; skip == 0 {
				skip = len(css)
			}
		case c == '{' && depth == 0:
			for selector := range strings.SplitSeq(current.String(), ",") {
				found = append(found, strings.TrimSpace(selector))
			}
			current.Reset()
			depth++
		case c == '{':
			depth++
		case c == '}' && depth > 0:
			depth--
		case depth == 0:
			current.WriteByte(c)
		}
		css = css[skip:]
	}
	if rest := strings.TrimSpace(current.String()); rest != "" {
		found = append(found, rest)
	}
	return found
}

// unquotedAddress is an address in which nothing is a string or a comment.
var unquotedAddress = regexp.MustCompile(`\A(?i:url)\([ \t\n\r\f]*[^ \t\n\r\f"']`)
