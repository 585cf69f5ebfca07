package authtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cognitokit/auth/internal/wire"
)

// maxBranding is how large the request of a style can be, with its images
// (documented).
const maxBranding = 2 << 20

// A brandingStyle is what the branding editor makes for an app client. It is
// kept and described, and the pages do not look like it. It is replaced, never
// changed.
type brandingStyle struct {
	ID             string          `json:"id"`
	ProvidedValues bool            `json:"providedValues,omitempty"` // UseCognitoProvidedValues
	Settings       json.RawMessage `json:"settings,omitempty"`       // an object
	Assets         []brandingAsset `json:"assets,omitempty"`
	Created        time.Time       `json:"created"`
	Modified       time.Time       `json:"modified"`
}

type brandingAsset struct {
	Category   string `aws:"Category,AssetCategory,required"`
	ColorMode  string `aws:"ColorMode,ColorMode,required"`
	Extension  string `aws:"Extension,AssetExtension,required"`
	Bytes      []byte `aws:"Bytes,AssetBytes" json:",omitempty"`
	ResourceID string `aws:"ResourceId,ResourceId" json:"ResourceId,omitempty"`
}

// replaces reports whether an asset is for the same place as another one.
func (a brandingAsset) replaces(other brandingAsset) bool {
	return a.Category == other.Category && a.ColorMode == other.ColorMode && a.ResourceID == other.ResourceID
}

// brandingMembers are what requests to create and to update a style have in
// common.
type brandingMembers struct {
	UseCognitoProvidedValues bool            `aws:"UseCognitoProvidedValues"`
	Settings                 json.RawMessage `aws:"Settings"`
	Assets                   []brandingAsset `aws:"Assets,Assets"`
}

type createBrandingRequest struct {
	UserPoolID string `aws:"UserPoolId,UserPoolId,required"`
	ClientID   string `aws:"ClientId,ClientId,required"`
	brandingMembers
}

type brandingResponse struct {
	ManagedLoginBranding brandingDescription
}

type brandingDescription struct {
	ManagedLoginBrandingID   string `json:"ManagedLoginBrandingId"`
	UserPoolID               string `json:"UserPoolId"`
	UseCognitoProvidedValues bool
	Settings                 json.RawMessage `json:",omitempty"`
	Assets                   []brandingAsset `json:",omitempty"`
	CreationDate             epoch
	LastModifiedDate         epoch
}

func (p *Pool) describeBranding(b *brandingStyle) *brandingResponse {
	return &brandingResponse{brandingDescription{
		ManagedLoginBrandingID: b.ID, UserPoolID: p.cfg.PoolID, UseCognitoProvidedValues: b.ProvidedValues,
		Settings: b.Settings, Assets: b.Assets, CreationDate: epoch(b.Created), LastModifiedDate: epoch(b.Modified),
	}}
}

func createManagedLoginBranding(c *call, r *createBrandingRequest) (*brandingResponse, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	if client.branding != nil {
		return nil, fail(wire.ExceptionManagedLoginBrandingExists, msgBrandingExists)
	}
	if r.UseCognitoProvidedValues == (r.Settings != nil) {
		return nil, invalidParameter(msgBrandingSettings)
	}
	style := &brandingStyle{ID: randomUUID(), Created: c.now}
	if err := style.take(&r.brandingMembers, c.now); err != nil {
		return nil, err
	}
	client.branding = style
	return c.pool.describeBranding(style), nil
}

// take changes a new style to what a request says. What it leaves out stays
// (documented); that this goes for the members of settings too, and for assets
// of other places, is inferred.
func (b *brandingStyle) take(m *brandingMembers, now time.Time) *apiError {
	b.Modified = now
	if m.UseCognitoProvidedValues {
		if len(m.Assets) > 0 {
			return invalidParameter(msgBrandingAssets)
		}
		b.ProvidedValues, b.Settings, b.Assets = true, nil, nil
		return nil
	}
	if m.Settings != nil {
		merged, ok := mergeDocuments(b.Settings, m.Settings)
		if !ok {
			return invalidParameter(msgBrandingDocument)
		}
		b.ProvidedValues, b.Settings = false, merged
	}
	b.Assets = slices.Clone(b.Assets)
	for _, a := range m.Assets {
		i := slices.IndexFunc(b.Assets, a.replaces)
		switch {
		case i < 0 && a.ResourceID != "" && a.Bytes == nil:
			return invalidParameter(fmt.Sprintf(msgBrandingAssetGone, a.ResourceID))
		case i < 0:
			b.Assets = append(b.Assets, a)
		default:
			if a.Bytes == nil {
				a.Bytes = b.Assets[i].Bytes
			}
			b.Assets[i] = a
		}
	}
	return nil
}

