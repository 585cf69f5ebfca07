// aws-amplify, the service's current client, against the pool.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import {
  autoSignIn,
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  fetchAuthSession,
  fetchMFAPreference,
  getCurrentUser,
  resendSignUpCode,
  resetPassword,
  setUpTOTP,
  signIn,
  signOut,
  signUp,
  updateMFAPreference,
  verifyTOTPSetup,
} from 'aws-amplify/auth';

import { kept, refreshToken, session, signedIn, use } from './amplify.mjs';
import { addUser, appCode, call, code, freshName, messages, otherCode, password, pool, refused, totp, wrongPassword } from './support.mjs';

beforeEach(() => kept.clear());

test('sign up, confirm, sign in, sign out', async () => {
  const plain = use(pool('plain'));
  const username = freshName();
  const email = `${username}@example.com`;

  const { isSignUpComplete, userId, nextStep } = await signUp({
    username,
    password,
    options: { userAttributes: { email, given_name: 'Zoë' } },
  });
  assert.equal(isSignUpComplete, false);
  assert.equal(nextStep.signUpStep, 'CONFIRM_SIGN_UP');
  assert.equal(nextStep.codeDeliveryDetails.deliveryMedium, 'EMAIL');
  assert.equal(nextStep.codeDeliveryDetails.attributeName, 'email');
  assert.equal(nextStep.codeDeliveryDetails.destination, 'u***@e***');

  const early = await signIn({ username, password });
  assert.equal(early.nextStep.signInStep, 'CONFIRM_SIGN_UP');

  const first = await code(plain, username);
  await refused(
    confirmSignUp({ username, confirmationCode: otherCode(first) }),
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
  );
  const again = await resendSignUpCode({ username });
  assert.equal(again.destination, 'u***@e***');
  const confirmed = await confirmSignUp({ username, confirmationCode: await code(plain, username) });
  assert.equal(confirmed.isSignUpComplete, true);
  assert.equal(confirmed.nextStep.signUpStep, 'DONE');

  await signedIn(username);
  const { access, id } = await session(plain, username);
  assert.equal(access.sub, userId);
  assert.equal(id.email, email);
  assert.equal(id.email_verified, true);
  assert.equal(id.given_name, 'Zoë');
  const refresh = refreshToken();

  await signOut();
  await refused(getCurrentUser(), 'UserUnAuthenticatedException');
  assert.equal(refreshToken(), undefined);
  await refused(
    call(plain, 'GetTokensFromRefreshToken', { ClientId: plain.clientId, RefreshToken: refresh }),
    'NotAuthorizedException',
    'Refresh Token has been revoked',
  );
});

test('sign up twice', async () => {
  const username = await addUser(use(pool('plain')));
  await refused(
    signUp({ username, password, options: { userAttributes: { email: 'other@example.com' } } }),
    'UsernameExistsException',
    'User already exists',
  );
});

test('sign up with a password that the policy refuses', async () => {
  use(pool('plain'));
  await refused(
    signUp({ username: freshName(), password: 'Sh0rt!', options: { userAttributes: { email: 'a@example.com' } } }),
    'InvalidPasswordException',
    'Password did not conform with policy: Password not long enough',
  );
});

test('sign in with a wrong password', async () => {
  const username = await addUser(use(pool('plain')));
  await refused(
    signIn({ username, password: wrongPassword }),
    'NotAuthorizedException',
    'Incorrect username or password.',
  );
  await signedIn(username);
});

test('sign in as somebody who does not exist', async () => {
  use(pool('plain'));
  await refused(signIn({ username: freshName(), password }), 'UserNotFoundException', 'User does not exist.');
  use(pool('hiding'));
  await refused(
    signIn({ username: freshName(), password }),
    'NotAuthorizedException',
    'Incorrect username or password.',
  );
});

// Salts, public values and keys start with a zero byte or a set sign bit now
// and then; every user here has a salt, and every attempt keys, of its own.
test('sign in many times', async () => {
  const plain = use(pool('plain'));
  for (let n = 0; n < 12; n++) {
    const username = await addUser(plain);
    await signedIn(username);
    await session(plain, username);
    await signOut();
  }
});

test('sign in with an e-mail address', async () => {
  const alias = use(pool('alias'));
  const email = `${freshName()}@example.com`;
  const username = await addUser(alias, { email });
  await signedIn(email);
  await session(alias, username);
  await signOut();
});

