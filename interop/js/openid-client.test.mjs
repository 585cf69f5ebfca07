// What a client for any OpenID provider does with a pool, which it knows by
// its issuer alone: openid-client, and a browser that is no more than cookies
// and forms.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as oidc from 'openid-client';
import * as idp from '@aws-sdk/client-cognito-identity-provider';

import { Browser } from './browser.mjs';
import { addUser, password, pool, verified, wrongPassword } from './support.mjs';

const people = pool('people');
const callback = 'http://127.0.0.1:9/callback';
const bye = 'http://127.0.0.1:9/bye';

const sdk = new idp.CognitoIdentityProviderClient({
  region: 'eu-west-1', endpoint: people.endpoint, maxAttempts: 1, credentials: { accessKeyId: 'anything', secretAccessKey: 'goes' },
});
const send = (Operation, input) => sdk.send(new Operation({ UserPoolId: people.poolId, ...input }));

/** A new app client of the pool, described by what it has found out itself. */
async function discovered(settings = {}, authentication) {
  const { UserPoolClient } = await send(idp.CreateUserPoolClientCommand, {
    ClientName: 'oidc', AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid', 'email', 'profile'],
    CallbackURLs: [callback], LogoutURLs: [bye], SupportedIdentityProviders: ['COGNITO'], EnableTokenRevocation: true, ...settings,
  });
  const { ClientId, ClientSecret } = UserPoolClient;
  const method = authentication ?? (ClientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(ClientSecret));
  return oidc.discovery(new URL(people.issuer), ClientId, ClientSecret, method, { execute: [oidc.allowInsecureRequests] });
}

/** Sends a browser to sign in and returns what the client keeps about it. */
async function authorize(config, browser, parameters = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const kept = { pkceCodeVerifier: verifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() };
  await browser.open(oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback, scope: 'openid email', state: kept.expectedState, nonce: kept.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...parameters,
  }));
  return kept;
}

/** Signs somebody in, from the first redirect to the tokens. */
async function signedIn(config, username, browser = new Browser(people.endpoint)) {
  const kept = await authorize(config, browser);
  await browser.submit({ username, password });
  assert.ok(browser.url.href.startsWith(callback), browser.page);
  return oidc.authorizationCodeGrant(config, browser.url, kept);
}

test('discovery', async () => {
  const metadata = (await discovered()).serverMetadata();
  assert.equal(metadata.issuer, people.issuer);
  for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'revocation_endpoint', 'end_session_endpoint', 'jwks_uri']) {
    assert.ok(URL.canParse(metadata[name]), name);
  }
  assert.ok(metadata.response_types_supported.includes('code'));
});

test('code flow with PKCE, user info', async () => {
  const config = await discovered();
  const username = await addUser(people, { attributes: { given_name: 'Zoë' } });
  const tokens = await signedIn(config, username);
  const claims = tokens.claims();
  assert.equal(claims['cognito:username'], username);
  assert.equal(claims.aud, config.clientMetadata().client_id);
  const access = await verified({ ...people, clientId: claims.aud }, tokens.access_token, 'access');
  assert.deepEqual(access.scope.split(' ').sort(), ['email', 'openid']);
  assert.equal(tokens.expires_in, 3600);
  const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.deepEqual([info.sub, info.email, info.username], [claims.sub, `${username}@example.com`, username]);
});

test('refresh', async () => {
  const config = await discovered();
  const tokens = await signedIn(config, await addUser(people));
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(again.access_token, tokens.access_token);
  assert.equal(again.claims().sub, tokens.claims().sub);
  assert.equal(again.claims().auth_time, tokens.claims().auth_time);
});

test('revoke', async () => {
  const config = await discovered();
  const tokens = await signedIn(config, await addUser(people));
  await oidc.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
});

