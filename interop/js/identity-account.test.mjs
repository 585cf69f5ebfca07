// What people do with their accounts, as amazon-cognito-identity-js does it:
// attributes, passwords, and the life and end of sessions and accounts.

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { promisify } from 'node:util';

import {
  CognitoAccessToken,
  CognitoIdToken,
  CognitoRefreshToken,
  CognitoUserAttribute,
  CognitoUserSession,
} from 'amazon-cognito-identity-js';

import { authenticate, checked, client, done, through } from './identity.mjs';
import {
  addUser, administer, call, code, messages, otherCode, password, pool, refused, requests, stored, wrongPassword,
} from './support.mjs';

const phone = '+491701234567';
const newPassword = 'Another-h0rse, bättery!';

/** Adds a user to the pool and signs it in. */
async function entered(pool, user) {
  const username = await addUser(pool, user);
  const made = client(pool, username);
  made.user.setAuthenticationFlowType('USER_PASSWORD_AUTH');
  const { step, session } = await authenticate(made.user);
  assert.equal(step, 'done');
  return { username, session, ...made };
}

const map = attributes => Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));
const attributesOf = async user => map(await done(user, 'getUserAttributes'));

const getUser = (pool, session) => call(pool, 'GetUser', { AccessToken: session.getAccessToken().getJwtToken() });
const refreshed = (pool, session) => call(pool, 'InitiateAuth', {
  ClientId: pool.clientId, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: session.getRefreshToken().getToken() },
});

// Attributes.

test('read attributes', async () => {
  const { user, username, session } = await entered(pool('plain'), { attributes: { given_name: 'Zoë', 'custom:team': 'blue' } });
  assert.deepEqual(await attributesOf(user), {
    sub: session.getIdToken().payload.sub, email: `${username}@example.com`, email_verified: 'true', given_name: 'Zoë', 'custom:team': 'blue',
  });
});

test('update attributes', async () => {
  const plain = pool('plain');
  const { user, username } = await entered(plain);
  const { result: details, requests: sent } = await requests(plain, () => new Promise((resolve, reject) =>
    user.updateAttributes(
      [new CognitoUserAttribute({ Name: 'nickname', Value: 'Zo' }), { Name: 'email', Value: `new-${username}@example.com` }],
      (error, result, details) => error ? reject(error) : resolve({ result, details }),
      { mood: 'good' },
    )));
  assert.equal(details.result, 'SUCCESS');
  assert.deepEqual(details.details.CodeDeliveryDetailsList, [
    { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'n***@e***' },
  ]);
  // The client reads the user again, to keep what it remembers current.
  assert.deepEqual(sent, ['UpdateUserAttributes', 'GetUser']);
  const { nickname, email_verified: emailVerified } = await attributesOf(user);
  assert.deepEqual({ nickname, emailVerified }, { nickname: 'Zo', emailVerified: 'false' });

  const right = await code(plain, username);
  await refused(
    through(user, 'verifyAttribute', 'email', otherCode(right)),
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
  );
  assert.equal((await through(user, 'verifyAttribute', 'email', right)).session, 'SUCCESS');
  await refused(through(user, 'verifyAttribute', 'email', right), 'ExpiredCodeException');
  assert.equal((await attributesOf(user)).email_verified, 'true');
});

test('delete attributes', async () => {
  const { user } = await entered(pool('plain'), { attributes: { nickname: 'Zo', locale: 'de' } });
  assert.equal(await done(user, 'deleteAttributes', ['nickname']), 'SUCCESS');
  const { nickname, locale } = await attributesOf(user);
  assert.deepEqual({ nickname, locale }, { nickname: undefined, locale: 'de' });
});

