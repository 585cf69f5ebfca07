package authtest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
)

type getSigningCertificateResponse struct {
	Certificate string
}

// getSigningCertificate returns the certificate that SAML requests of the pool
// would be signed with.
func getSigningCertificate(c *call, r *userPoolRequest) (*getSigningCertificateResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	response := &getSigningCertificateResponse{}
	id, created := c.pool.cfg.PoolID, c.pool.created
	c.afterUnlock(func() {
		serial := sha256.Sum256([]byte(id))
		template := &x509.Certificate{
			SerialNumber: new(big.Int).SetBytes(serial[:8]), Subject: pkix.Name{CommonName: id},
			NotBefore: created, NotAfter: created.AddDate(10, 0, 0),
		}
		key := idKey().private
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
		if err != nil {
			panic("authtest: signing certificate: " + err.Error())
		}
		response.Certificate = base64.StdEncoding.EncodeToString(der)
	})
	return response, nil
}

type getCSVHeaderResponse struct {
	UserPoolID string `json:"UserPoolId"`
	CSVHeader  []string
}

// getCSVHeader returns the columns of a file of users for import.
func getCSVHeader(c *call, r *userPoolRequest) (*getCSVHeaderResponse, *apiError) {
	if err := c.checkPool(r.UserPoolID); err != nil {
		return nil, err
	}
	return &getCSVHeaderResponse{UserPoolID: r.UserPoolID, CSVHeader: c.pool.csvColumns()}, nil
}