// mergeDocuments puts the members of a document into those of an older one,
// and reports whether it has any. Numbers stay as they are written.
func mergeDocuments(older, newer json.RawMessage) (merged json.RawMessage, ok bool) {
	decode := func(text json.RawMessage) (object map[string]any) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		_ = d.Decode(&object)
		return object
	}
	object := decode(newer)
	if object == nil {
		return nil, false
	}
	merged, err := json.Marshal(mergeObjects(decode(older), object))
	return merged, err == nil
}

func mergeObjects(into, from map[string]any) map[string]any {
	if into == nil {
		return from
	}
	for name, value := range from {
		older, _ := into[name].(map[string]any)
		if newer, ok := value.(map[string]any); ok {
			into[name] = mergeObjects(older, newer)
		} else {
			into[name] = value
		}
	}
	return into
}

type describeBrandingRequest struct {
	UserPoolID             string `aws:"UserPoolId,UserPoolId,required"`
	ManagedLoginBrandingID string `aws:"ManagedLoginBrandingId,UUID,required"`
	ReturnMergedResources  bool   `aws:"ReturnMergedResources"`
}

// branded returns the app client of a style.
func (c *call) branded(poolID, id string) (*appClient, *apiError) {
	if err := c.checkPool(poolID); err != nil {
		return nil, err
	}
	for _, client := range c.pool.clients {
		if client.branding != nil && client.branding.ID == id {
			c.pool.watch.touch(client)
			return client, nil
		}
	}
	return nil, resourceNotFound(fmt.Sprintf(msgBrandingNotFound, id))
}

// describeManagedLoginBranding describes a style. The values of the service's
// own, which ReturnMergedResources asks for, are not known here.
func describeManagedLoginBranding(c *call, r *describeBrandingRequest) (*brandingResponse, *apiError) {
	client, err := c.branded(r.UserPoolID, r.ManagedLoginBrandingID)
	if err != nil {
		return nil, err
	}
	return c.pool.describeBranding(client.branding), nil
}

type describeClientBrandingRequest struct {
	UserPoolID            string `aws:"UserPoolId,UserPoolId,required"`
	ClientID              string `aws:"ClientId,ClientId,required"`
	ReturnMergedResources bool   `aws:"ReturnMergedResources"`
}

func describeManagedLoginBrandingByClient(c *call, r *describeClientBrandingRequest) (*brandingResponse, *apiError) {
	client, err := c.poolClient(r.UserPoolID, r.ClientID)
	if err != nil {
		return nil, err
	}
	if client.branding == nil {
		return nil, resourceNotFound(msgBrandingOfClient)
	}
	return c.pool.describeBranding(client.branding), nil
}

// The model says of neither id that it is required. What the service does
// without them was not published.
type updateBrandingRequest struct {
	UserPoolID             string `aws:"UserPoolId,UserPoolId"`
	ManagedLoginBrandingID string `aws:"ManagedLoginBrandingId,UUID"`
	brandingMembers
}

func updateManagedLoginBranding(c *call, r *updateBrandingRequest) (*brandingResponse, *apiError) {
	switch {
	case r.UserPoolID == "":
		return nil, missingParameter("UserPoolId")
	case r.ManagedLoginBrandingID == "":
		return nil, missingParameter("ManagedLoginBrandingId")
	}
	client, err := c.branded(r.UserPoolID, r.ManagedLoginBrandingID)
	if err != nil {
		return nil, err
	}
	if r.UseCognitoProvidedValues && r.Settings != nil {
		return nil, invalidParameter(msgBrandingSettings)
	}
	changed := *client.branding
	if err := changed.take(&r.brandingMembers, c.now); err != nil {
		return nil, err
	}
	client.branding = &changed
	return c.pool.describeBranding(&changed), nil
}

type deleteBrandingRequest struct {
	UserPoolID             string `aws:"UserPoolId,UserPoolId,required"`
	ManagedLoginBrandingID string `aws:"ManagedLoginBrandingId,UUID,required"`
}

func deleteManagedLoginBranding(c *call, r *deleteBrandingRequest) (*noBody, *apiError) {
	client, err := c.branded(r.UserPoolID, r.ManagedLoginBrandingID)
	if err != nil {
		return nil, err
	}
	client.branding = nil
	return &noBody{}, nil
}