test('ask for a code', async () => {
  const plain = pool('plain');
  const { user, username } = await entered(plain, { phone, attributes: { phone_number_verified: 'false' } });
  const { step, values } = await through(user, 'getAttributeVerificationCode', 'phone_number');
  assert.equal(step, 'code');
  assert.deepEqual(values[0].CodeDeliveryDetails, { AttributeName: 'phone_number', DeliveryMedium: 'SMS', Destination: '+********4567' });
  await through(user, 'verifyAttribute', 'phone_number', await code(plain, username));
  assert.equal((await attributesOf(user)).phone_number_verified, 'true');

  const withoutDetails = await new Promise((onSuccess, onFailure) =>
    user.getAttributeVerificationCode('email', { onSuccess, onFailure }));
  assert.equal(withoutDetails, 'SUCCESS');
  await refused(through(user, 'getAttributeVerificationCode', 'nickname'), 'InvalidParameterException');
});

for (const { what, poolName, attributes, error, message } of [
  { what: 'an unknown attribute', attributes: { 'custom:shoe': '42' }, error: 'InvalidParameterException' },
  { what: 'no e-mail address', attributes: { email: 'nobody' }, error: 'InvalidParameterException', message: 'Invalid email address format.' },
  {
    what: 'what the client must not write',
    poolName: 'demanding',
    attributes: { family_name: 'Ng' },
    error: 'NotAuthorizedException',
    message: 'A client attempted to write unauthorized attribute',
  },
]) {
  test(`set ${what}`, async () => {
    const { user } = await entered(pool(poolName ?? 'plain'), { attributes: { given_name: 'Zoë' } });
    const list = Object.entries({ nickname: 'Zo', ...attributes }).map(([Name, Value]) => ({ Name, Value }));
    await refused(done(user, 'updateAttributes', list), error, message);
    assert.equal((await attributesOf(user)).nickname, undefined);
  });
}

test('delete a required attribute', async () => {
  const { user } = await entered(pool('demanding'), { attributes: { given_name: 'Zoë' } });
  await refused(done(user, 'deleteAttributes', ['given_name']), 'InvalidParameterException');
});

test('what the client remembers of the user', async () => {
  const plain = pool('plain');
  const { user, username, session } = await entered(plain);
  const { result: data, requests: first } = await requests(plain, () => done(user, 'getUserData'));
  assert.deepEqual(first, ['GetUser']);
  assert.equal(data.Username, username);

  await administer(plain, 'AdminUpdateUserAttributes', username, { UserAttributes: [{ Name: 'nickname', Value: 'Zo' }] });
  const { result: cached, requests: none } = await requests(plain, () => done(user, 'getUserData'));
  assert.deepEqual(none, []);
  assert.deepEqual(cached, data);
  const { result: fresh, requests: second } = await requests(plain, () =>
    promisify(callback => user.getUserData(callback, { bypassCache: true }))());
  // It refreshes the tokens as well, so that their claims are current.
  assert.deepEqual(second, ['GetUser', 'InitiateAuth']);
  assert.equal(map(fresh.UserAttributes).nickname, 'Zo');
  assert.equal(session.getIdToken().payload.nickname, undefined);
  assert.equal(user.getSignInUserSession().getIdToken().payload.nickname, 'Zo');
});

// Passwords.

test('change a password', async () => {
  const plain = pool('plain');
  const { user, username, session } = await entered(plain);
  await refused(
    done(user, 'changePassword', wrongPassword, newPassword),
    'NotAuthorizedException',
    'Incorrect username or password.',
  );
  await refused(
    done(user, 'changePassword', password, 'Lacks-digits!'),
    'InvalidPasswordException',
    'Password did not conform with policy: Password must have numeric characters',
  );
  await promisify(callback => user.changePassword(password, newPassword, callback, { mood: 'good' }))();
  await getUser(plain, session);
  await refreshed(plain, session);
  await refused(authenticate(client(plain, username).user), 'NotAuthorizedException');
  assert.equal((await authenticate(client(plain, username).user, newPassword)).step, 'done');
});

test('change a password too often', async () => {
  const { user } = await entered(pool('plain'));
  for (let n = 0; n < 5; n++) await done(user, 'changePassword', password, password);
  await refused(
    done(user, 'changePassword', password, newPassword),
    'LimitExceededException',
    'Attempt limit exceeded, please try after some time.',
  );
});

