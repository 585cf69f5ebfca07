// amazon-cognito-identity-js, the client that most web applications grew up
// with, against the pool.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { CognitoUserAttribute } from 'amazon-cognito-identity-js';

import { authenticate, checked, client, outcome } from './identity.mjs';
import { addUser, appCode, call, code, freshName, otherCode, password, pool, refused, totp, wrongPassword } from './support.mjs';

/** Signs a fresh user of the pool in. */
async function signedIn(pool) {
  const username = await addUser(pool);
  const { userPool, user } = client(pool, username);
  const { step, session } = await authenticate(user);
  assert.equal(step, 'done');
  return { username, userPool, user, session };
}

test('sign up, confirm, sign in, sign out', async () => {
  const plain = pool('plain');
  const username = freshName();
  const email = `${username}@example.com`;
  const { userPool, user } = client(plain, username);

  const attributes = [
    new CognitoUserAttribute({ Name: 'email', Value: email }),
    new CognitoUserAttribute({ Name: 'given_name', Value: 'Zoë' }),
  ];
  const result = await promisify(userPool.signUp.bind(userPool))(username, password, attributes, null);
  assert.equal(result.userConfirmed, false);
  assert.deepEqual(result.codeDeliveryDetails, {
    AttributeName: 'email',
    DeliveryMedium: 'EMAIL',
    Destination: 'u***@e***',
  });
  await refused(authenticate(user), 'UserNotConfirmedException', 'User is not confirmed.');

  const confirm = promisify(user.confirmRegistration.bind(user));
  await refused(
    confirm(otherCode(await code(plain, username)), false),
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
  );
  await promisify(user.resendConfirmationCode.bind(user))();
  assert.equal(await confirm(await code(plain, username), false), 'SUCCESS');

  const { session } = await authenticate(user);
  const { access, id } = await checked(plain, session, username);
  assert.equal(access.sub, result.userSub);
  assert.equal(id.email, email);
  assert.equal(id.email_verified, true);
  assert.equal(id.given_name, 'Zoë');

  const refresh = session.getRefreshToken().getToken();
  assert.equal(await new Promise(resolve => user.signOut(resolve)), undefined);
  assert.equal(userPool.getCurrentUser(), null);
  await refused(
    call(plain, 'InitiateAuth', {
      ClientId: plain.clientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: refresh },
    }),
    'NotAuthorizedException',
    'Refresh Token has been revoked',
  );
});

test('sign in with a wrong password', async () => {
  const plain = pool('plain');
  const username = await addUser(plain);
  await refused(
    authenticate(client(plain, username).user, wrongPassword),
    'NotAuthorizedException',
    'Incorrect username or password.',
  );
  assert.equal((await authenticate(client(plain, username).user)).step, 'done');
});

test('sign in as somebody who does not exist', async () => {
  await refused(authenticate(client(pool('plain'), freshName()).user), 'UserNotFoundException', 'User does not exist.');
  await refused(
    authenticate(client(pool('hiding'), freshName()).user),
    'NotAuthorizedException',
    'Incorrect username or password.',
  );
});

// As in amplify.test.mjs: enough salts and keys to meet the odd ones.
test('sign in many times', async () => {
  const plain = pool('plain');
  for (let n = 0; n < 12; n++) {
    const { username, session } = await signedIn(plain);
    await checked(plain, session, username);
  }
});

test('sign in with an e-mail address', async () => {
  const alias = pool('alias');
  const email = `${freshName()}@example.com`;
  const username = await addUser(alias, { email });
  const { user } = client(alias, email);
  const { step, session } = await authenticate(user);
  assert.equal(step, 'done');
  assert.equal(user.getUsername(), username);
  await checked(alias, session, username);
});

test('sign in with a plain password', async () => {
  const plain = pool('plain');
  const username = await addUser(plain);
  const { user } = client(plain, username);
  user.setAuthenticationFlowType('USER_PASSWORD_AUTH');
  await refused(authenticate(user, wrongPassword), 'NotAuthorizedException', 'Incorrect username or password.');
  const { session } = await authenticate(user);
  await checked(plain, session, username);
});

test('sign in with a code of an authenticator app', async () => {
  const mfa = pool('mfa');
  const username = await addUser(mfa, { totp: true });
  const { user } = client(mfa, username);
  const { step, values } = await authenticate(user);
  assert.equal(step, 'totp');
  assert.equal(values[0], 'SOFTWARE_TOKEN_MFA');

  const answer = code => outcome(callbacks => user.sendMFACode(code, callbacks, 'SOFTWARE_TOKEN_MFA'));
  const right = await totp(mfa, username);
  await refused(answer(otherCode(right)), 'CodeMismatchException', 'Invalid code received for user');
  const done = await answer(right);
  assert.equal(done.step, 'done');
  await checked(mfa, done.session, username);
});