test('sign in with a plain password', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain);
  await refused(
    signIn({ username, password: wrongPassword, options: { authFlowType: 'USER_PASSWORD_AUTH' } }),
    'NotAuthorizedException',
    'Incorrect username or password.',
  );
  await signedIn(username, { authFlowType: 'USER_PASSWORD_AUTH' });
  await session(plain, username);
  await signOut();
});

test('sign in with a code of an authenticator app', async () => {
  const mfa = use(pool('mfa'));
  const username = await addUser(mfa, { totp: true });
  const { isSignedIn, nextStep } = await signIn({ username, password });
  assert.equal(isSignedIn, false);
  assert.equal(nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');

  const right = await totp(mfa, username);
  await refused(
    confirmSignIn({ challengeResponse: otherCode(right) }),
    'CodeMismatchException',
    'Invalid code received for user',
  );
  const done = await confirmSignIn({ challengeResponse: right });
  assert.equal(done.isSignedIn, true);
  await session(mfa, username);
  await signOut();
});

for (const { by, user, step, destination } of [
  {
    by: 'text message',
    user: { phone: '+491701234567', smsMFA: true },
    step: 'CONFIRM_SIGN_IN_WITH_SMS_CODE',
    destination: '+********4567',
  },
  { by: 'e-mail', user: { emailMFA: true }, step: 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE', destination: 'u***@e***' },
]) {
  test(`sign in with a code sent by ${by}`, async () => {
    const codes = use(pool('codes'));
    const username = await addUser(codes, user);
    const { nextStep } = await signIn({ username, password });
    assert.equal(nextStep.signInStep, step);
    assert.equal(nextStep.codeDeliveryDetails.destination, destination);

    const right = await code(codes, username);
    await refused(
      confirmSignIn({ challengeResponse: otherCode(right) }),
      'CodeMismatchException',
      'Invalid code or auth state for the user.',
    );
    const done = await confirmSignIn({ challengeResponse: right });
    assert.equal(done.isSignedIn, true);
    await session(codes, username);
    await signOut();
  });
}

test('set an authenticator app up at the first sign-in', async () => {
  const required = use(pool('required'));
  const username = await addUser(required);
  const { nextStep } = await signIn({ username, password });
  assert.equal(nextStep.signInStep, 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
  const secret = nextStep.totpSetupDetails.sharedSecret;
  await refused(
    confirmSignIn({ challengeResponse: otherCode(appCode(secret)) }),
    'EnableSoftwareTokenMFAException',
  );
  const done = await confirmSignIn({ challengeResponse: appCode(secret) });
  assert.equal(done.isSignedIn, true);
  await session(required, username);
  await signOut();

  const again = await signIn({ username, password });
  assert.equal(again.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
});

test('set an authenticator app up later', async () => {
  const mfa = use(pool('mfa'));
  const username = await addUser(mfa);
  await signedIn(username);
  const { sharedSecret } = await setUpTOTP();
  await verifyTOTPSetup({ code: appCode(sharedSecret) });
  await updateMFAPreference({ totp: 'PREFERRED' });
  assert.deepEqual(await fetchMFAPreference(), { enabled: ['TOTP'], preferred: 'TOTP' });
  await signOut();

  const { nextStep } = await signIn({ username, password });
  assert.equal(nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
  await refused(
    confirmSignIn({ challengeResponse: appCode(sharedSecret) }),
    'ExpiredCodeException',
    'Your software token has already been used once.',
  );
});

test('choose a new password at the first sign-in', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain, { password: wrongPassword, status: 'FORCE_CHANGE_PASSWORD' });
  const { isSignedIn, nextStep } = await signIn({ username, password: wrongPassword });
  assert.equal(isSignedIn, false);
  assert.equal(nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED');
  assert.deepEqual(nextStep.missingAttributes, []);

  await refused(confirmSignIn({ challengeResponse: 'Sh0rt!' }), 'InvalidPasswordException');
  const done = await confirmSignIn({
    challengeResponse: password,
    options: { userAttributes: { given_name: 'Ana' } },
  });
  assert.equal(done.isSignedIn, true);
  const { id } = await session(plain, username);
  assert.equal(id.given_name, 'Ana');
  await signOut();

  await signedIn(username);
  await signOut();
});

test('refresh', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain);
  await signedIn(username);
  const before = await session(plain, username);
  const refresh = refreshToken();

  await fetchAuthSession({ forceRefresh: true });
  const after = await session(plain, username);
  assert.notEqual(after.access.jti, before.access.jti);
  assert.equal(after.access.sub, before.access.sub);
  assert.equal(after.access.origin_jti, before.access.origin_jti);
  assert.equal(after.access.auth_time, before.access.auth_time);
  assert.equal(refreshToken(), refresh);
  await signOut();
});

test('refresh with rotation', async () => {
  const rotating = use(pool('rotating'));
  const username = await addUser(rotating);
  await signedIn(username);
  const seen = new Set([refreshToken()]);
  for (let n = 0; n < 3; n++) {
    await fetchAuthSession({ forceRefresh: true });
    await session(rotating, username);
    assert.ok(!seen.has(refreshToken()), 'every refresh brings a new refresh token');
    seen.add(refreshToken());
  }
  const [spent] = seen;
  await refused(
    call(rotating, 'GetTokensFromRefreshToken', { ClientId: rotating.clientId, RefreshToken: spent }),
    'RefreshTokenReuseException',
  );
  await signOut();
});

test('sign out everywhere', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain);
  await signedIn(username);
  const { tokens } = await fetchAuthSession();
  const refresh = refreshToken();
  await signOut({ global: true });
  await refused(getCurrentUser(), 'UserUnAuthenticatedException');
  await refused(
    call(plain, 'GetUser', { AccessToken: tokens.accessToken.toString() }),
    'NotAuthorizedException',
    'Access Token has been revoked',
  );
  await refused(
    call(plain, 'GetTokensFromRefreshToken', { ClientId: plain.clientId, RefreshToken: refresh }),
    'NotAuthorizedException',
    'Refresh Token has been revoked',
  );
});

