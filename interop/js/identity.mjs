// How the tests make amazon-cognito-identity-js a client of a pool.

import assert from 'node:assert/strict';
import { promisify } from 'node:util';

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';

import { password, verified } from './support.mjs';

/** A storage of one user's own. */
export function storage() {
  const kept = new Map();
  return {
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: key => void kept.delete(key),
    clear: () => kept.clear(),
  };
}

/** A client of the pool, with nobody signed in unless its storage says so, and its user of this name. */
export function client(pool, username, Storage = storage()) {
  const userPool = new CognitoUserPool({
    UserPoolId: pool.poolId,
    ClientId: pool.clientId,
    endpoint: pool.endpoint,
    Storage,
  });
  return { userPool, Storage, user: new CognitoUser({ Username: username, Pool: userPool, Storage }) };
}

/** Calls a method whose outcome comes through a set of named callbacks. */
export function outcome(start) {
  return new Promise((resolve, reject) => {
    const named = step => (...values) => resolve({ step, values });
    start({
      onSuccess: session => resolve({ step: 'done', session }),
      onFailure: reject,
      totpRequired: named('totp'),
      mfaRequired: named('sms'),
      mfaSetup: named('mfaSetup'),
      selectMFAType: named('select'),
      customChallenge: named('custom'),
      newPasswordRequired: named('newPassword'),
      associateSecretCode: named('secret'),
      inputVerificationCode: named('code'),
    });
  });
}

/** Calls a method whose outcome comes through the one callback that is its last argument. */
export const done = (user, method, ...input) => promisify(user[method].bind(user))(...input);

/** Calls a method whose outcome comes through a set of callbacks that is its last argument. */
export const through = (user, method, ...input) => outcome(callbacks => user[method](...input, callbacks));

export const authenticate = (user, Password = password) =>
  outcome(callbacks =>
    user.authenticateUser(new AuthenticationDetails({ Username: user.getUsername(), Password }), callbacks));

/** Checks the tokens of a session and that they are the user's. */
export async function checked(pool, session, username) {
  assert.ok(session.isValid());
  const access = await verified(pool, session.getAccessToken().getJwtToken(), 'access');
  const id = await verified(pool, session.getIdToken().getJwtToken(), 'id');
  assert.equal(access.username, username);
  assert.equal(id['cognito:username'], username);
  assert.equal(access.sub, id.sub);
  assert.equal(access.origin_jti, id.origin_jti);
  return { access, id };
}
