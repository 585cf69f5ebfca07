package authtest

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"sync"
)

// A signingKey is one of the two RSA keys of a pool. Its key id is derived
// from the public key, so it changes if and only if the key does.
type signingKey struct {
	private *rsa.PrivateKey
	id      string
}

// Pools sign access tokens with one key and ID tokens with another, as the
// service does. Every pool has the same pair: generating RSA keys is by far
// the slowest thing a test could do, and tokens are bound to their pool by
// their issuer. The keys are public, so a verifier must never trust them
// outside tests.
var (
	accessKey = sync.OnceValue(func() signingKey { return parseKey(accessKeyPEM) })
	idKey     = sync.OnceValue(func() signingKey { return parseKey(idKeyPEM) })
)

func parseKey(text string) signingKey {
	block, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		panic("authtest: embedded test key: " + err.Error())
	}
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	return signingKey{private: key, id: base64.StdEncoding.EncodeToString(sum[:])}
}

// The keys are marked as testing keys, which keeps secret scanners calm.
const accessKeyPEM = `-----BEGIN RSA TESTING KEY-----
MIIEowIBAAKCAQEAuYM3ewWcoaD6ubU9zj5lfN0Aun2HVpehqeuB44Mxjhzv5lEY
0XHeXpZRSVb7a2OKJ9987cc/vSsCuzK+NZvYz5ijK5UNMGKLyi1up5CTows07/79
BepX5GfzVqJWdBX5YkUkKHvoV+3lXIW3AfGfCHiYzCm/WcHu4d0r3gBznc23Zut1
agVc69uTi1joWRZz4+XKxBWfMHLCoTb+qRIRodPTfztJk5wFaCN9L1o0W3E0P2Qc
rB2lFGZeRH4o1bDbPG1d4ZpU98xlb6j0lnohzufRAggZ2jwvCdQM6dtJoKTBzQW7
OdZcKxYcLnHw3AsIPo+UIuAPJp/QJQ5X6snNpwIDAQABAoIBABHImOhzrMS3xGFK
FQ8w3xS9sOSvxOoRph8+Yti3CmiXsI2xJ4JoeosxuMAhlP+B7swMuhKnP554QY5F
eoN0GbAo7zdt1fJV+BWdDlcE3opKODxrgsDu6pcMOgELleMR+jKn8yPoYOkQ9qRM
czM+AONUgD1OIThPBYHkbGCfRXYSiRwl3YTxtCtw3bvluHzsPVvN0JJgKXEO87uT
5QDfbgkh0+INoNXBVjgJu4wFSs9nfvZNh6ZOklvGg8UJZn2TYjIQ4qxM8yKIieTQ
sV8+aEp70Idic4a7Y0dqFnPev/iP+1FLRpTiYaGAaJadPZyZHTshuua6pR0YH4+p
flJGzVUCgYEA4admvmDGd2Y/FFjBRLS3vWs9lDLCMdBj0itf6N1VSLUU6viXZ3dn
KLTM9MPuSDHlEwhsoCOsjyLz6YClwK4JYDSztT/F1ZGh8NNSrTh8rtEdcTs6K675
Tl4NserKr1e8dbCTFyptKPURuyTDAQK7rEfp0IginsQU+V9oFReE4qsCgYEA0nXe
AfWTXN4DTBa49JpLwOF0Q65JzDpUds487oYu4h/99yOUv/fPufKPiTlo6f6gjMxE
pRq362iJ4mqEv/fSMaUXVDHJw14ca7aTRWS480AfyBqfxDDjUqbJ4rWrVGjQqxVv
cnvNa13d/ZyL55qcHYHIlP2C85WHaOdOH6DWoPUCgYBep90GcQvvm/lL7Kstyezl
TS3ok544TSUCTWWPBgE3XZZntl20bjbcsXLkHag/qoZgBIGkbzJ8XHoacfeVqquO
Kq1Tk2vGWa+nmM2ukepjXp7OF70gA+baQ8PU5Ruej9wjNi2NYyOlMZ/9c79FFkNp
UkU3T1POa4wsyyOa7WG1vwKBgQCqld7ct7A6FbmWctR3bpj4PcV/FkW6w4yyv3ej
3h8iKcwwBScMclBs565wC5h+EWUQuoDpUj7BEHqyiqQO9U/p7WZ7V9+x+xYOOG4m
UP2YLOGVz/6vhvC6jXYVzCqSwGJiSX2Lzc0yuWK1ra24jBj90bRDDziVNx4KaXFp
MXTGAQKBgD4fGO/+G5CEex+OuueDDtMuoCR1SEsjNNwXtZfk8o9wus+AWnG2zxlh
L9m8OEkb6OUzOZgtPE3xQqxeBzA0HAxiqJwHVTkNQyCbdJnQ1OBKOfSrEvEPoMfU
OYgfhKVwt2jQIK8D4bTVbbhGjG6TtRC59jn9FsmXvvwldWG/lXtR
-----END RSA TESTING KEY-----
`

