package authtest

import (
	"net/http"
	"strings"
	"time"
)

// allClients is what requests call the look of all clients that have none of
// their own.
const allClients = "ALL"

// A uiCustomization is the look that the classic pages have for an app client,
// or for all without one of their own. It is replaced, never changed.
type uiCustomization struct {
	CSS      string    `json:"css,omitempty"`
	Image    []byte    `json:"image,omitempty"` // a PNG or JPEG
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
}

// version is the CSSVersion, of the form that the service's have.
func (ui *uiCustomization) version() string { return ui.Modified.UTC().Format("20060102150405") }

// assets is the path below which a look has its files.
func (ui *uiCustomization) assets(key string) string {
	return pathAssets + "custom/" + key + "/" + ui.version() + "/"
}

// Files of a look.
const (
	assetCSS  = "style.css"
	assetLogo = "logo"
)

// uiCustomizationOf returns what a client or [allClients] has of its own.
func (p *Pool) uiCustomizationOf(key string) *uiCustomization {
	if key == allClients {
		return p.uiCustomization
	}
	if client := p.clients[key]; client != nil {
		return client.uiCustomization
	}
	return nil
}

// uiCustomizationFor returns the look that is in force for a client, nil if
// there is none, and whose it is. A client's own leaves nothing of that of all.
func (p *Pool) uiCustomizationFor(client *appClient) (ui *uiCustomization, key string) {
	if client != nil && client.uiCustomization != nil {
		return client.uiCustomization, client.id
	}
	return p.uiCustomization, allClients
}

type setUICustomizationRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	ClientID   string `aws:"ClientId,ClientId"`
	CSS        string `aws:"CSS,CSS"`
	ImageFile  []byte `aws:"ImageFile,ImageFile"`
}

type uiCustomizationResponse struct {
	UICustomization uiDescription
}

// A uiDescription describes a look; one that nobody has set is described by
// nothing at all.
type uiDescription struct {
	UserPoolID       string `json:"UserPoolId,omitempty"`
	ClientID         string `json:"ClientId,omitempty"`
	ImageURL         string `json:"ImageUrl,omitempty"`
	CSS              string `json:",omitempty"`
	CSSVersion       string `json:",omitempty"`
	CreationDate     *epoch `json:",omitempty"`
	LastModifiedDate *epoch `json:",omitempty"`
}

func (c *call) describeUI(ui *uiCustomization, key string) *uiCustomizationResponse {
	if ui == nil {
		return &uiCustomizationResponse{}
	}
	d := uiDescription{
		UserPoolID: c.pool.cfg.PoolID, ClientID: key, CSS: ui.CSS, CSSVersion: ui.version(),
		CreationDate: new(epoch(ui.Created)), LastModifiedDate: new(epoch(ui.Modified)),
	}
	if ui.Image != nil {
		d.ImageURL = c.domainURL() + ui.assets(key) + assetLogo
	}
	return &uiCustomizationResponse{d}
}

// checkUI refuses what the look of pages needs where there are no pages
// (observed, of both operations).
func (c *call) checkUI(poolID, key string) (*appClient, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return nil, err
	}
	if c.pool.domainHost() == "" {
		return nil, invalidParameter(msgUINeedsDomain)
	}
	if key == "" || key == allClients {
		return nil, nil
	}
	return c.poolClient(poolID, key)
}

// setUICustomization replaces a look. With neither style nor logo there is none
// any more: so tools delete it. The two cannot be set apart (documented).
func setUICustomization(c *call, r *setUICustomizationRequest) (*uiCustomizationResponse, *apiError) {
	client, err := c.checkUI(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	if err := checkCSS(r.CSS); err != nil {
		return nil, err
	}
	if len(r.ImageFile) > 0 && logoType(r.ImageFile) == "" {
		return nil, invalidParameter(msgLogoType)
	}
	slot, key := &c.pool.uiCustomization, allClients
	if client != nil {
		slot, key = &client.uiCustomization, client.id
	}
	if r.CSS == "" && len(r.ImageFile) == 0 {
		*slot = nil
		return c.describeUI(nil, key), nil
	}
	ui := &uiCustomization{CSS: r.CSS, Created: c.now, Modified: c.now}
	if len(r.ImageFile) > 0 {
		ui.Image = r.ImageFile
	}
	if *slot != nil {
		ui.Created = (*slot).Created
	}
	*slot = ui
	return c.describeUI(ui, key), nil
}

// logoType returns which of the documented types of logos an image has, empty
// for any other.
func logoType(image []byte) string {
	if media := http.DetectContentType(image); media == "image/png" || media == "image/jpeg" {
		return media
	}
	return ""
}

type getUICustomizationRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	ClientID   string `aws:"ClientId,ClientId"`
}

func getUICustomization(c *call, r *getUICustomizationRequest) (*uiCustomizationResponse, *apiError) {
	client, err := c.checkUI(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	return c.describeUI(c.pool.uiCustomizationFor(client)), nil
}

// customize gives a page the look that is in force. As documented, only classic
// pages have it: those of a domain whose ManagedLoginVersion is 1.
func (x *exchange) customize(page *page) {
	x.pool.mu.Lock()
	defer x.pool.mu.Unlock()
	ui, key := x.pool.uiCustomizationFor(x.client)
	if ui == nil || !x.pool.classicPages() {
		return
	}
	if ui.CSS != "" {
		page.Stylesheet = ui.assets(key) + assetCSS
	}
	if ui.Image != nil {
		page.Logo = ui.assets(key) + assetLogo
	}
}

// serveCustomAsset serves a file of a look. Styles are files, and nothing in a
// page, so whatever is in them, it is style.
func (p *Pool) serveCustomAsset(w http.ResponseWriter, r *http.Request) {
	rest := strings.TrimPrefix(r.URL.Path, pathAssets+"custom/")
	key, rest, _ := strings.Cut(rest, "/")
	version, file, _ := strings.Cut(rest, "/")
	p.mu.Lock()
	ui := p.uiCustomizationOf(key)
	p.mu.Unlock()
	if ui == nil || version != ui.version() {
		http.NotFound(w, r)
		return
	}
	switch {
	case file == assetCSS && ui.CSS != "":
		writeAsset(w, r, "text/css; charset=utf-8", []byte(ui.CSS))
	case file == assetLogo && logoType(ui.Image) != "": // an imported state may have anything
		writeAsset(w, r, logoType(ui.Image), ui.Image)
	default:
		http.NotFound(w, r)
	}
}
