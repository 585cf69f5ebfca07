package control

import (
	"net/http"
	"time"
)

func healthRoutes() []route {
	return []route{
		{Method: http.MethodGet, Path: "{$}", Summary: "what this API has", handle: (*API).index},
		{Method: http.MethodGet, Path: "health", Summary: "whether the sandbox serves", handle: (*API).health},
	}
}

// index lists the routes.
func (a *API) index(*http.Request) (any, error) {
	listed := make([]route, len(a.routes))
	for i, r := range a.routes {
		if r.Path == "{$}" {
			r.Path = ""
		}
		r.Path = Prefix + r.Path
		listed[i] = r
	}
	return struct {
		Routes []route `json:"routes"`
	}{listed}, nil
}

// A Health says how the sandbox is.
type Health struct {
	Status   string    `json:"status"` // "ok", or "failed" if the storage has
	Endpoint string    `json:"endpoint"`
	Region   string    `json:"region"`
	Storage  string    `json:"storage"`
	Pools    int       `json:"pools"`
	Now      time.Time `json:"now"` // on the sandbox's clock
}

func (a *API) health(*http.Request) (any, error) {
	health := Health{
		Status: "ok", Endpoint: a.cfg.Endpoint, Region: a.server.Region(), Storage: a.cfg.Storage,
		Pools: len(a.server.Pools()), Now: a.server.Clock(),
	}
	if a.hasFailed() {
		health.Status = "failed"
		return failing{health}, nil
	}
	return health, nil
}

// hasFailed reports whether nothing is stored any more.
func (a *API) hasFailed() bool { return a.server.StorageErr() != nil }