test('a forgotten password', async () => {
  const plain = pool('plain');
  const username = await addUser(plain, { password: wrongPassword });
  const { user } = client(plain, username);
  const { step, values } = await through(user, 'forgotPassword');
  assert.equal(step, 'code');
  assert.deepEqual(values[0].CodeDeliveryDetails, { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'u***@e***' });
  const again = await new Promise((onSuccess, onFailure) => user.forgotPassword({ onSuccess, onFailure }));
  assert.deepEqual(again, values[0]);

  const [first, second] = await messages(plain, username);
  const confirm = (code, newPassword = password) => through(user, 'confirmPassword', code, newPassword);
  if (first.Code !== second.Code) await refused(confirm(first.Code), 'CodeMismatchException');
  await refused(confirm(second.Code, 'Sh0rt!'), 'InvalidPasswordException');
  assert.equal((await confirm(second.Code)).session, 'SUCCESS');
  await refused(confirm(second.Code), 'ExpiredCodeException', 'Invalid code provided, please request a code again.');
  assert.equal((await authenticate(user)).step, 'done');
});

for (const { who, user, error, message } of [
  {
    who: 'somebody without a verified contact',
    user: { attributes: { email_verified: 'false' } },
    error: 'InvalidParameterException',
    message: 'Cannot reset password for the user as there is no registered/verified email or phone_number',
  },
  {
    who: 'somebody who never chose a password',
    user: { status: 'FORCE_CHANGE_PASSWORD' },
    error: 'NotAuthorizedException',
    message: 'User password cannot be reset in the current state.',
  },
  { who: 'somebody who is disabled', user: { disabled: true }, error: 'NotAuthorizedException', message: 'User is disabled' },
]) {
  test(`a reset for ${who}`, async () => {
    const plain = pool('plain');
    const { user: forgetful } = client(plain, await addUser(plain, user));
    await refused(through(forgetful, 'forgotPassword'), error, message);
  });
}

test('a reset for somebody who does not exist', async () => {
  await refused(through(client(pool('plain'), 'nobody').user, 'forgotPassword'), 'UserNotFoundException');
  const { user: nobody } = client(pool('hiding'), 'nobody');
  assert.equal((await through(nobody, 'forgotPassword')).step, 'code');
  await refused(through(nobody, 'confirmPassword', '123456', password), 'CodeMismatchException');
});

test('a reset that an administrator has begun', async () => {
  const plain = pool('plain');
  const username = await addUser(plain, { password: wrongPassword });
  await administer(plain, 'AdminResetUserPassword', username);
  const { user } = client(plain, username);
  await refused(authenticate(user, wrongPassword), 'PasswordResetRequiredException', 'Password reset required for the user');
  await through(user, 'confirmPassword', await code(plain, username), password);
  assert.equal((await authenticate(user)).step, 'done');
});

// Sessions.

test('nobody signed in', async () => {
  const plain = pool('plain');
  const { user } = client(plain, await addUser(plain));
  const { requests: none } = await requests(plain, async () => {
    for (const operation of [
      ['getUserAttributes'], ['getUserData'], ['getMFAOptions'], ['updateAttributes', []], ['deleteAttributes', []],
      ['changePassword', password, newPassword], ['deleteUser'], ['enableMFA'], ['disableMFA'], ['setUserMfaPreference', null, null],
    ]) {
      await refused(done(user, ...operation), 'Error', 'User is not authenticated');
    }
    for (const operation of [
      ['getAttributeVerificationCode', 'email'], ['verifyAttribute', 'email', '123456'], ['globalSignOut'], ['getDevice'], ['forgetDevice'],
      ['forgetSpecificDevice', 'eu-west-1_0'], ['setDeviceStatusRemembered'], ['setDeviceStatusNotRemembered'], ['listDevices', 10, null],
    ]) {
      await refused(through(user, ...operation), 'Error', 'User is not authenticated');
    }
  });
  assert.deepEqual(none, []);
});