for (const [name, method] of [['in the header', oidc.ClientSecretBasic], ['in the form', oidc.ClientSecretPost]]) {
  test(`a client with a secret, ${name}`, async () => {
    const config = await discovered({ GenerateSecret: true }, method());
    const tokens = await signedIn(config, await addUser(people));
    assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token);
    const impostor = new oidc.Configuration(config.serverMetadata(), config.clientMetadata().client_id, 'a'.repeat(40), method());
    oidc.allowInsecureRequests(impostor);
    await assert.rejects(oidc.refreshTokenGrant(impostor, tokens.refresh_token), { error: 'invalid_client' });
  });
}

test('client credentials', async () => {
  await send(idp.CreateResourceServerCommand, {
    Identifier: 'things', Name: 'things', Scopes: [{ ScopeName: 'read', ScopeDescription: 'read' }, { ScopeName: 'write', ScopeDescription: 'write' }],
  });
  const config = await discovered({
    GenerateSecret: true, AllowedOAuthFlows: ['client_credentials'], AllowedOAuthScopes: ['things/read', 'things/write'], CallbackURLs: undefined, LogoutURLs: undefined,
  });
  const { access_token: token, refresh_token: refresh, id_token: id } = await oidc.clientCredentialsGrant(config, { scope: 'things/read' });
  assert.deepEqual([refresh, id], [undefined, undefined]);
  const clientId = config.clientMetadata().client_id;
  const claims = await verified({ ...people, clientId }, token, 'access');
  assert.deepEqual([claims.scope, claims.sub], ['things/read', clientId]);
  await assert.rejects(oidc.clientCredentialsGrant(config, { scope: 'things/delete' }), { error: 'invalid_scope' });
});

test('a wrong password, then the right one', async () => {
  const config = await discovered();
  const browser = new Browser(people.endpoint);
  const username = await addUser(people);
  const kept = await authorize(config, browser);
  await browser.submit({ username, password: wrongPassword });
  assert.match(browser.page, /Incorrect username or password/);
  await browser.submit({ username, password });
  assert.ok((await oidc.authorizationCodeGrant(config, browser.url, kept)).access_token);
});

test('somebody who is signed in already, until signing out', async () => {
  const config = await discovered();
  const browser = new Browser(people.endpoint);
  await signedIn(config, await addUser(people), browser);
  const kept = await authorize(config, browser, { prompt: 'none' });
  assert.ok((await oidc.authorizationCodeGrant(config, browser.url, kept)).access_token);

  await browser.open(oidc.buildEndSessionUrl(config, { client_id: config.clientMetadata().client_id, logout_uri: bye }));
  assert.equal(browser.url.href, bye);
  const after = await authorize(config, browser, { prompt: 'none' });
  await assert.rejects(oidc.authorizationCodeGrant(config, browser.url, after), { error: 'login_required' });
});

test('a code is good for one client, one verifier and one time', async () => {
  const config = await discovered();
  const username = await addUser(people);
  const codeFor = async () => {
    const browser = new Browser(people.endpoint);
    const kept = await authorize(config, browser);
    await browser.submit({ username, password });
    return [browser.url, kept];
  };
  const [first, kept] = await codeFor();
  await oidc.authorizationCodeGrant(config, first, kept);
  await assert.rejects(oidc.authorizationCodeGrant(config, first, kept), { error: 'invalid_grant' });
  const [second, other] = await codeFor();
  await assert.rejects(
    oidc.authorizationCodeGrant(config, second, { ...other, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }), { error: 'invalid_grant' },
  );
  const [third, last] = await codeFor();
  await assert.rejects(oidc.authorizationCodeGrant(await discovered(), third, last), { error: 'invalid_grant' });
});

test('errors that go back to the client', async () => {
  const config = await discovered();
  const browser = new Browser(people.endpoint);
  const kept = await authorize(config, browser, { scope: 'openid things/nothing' });
  await assert.rejects(oidc.authorizationCodeGrant(config, browser.url, kept), { error: 'invalid_request', error_description: 'invalid_scope' });
});

test('a callback that is not registered goes nowhere', async () => {
  const browser = new Browser(people.endpoint);
  await authorize(await discovered(), browser, { redirect_uri: 'https://attacker.example/' });
  assert.equal(browser.url.origin, new URL(people.endpoint).origin);
});
