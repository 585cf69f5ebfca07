// How the tests make aws-amplify a client of a pool.

import assert from 'node:assert/strict';

import { Amplify } from 'aws-amplify';
import { fetchAuthSession, getCurrentUser, signIn } from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import { ConsoleLogger } from 'aws-amplify/utils';

import { password, verified } from './support.mjs';

// It warns of every endpoint that is not the service's own.
ConsoleLogger.LOG_LEVEL = 'ERROR';

/** What Amplify has stored. */
export const kept = new Map();
const storage = {
  getItem: async key => kept.get(key) ?? null,
  setItem: async (key, value) => void kept.set(key, value),
  removeItem: async key => void kept.delete(key),
  clear: async () => kept.clear(),
};

/** Makes Amplify a client of the pool, with nobody signed in. */
export function use(pool, options = {}) {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: pool.poolId,
        userPoolClientId: pool.clientId,
        userPoolEndpoint: pool.endpoint,
        ...options,
      },
    },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);
  return pool;
}

/** The refresh token that Amplify holds and hands out to nobody. */
export const refreshToken = () => [...kept].find(([key]) => key.endsWith('.refreshToken'))?.[1];

/** Signs in and expects to be through. */
export async function signedIn(username, options) {
  const { isSignedIn, nextStep } = await signIn({ username, password, options });
  assert.deepEqual({ isSignedIn, step: nextStep.signInStep }, { isSignedIn: true, step: 'DONE' });
}

/** Checks the tokens of the session and that they are the user's. */
export async function session(pool, username) {
  const { tokens } = await fetchAuthSession();
  const access = await verified(pool, tokens.accessToken.toString(), 'access');
  const id = await verified(pool, tokens.idToken.toString(), 'id');
  const user = await getCurrentUser();
  assert.equal(access.username, username);
  assert.equal(id['cognito:username'], username);
  assert.equal(access.sub, id.sub);
  assert.equal(access.origin_jti, id.origin_jti);
  assert.deepEqual({ username: user.username, userId: user.userId }, { username, userId: access.sub });
  return { access, id };
}