test('a session from what was stored', async () => {
  const plain = pool('plain');
  const { username, Storage, session } = await entered(plain);
  const { userPool } = client(plain, 'somebody else', Storage);
  const user = userPool.getCurrentUser();
  assert.equal(user.getUsername(), username);
  const { result: read, requests: none } = await requests(plain, () => done(user, 'getSession'));
  assert.deepEqual(none, []);
  assert.equal(read.getAccessToken().getJwtToken(), session.getAccessToken().getJwtToken());
  assert.equal((await attributesOf(user)).email, `${username}@example.com`);
});

test('a session that has expired', async () => {
  const plain = pool('plain');
  const { username, Storage } = await entered(plain);
  const user = client(plain, username, Storage).userPool.getCurrentUser();
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * 60 * 60 * 1000 });
  try {
    const { requests: sent } = await requests(plain, () => done(user, 'getSession'));
    assert.deepEqual(sent, ['InitiateAuth']);
    assert.ok(user.getSignInUserSession().isValid());
  } finally {
    mock.timers.reset();
  }
});

test('a session that was got elsewhere', async () => {
  const plain = pool('plain');
  const username = await addUser(plain);
  const { AuthenticationResult: tokens } = await call(plain, 'InitiateAuth', {
    ClientId: plain.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: username, PASSWORD: password },
  });
  const { user, userPool } = client(plain, username);
  user.setSignInUserSession(new CognitoUserSession({
    IdToken: new CognitoIdToken(tokens), AccessToken: new CognitoAccessToken(tokens), RefreshToken: new CognitoRefreshToken(tokens),
  }));
  await checked(plain, user.getSignInUserSession(), username);
  assert.equal((await attributesOf(user)).email, `${username}@example.com`);
  assert.equal(userPool.getCurrentUser().getUsername(), username);

  // A refresh token alone is enough as well.
  const another = client(plain, username).user;
  const fresh = await done(another, 'refreshSession', new CognitoRefreshToken(tokens));
  await checked(plain, fresh, username);
});

test('sign out, and keep the refresh token alive', async () => {
  const plain = pool('plain');
  const { user, userPool, session } = await entered(plain);
  const { requests: none } = await requests(plain, () => user.signOut());
  assert.deepEqual(none, []);
  assert.equal(userPool.getCurrentUser(), null);
  await refreshed(plain, session);
});

test('revoke tokens', async () => {
  const plain = pool('plain');
  const { user, session } = await entered(plain);
  await done(user, 'revokeTokens');
  await refused(getUser(plain, session), 'NotAuthorizedException', 'Access Token has been revoked');
  await refused(refreshed(plain, session), 'NotAuthorizedException', 'Refresh Token has been revoked');

  const lasting = pool('lasting');
  const other = await entered(lasting);
  const { requests: none } = await requests(lasting, () => done(other.user, 'revokeTokens'));
  assert.deepEqual(none, []);
});

test('sign out everywhere, twice', async () => {
  const plain = pool('plain');
  const { user, username, session } = await entered(plain);
  const other = client(plain, username);
  await authenticate(other.user);
  assert.equal((await through(user, 'globalSignOut')).session, 'SUCCESS');
  await refused(through(other.user, 'globalSignOut'), 'NotAuthorizedException', 'Access Token has been revoked');
  assert.notEqual(other.userPool.getCurrentUser(), null);
  await refused(getUser(plain, session), 'NotAuthorizedException');
});

// Deletion.

test('delete the account', async () => {
  const plain = pool('plain');
  const { user, userPool, username, session } = await entered(plain);
  const { result, requests: sent } = await requests(plain, () =>
    promisify(callback => user.deleteUser(callback, { mood: 'bad' }))());
  assert.equal(result, 'SUCCESS');
  assert.deepEqual(sent, ['DeleteUser']);
  assert.equal(userPool.getCurrentUser(), null);
  await refused(getUser(plain, session), 'NotAuthorizedException');
  await refused(refreshed(plain, session), 'NotAuthorizedException');
  await refused(authenticate(client(plain, username).user), 'UserNotFoundException');
  await assert.rejects(stored(plain, username));
});
