module github.com/cognitokit/auth/interop

go 1.26

require github.com/cognitokit/auth v0.0.0

replace github.com/cognitokit/auth => ../