for (const { name, poolName, autoSignIn: options } of [
  { name: 'with the password that it kept', poolName: 'plain', autoSignIn: true },
  { name: 'with the session of the confirmation', poolName: 'choice', autoSignIn: { authFlowType: 'USER_AUTH' } },
]) {
  test(`sign in after sign-up ${name}`, async () => {
    const chosen = use(pool(poolName));
    const username = freshName();
    const { nextStep } = await signUp({
      username,
      password,
      options: { userAttributes: { email: `${username}@example.com` }, autoSignIn: options },
    });
    assert.equal(nextStep.signUpStep, 'CONFIRM_SIGN_UP');
    const confirmed = await confirmSignUp({ username, confirmationCode: await code(chosen, username) });
    assert.equal(confirmed.nextStep.signUpStep, 'COMPLETE_AUTO_SIGN_IN');
    const { isSignedIn } = await autoSignIn();
    assert.equal(isSignedIn, true);
    await session(chosen, username);
    await signOut();
    // For 300 ms Amplify forgets every further call, and leaves its promise
    // open for good.
    await setTimeout(300);
  });
}

// Amplify tries to sign in every five seconds until the link was followed.
test('sign in after a link in an e-mail was followed', async () => {
  const linked = use(pool('linked'), { signUpVerificationMethod: 'link' });
  const username = freshName();
  const { isSignUpComplete, nextStep } = await signUp({
    username,
    password,
    options: { userAttributes: { email: `${username}@example.com` }, autoSignIn: true },
  });
  assert.equal(isSignUpComplete, false);
  assert.equal(nextStep.signUpStep, 'COMPLETE_AUTO_SIGN_IN');
  assert.equal(nextStep.codeDeliveryDetails.destination, 'u***@e***');

  const waiting = autoSignIn();
  const [{ Link: link, Body: body }] = await messages(linked, username);
  assert.match(body, /<a href="http:[^"]*">Verify Email<\/a>/);
  const early = await signIn({ username, password });
  assert.equal(early.nextStep.signInStep, 'CONFIRM_SIGN_UP');
  const page = await fetch(link);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /Your account is confirmed/);
  assert.equal((await fetch(link)).status, 400);

  const { isSignedIn } = await waiting;
  assert.equal(isSignedIn, true);
  const { id } = await session(linked, username);
  assert.equal(id.email_verified, true);
  await signOut();
  await setTimeout(300); // as above
});

test('reset a forgotten password', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain, { password: wrongPassword });
  const { nextStep } = await resetPassword({ username });
  assert.equal(nextStep.resetPasswordStep, 'CONFIRM_RESET_PASSWORD_WITH_CODE');
  assert.equal(nextStep.codeDeliveryDetails.destination, 'u***@e***');

  const right = await code(plain, username);
  await refused(
    confirmResetPassword({ username, confirmationCode: otherCode(right), newPassword: password }),
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
  );
  await confirmResetPassword({ username, confirmationCode: right, newPassword: password });
  await signedIn(username);
  await signOut();
});
