module github.com/cognitokit/auth/interop

go 1.26

require github.com/cognitokit/auth v0.0.0

require (
	github.com/boombuler/barcode v1.0.1-0.20190219062509-6c824513bacc // indirect
	github.com/pquerna/otp v1.5.0 // indirect
)

replace github.com/cognitokit/auth => ../
