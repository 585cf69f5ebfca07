// What a server that signs people in by Auth.js does with a pool, by its
// Cognito provider as it comes: @auth/core, which is next-auth without Next.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Auth, skipCSRFCheck } from '@auth/core';
import Cognito from '@auth/core/providers/cognito';
import * as idp from '@aws-sdk/client-cognito-identity-provider';
import { createRemoteJWKSet, jwtVerify } from 'jose';

import { Browser } from './browser.mjs';
import { addUser, password, pool } from './support.mjs';

const people = pool('people');
const site = 'http://localhost:9';

const sdk = new idp.CognitoIdentityProviderClient({
  region: 'eu-west-1', endpoint: people.endpoint, maxAttempts: 1, credentials: { accessKeyId: 'anything', secretAccessKey: 'goes' },
});

/** A site that a browser with cookies of its own is at. */
async function newSite(settings) {
  const { UserPoolClient } = await sdk.send(new idp.CreateUserPoolClientCommand({
    UserPoolId: people.poolId, ClientName: 'auth.js', AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid', 'email', 'profile'], CallbackURLs: [`${site}/auth/callback/cognito`], SupportedIdentityProviders: ['COGNITO'], ...settings,
  }));
  const account = {};
  const config = {
    basePath: '/auth', trustHost: true, secret: 'not for production, but long', skipCSRFCheck,
    logger: { error: error => { account.error = error; } },
    providers: [Cognito({
      clientId: UserPoolClient.ClientId, clientSecret: UserPoolClient.ClientSecret, issuer: people.issuer,
      ...settings.GenerateSecret ? {} : { client: { token_endpoint_auth_method: 'none' } },
    })],
    callbacks: { jwt: ({ token, account: fresh }) => Object.assign(account, fresh) && token },
  };
  const cookies = new Map();
  const visit = async (url, form) => {
    const headers = { cookie: [...cookies].map(pair => pair.join('=')).join('; ') };
    const answer = await Auth(new Request(new URL(url, site), { method: form ? 'POST' : 'GET', body: form && new URLSearchParams(form), headers }), config);
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]*)=([^;]*)/.exec(cookie);
      cookies.set(name, value);
    }
    return answer;
  };
  return { visit, account, clientId: UserPoolClient.ClientId };
}

for (const [name, settings] of Object.entries({ 'with a secret': { GenerateSecret: true }, 'without a secret': {} })) {
  test(`sign in by Auth.js, ${name}`, async () => {
    const { visit, account, clientId } = await newSite(settings);
    const username = await addUser(people);
    const away = await visit('/auth/signin/cognito', { callbackUrl: `${site}/welcome` });
    const browser = new Browser(people.endpoint);
    await browser.open(away.headers.get('location'));
    await browser.submit({ username, password });
    assert.ok(browser.url.href.startsWith(`${site}/auth/callback/cognito?`), browser.page);
    const back = await visit(browser.url);
    assert.equal(back.headers.get('location'), `${site}/welcome`, String(account.error?.cause?.err ?? account.error));
    const session = await (await visit('/auth/session')).json();
    assert.equal(session.user.email, `${username}@example.com`);

    const keys = createRemoteJWKSet(new URL(`${people.issuer}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(account.id_token, keys, { issuer: people.issuer, audience: clientId });
    assert.equal(payload['cognito:username'], username);
    assert.equal((await jwtVerify(account.access_token, keys, { issuer: people.issuer })).payload.client_id, clientId);
    const [head, , signature] = account.id_token.split('.');
    const forged = Buffer.from(JSON.stringify({ ...payload, email: 'admin@example.com' })).toString('base64url');
    await assert.rejects(jwtVerify(`${head}.${forged}.${signature}`, keys), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  });
}
