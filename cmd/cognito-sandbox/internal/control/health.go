package control

import (
	"net/http"
	"time"
)

func healthRoutes() []route {
	return []route{
		{http.MethodGet, "{$}", "what this API has", (*API).index},
		{http.MethodGet, "health", "whether the sandbox serves", (*API).health},
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
	Status   string    `json:"status"` // "ok"
	Endpoint string    `json:"endpoint"`
	Region   string    `json:"region"`
	Storage  string    `json:"storage"`
	Pools    int       `json:"pools"`
	Now      time.Time `json:"now"` // on the sandbox's clock
}

func (a *API) health(*http.Request) (any, error) {
	return Health{
		Status: "ok", Endpoint: a.cfg.Endpoint, Region: a.server.Region(), Storage: a.cfg.Storage,
		Pools: len(a.server.Pools()), Now: a.server.Clock(),
	}, nil
}
