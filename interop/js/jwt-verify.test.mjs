// What resource servers do with a pool's tokens, by aws-jwt-verify: the
// verifier as its documentation shows it, which only takes the service's own
// issuer and finds the keys there. Its fetcher is told to look here instead.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CognitoJwtVerifier, JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import {
  FailedAssertionError, JwtExpiredError, JwtInvalidClaimError, JwtInvalidSignatureError,
  CognitoJwtInvalidClientIdError, CognitoJwtInvalidTokenUseError, ParameterValidationError,
} from 'aws-jwt-verify/error';

import { addUser, call, password, pool } from './support.mjs';

/** Fetches key sets of the service from the pool: what a stub resolver or a proxy does in a test set-up. */
const jwksCache = () => new SimpleJwksCache({
  fetcher: {
    fetch: async uri => {
      const { host, pathname } = new URL(uri);
      assert.equal(host, 'cognito-idp.eu-west-1.amazonaws.com');
      return (await fetch(new URL(pathname, pool('one').endpoint))).arrayBuffer();
    },
  },
});

const verifier = (properties = {}, { poolId, clientId } = pool('one')) =>
  CognitoJwtVerifier.create({ userPoolId: poolId, clientId, tokenUse: null, ...properties }, { jwksCache: jwksCache() });

/** The tokens of somebody who has signed in. */
async function signedIn(at) {
  const { AuthenticationResult } = await call(at, 'InitiateAuth', {
    ClientId: at.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: await addUser(at), PASSWORD: password },
  });
  return { access: AuthenticationResult.AccessToken, id: AuthenticationResult.IdToken, refresh: AuthenticationResult.RefreshToken };
}

test('access and ID tokens', async () => {
  const tokens = await signedIn(pool('one'));
  for (const use of ['access', 'id']) {
    const claims = await verifier({ tokenUse: use }).verify(tokens[use]);
    assert.equal(claims.token_use, use);
    assert.equal((await verifier().verify(tokens[use])).sub, claims.sub);
  }
});

test('two keys, so either token needs its own', async () => {
  const { access, id } = await signedIn(pool('one'));
  const kid = token => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;
  assert.notEqual(kid(access), kid(id));
});

test('the key set is loaded beforehand', async () => {
  const hydrated = verifier();
  await hydrated.hydrate();
  const { access } = await signedIn(pool('one'));
  assert.equal(hydrated.verifySync(access).token_use, 'access');
});

test('for another use', async () => {
  const { access, id } = await signedIn(pool('one'));
  await assert.rejects(verifier({ tokenUse: 'access' }).verify(id), CognitoJwtInvalidTokenUseError);
  await assert.rejects(verifier({ tokenUse: 'id' }).verify(access), CognitoJwtInvalidTokenUseError);
});

test('for another client', async () => {
  const { access, id } = await signedIn(pool('one'));
  for (const token of [access, id]) {
    await assert.rejects(verifier({ clientId: 'another' }).verify(token), CognitoJwtInvalidClientIdError);
  }
  await verifier({ clientId: ['another', pool('one').clientId] }).verify(access);
});

test('from another pool', async () => {
  const { access } = await signedIn(pool('other'));
  await assert.rejects(verifier().verify(access), ParameterValidationError);
});

test('scopes and groups', async () => {
  const { access } = await signedIn(pool('one'));
  await verifier({ scope: ['aws.cognito.signin.user.admin'] }).verify(access);
  await assert.rejects(verifier({ scope: ['write'] }).verify(access), FailedAssertionError);
  await assert.rejects(verifier({ groups: ['owners'] }).verify(access), JwtInvalidClaimError);
});

test('expired', async t => {
  const { access, id } = await signedIn(pool('one'));
  const strict = verifier();
  await strict.hydrate();
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_601_000 });
  for (const token of [access, id]) {
    await assert.rejects(strict.verify(token), JwtExpiredError);
  }
  await verifier({ graceSeconds: 60 }).verify(access);
});

test('tampered with', async () => {
  const { access } = await signedIn(pool('one'));
  const [head, body, signature] = access.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  const forged = Buffer.from(JSON.stringify({ ...claims, username: 'root' })).toString('base64url');
  await assert.rejects(verifier().verify([head, forged, signature].join('.')), JwtInvalidSignatureError);
});

test('a refresh token is no JWT to verify', async () => {
  const { refresh } = await signedIn(pool('one'));
  await assert.rejects(verifier().verify(refresh));
});

test('any issuer, as other providers have', async () => {
  const { access } = await signedIn(pool('one'));
  const { issuer, endpoint, poolId } = pool('one');
  const general = JwtVerifier.create({ issuer, audience: null, jwksUri: `https://cognito-idp.eu-west-1.amazonaws.com/${poolId}/.well-known/jwks.json` }, { jwksCache: jwksCache() });
  assert.equal((await general.verify(access)).iss, issuer, endpoint);
});