test('sign in with a code sent by text message', async () => {
  const codes = pool('codes');
  const username = await addUser(codes, { phone: '+491701234567', smsMFA: true });
  const { user } = client(codes, username);
  const { step, values } = await authenticate(user);
  assert.equal(step, 'sms');
  assert.equal(values[0], 'SMS_MFA');
  assert.equal(values[1].CODE_DELIVERY_DESTINATION, '+********4567');

  const answer = code => outcome(callbacks => user.sendMFACode(code, callbacks));
  const right = await code(codes, username);
  await refused(answer(otherCode(right)), 'CodeMismatchException', 'Invalid code or auth state for the user.');
  const done = await answer(right);
  assert.equal(done.step, 'done');
  await checked(codes, done.session, username);
});

test('set an authenticator app up at the first sign-in', async () => {
  const required = pool('required');
  const username = await addUser(required);
  const { user } = client(required, username);
  assert.equal((await authenticate(user)).step, 'mfaSetup');
  const { step, values } = await outcome(callbacks => user.associateSoftwareToken(callbacks));
  assert.equal(step, 'secret');

  const verify = code => outcome(callbacks => user.verifySoftwareToken(code, 'phone', callbacks));
  await refused(verify(otherCode(appCode(values[0]))), 'EnableSoftwareTokenMFAException');
  const done = await verify(appCode(values[0]));
  assert.equal(done.step, 'done');
  await checked(required, done.session, username);
  assert.equal((await authenticate(client(required, username).user)).step, 'totp');
});

test('choose a new password at the first sign-in', async () => {
  const plain = pool('plain');
  const username = await addUser(plain, { password: wrongPassword, status: 'FORCE_CHANGE_PASSWORD' });
  const { user } = client(plain, username);
  const { step, values } = await authenticate(user, wrongPassword);
  assert.equal(step, 'newPassword');
  const [attributes, required] = values;
  assert.equal(attributes.email, `${username}@example.com`);
  assert.deepEqual(required, []);

  const choose = (newPassword, given) =>
    outcome(callbacks => user.completeNewPasswordChallenge(newPassword, given, callbacks));
  await refused(choose('Sh0rt!', {}), 'InvalidPasswordException');
  const done = await choose(password, { given_name: 'Ana' });
  assert.equal(done.step, 'done');
  const { id } = await checked(plain, done.session, username);
  assert.equal(id.given_name, 'Ana');

  assert.equal((await authenticate(client(plain, username).user)).step, 'done');
});

test('refresh', async () => {
  const plain = pool('plain');
  const { username, user, session } = await signedIn(plain);
  const before = await checked(plain, session, username);
  const fresh = await promisify(user.refreshSession.bind(user))(session.getRefreshToken());
  const after = await checked(plain, fresh, username);
  assert.notEqual(after.access.jti, before.access.jti);
  assert.equal(after.access.sub, before.access.sub);
  assert.equal(after.access.origin_jti, before.access.origin_jti);
  assert.equal(after.access.auth_time, before.access.auth_time);
  assert.equal(fresh.getRefreshToken().getToken(), session.getRefreshToken().getToken());
});

test('read the user', async () => {
  const plain = pool('plain');
  const { username, user, session } = await signedIn(plain);
  const data = await promisify(user.getUserData.bind(user))();
  assert.equal(data.Username, username);
  const attributes = Object.fromEntries(data.UserAttributes.map(({ Name, Value }) => [Name, Value]));
  assert.equal(attributes.sub, session.getIdToken().payload.sub);
  assert.equal(attributes.email, `${username}@example.com`);
});

test('sign out everywhere', async () => {
  const plain = pool('plain');
  const { userPool, user, session } = await signedIn(plain);
  const { step } = await outcome(callbacks => user.globalSignOut(callbacks));
  assert.equal(step, 'done');
  assert.equal(userPool.getCurrentUser(), null);
  await refused(
    call(plain, 'GetUser', { AccessToken: session.getAccessToken().getJwtToken() }),
    'NotAuthorizedException',
    'Access Token has been revoked',
  );
  await refused(
    call(plain, 'InitiateAuth', {
      ClientId: plain.clientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: session.getRefreshToken().getToken() },
    }),
    'NotAuthorizedException',
    'Refresh Token has been revoked',
  );
});

test('reset a forgotten password', async () => {
  const plain = pool('plain');
  const username = await addUser(plain, { password: wrongPassword });
  const { user } = client(plain, username);
  const { step, values } = await outcome(callbacks => user.forgotPassword(callbacks));
  assert.equal(step, 'code');
  assert.equal(values[0].CodeDeliveryDetails.Destination, 'u***@e***');

  const confirm = code =>
    new Promise((onSuccess, onFailure) => user.confirmPassword(code, password, { onSuccess, onFailure }));
  const right = await code(plain, username);
  await refused(
    confirm(otherCode(right)),
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
  );
  assert.equal(await confirm(right), 'SUCCESS');
  assert.equal((await authenticate(client(plain, username).user)).step, 'done');
});