const idKeyPEM = `-----BEGIN RSA TESTING KEY-----
MIIEowIBAAKCAQEAsxUdneUjmIaAjgy5rjzmh6rRVndz4TrEB+kJcZtChVZbz3ol
V6t9ptFjJPOsc5QMCsC0gxJLcv17h3bfBg5Z/wnG+rLw33ITgEgzGdPG3qeqi9r9
7yq1KSynrdp6ZwcKYZwscZkZjH+8HuapbINB/wW8JOdBa1qvo+T8YRkm5/AVaFwH
jsQzreS5lUar/udWP8dFvvUfHCZnWLu1vZ50MiJA9YipgX9EYgsw+/XcTDxv8/c9
KSUobJUUag0rf44KZyBO+16yW07L31WbPvSKRS7DWDTEa6d3IjqxtUAIIjH/4Kpv
o4xPEWlT/oeFMhS/on2lCJzSdyF+G62LSqskjwIDAQABAoIBABYKws707akv4PHb
Ah2+lDddoI+Oe15dD9TTa5ymmgz0YK+MXr1IN9qJCjV5op/FOKg4KN+7KDs6lPJL
AM9rg8s+5lVkIf62uUzAVj3XEbLFG1pEdZ3y+UJcozTkX81/kdkK0nOW/wyKilqZ
VIAtNbnQeGRobGZszpKTNDc1U9MXRq2TLwmF+lICIO/i/qaFlM9dQQZqaE96HCx1
RmKtuFrrqrcAjQx7d3jFSlVyWt7dqXrtYd9e2y9JaJ5MGbse9f10+C5se+LC0QzN
vy4dlYnrR1fBdvMt+Ed902FzNTCyLzbauQtMiZvXrrOPR9NpLh9hvRPHjctpgSE3
eEciyNUCgYEA14Wcio8kVLkuFPM0Fk+yMBEfJ6aEkt3LOZUzNvEjWkKtGr2SCg1z
0MMVI5mF0X8eeOpFnKc6F4f5kioSMHi2Q9wMeAY6q2VGm1SNiDz4bAPb3vVysQey
+fPYKkkDXY4nHzj7nBqPHrtKmvfVtIidOo4zF/JnmsGTRR1AHaBx5MMCgYEA1Ld6
5x4nfBD99MApIdCmc+PaO4aAvfI1K34UhTYAFzu8H3w0IEDqz/tKDf7wT1ALLpro
PEbNZBGrfbByTsmR78FdEQnHpjCMDzstgO4wXe8Jov4EhlmowHqgtEn9plAVWnUQ
0KV8S5HiyZ3SqmnuSp6FybvqDE+gEqpW2Sbt1EUCgYBUq54zZUb9rf6npmBZP5ge
gCuANVAyLsaPaclEFXoxFK7TKZS9NEnCw1GDueWzx0AeetM8VwpggkAPJ04cEuBw
Snvvj2rvOQuDLLWpx2JFdUKlFkKnwAGVZzIOcr7Ku3UtNALNcjW1+hi2RxWDJoS2
o3T5PHdteg00guhUe1sjZwKBgQCyiFCZ/CANrEFJk6KyI+ogqGN4xFn3knr3xvk4
GOuYlGU/U8J4M6Qg7XrpJkjReI/6DL/QH2ixjXcOpfI6mElpHjSbYUb1ABf9jKCT
btafcEn5SBPKIyRUcFfDGbrPRLW3VzvGsq4Qyx+6MkEnEIOUk1ocyCAXNxlVsSv1
VAwWtQKBgHCtklkyt/PTcmankDkchkBXqFe0rxAoozlUtP+4WYJMul2tHgW7Qt1k
Lz4JGPYNqPAavFapw+Rzkv5BjiGHFYcBr2a0gQc3uPezBkv5TkXT/9dF34VlylHh
9lbJbHT3mVmhWtPBbYsK3HRIKsufv2SAdmkGzOSMAFju8/TS3gxI
-----END RSA TESTING KEY-----
`
