// What the tests of all clients share: the pools that the Go side started,
// its hand in them (adding users, reading their codes), and checks that need
// no client library.

import assert from 'node:assert/strict';
import { createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';

const { control, pools, endpoint: server } = JSON.parse(process.env.COGNITO_POOLS);

/** The pool with this name: {name, endpoint, poolId, clientId, issuer}. */
export function pool(name) {
  assert.ok(pools[name], `the Go side started no pool named ${name}`);
  return { name, ...pools[name] };
}

/** Where pools can be made, if the Go side started such a server. */
export const endpoint = server;

export const password = 'Correct-h0rse, bättery!';
export const wrongPassword = 'Correct-h0rse, battery!';

/** A name that no other test uses. */
export const freshName = () => `user-${randomBytes(6).toString('hex')}`;

async function ask(path, init) {
  const answer = await fetch(control + path, init);
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return text;
}

/** Puts a user into the pool and returns the name. */
export async function addUser(pool, user = {}) {
  const name = user.name ?? freshName();
  await ask(`/${pool.name}/users`, {
    method: 'POST',
    body: JSON.stringify({ password, email: `${name}@example.com`, ...user, name }),
  });
  return name;
}

/** Signs the user in from a number of other devices, named "device 0" and so on. */
export const addDevices = (pool, name, count) =>
  ask(`/${pool.name}/users/${name}/devices`, { method: 'POST', body: JSON.stringify({ password, count }) });

/** The user as the pool has it now. */
export const stored = async (pool, name) => JSON.parse(await ask(`/${pool.name}/users/${name}`));

/** What the pool has sent to the user, oldest first. */
export const messages = async (pool, name) => JSON.parse(await ask(`/${pool.name}/users/${name}/messages`)) ?? [];

/** The newest code that the pool has sent to the user. */
export const code = (pool, name) => ask(`/${pool.name}/users/${name}/code`);

/** What the Go side has added to a list of lines while something was done. */
async function added(list, doing) {
  const before = (await ask(list)).split('\n').length;
  const result = await doing();
  return { result, lines: (await ask(list)).split('\n').slice(before - 1, -1) };
}

/**
 * The steps of signing in that clients have taken in the pool while doing
 * something, as the Go side's writeSteps spells them.
 */
export async function steps(pool, doing) {
  const { result, lines } = await added(`/${pool.name}/steps`, doing);
  return { result, steps: lines };
}

/**
 * The requests that clients have sent to the pool while doing something, as
 * the Go side's writeRequests spells them.
 */
export async function requests(pool, doing) {
  const { result, lines } = await added(`/${pool.name}/requests`, doing);
  return { result, requests: lines };
}

/** What the authenticator app of a user that the Go side added shows now. */
export const totp = (pool, name) => ask(`/${pool.name}/users/${name}/totp`);

/** What an authenticator app shows now for a secret that the pool handed out (RFC 6238). */
export function appCode(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map(letter => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/[01]{8}/g).map(byte => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest[digest.length - 1] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Six digits that are not the given code. */
export const otherCode = code => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

/** One request on the wire, without a client library. */
export async function call(pool, operation, body, headers = {}) {
  const answer = await fetch(pool.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const json = text === '' ? {} : JSON.parse(text);
  if (answer.ok) return json;
  const error = new Error(json.message ?? json.Message);
  error.name = json.__type;
  throw error;
}

/** One request of an administrator of the pool about a user. */
export const administer = (pool, operation, name, body = {}) =>
  call(
    pool, operation, { UserPoolId: pool.poolId, Username: name, ...body },
    // The pool checks that there is a signature, not whose.
    { authorization: 'AWS4-HMAC-SHA256 Credential=interop' },
  );

/** Checks a token as a resource server would, and returns its claims. */
export async function verified(pool, token, use) {
  const [head, body, signature] = token.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url'));
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  const { keys } = await (await fetch(new URL(`/${pool.poolId}/.well-known/jwks.json`, pool.endpoint))).json();
  const jwk = keys.find(key => key.kid === header.kid);
  assert.ok(jwk, 'the key set has the token\'s key');
  assert.equal(header.alg, 'RS256');
  assert.ok(
    verify('sha256', Buffer.from(`${head}.${body}`), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(signature, 'base64url')),
    'the signature is the pool\'s',
  );
  assert.equal(claims.iss, pool.issuer);
  assert.equal(claims.token_use, use);
  assert.equal(use === 'id' ? claims.aud : claims.client_id, pool.clientId);
  assert.ok(claims.exp > Date.now() / 1000, 'the token has not expired');
  return claims;
}

/** Checks that a promise fails with this error. */
export const refused = (promise, name, message) =>
  assert.rejects(promise, error => {
    assert.equal(error.name, name, error.message);
    if (message !== undefined) assert.equal(error.message, message);
    return true;
  });
