// What people do with their accounts, as aws-amplify does it: attributes,
// passwords, and the end of sessions and accounts.

import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import {
  confirmResetPassword,
  confirmSignIn,
  confirmUserAttribute,
  deleteUser,
  deleteUserAttributes,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  resetPassword,
  sendUserAttributeVerificationCode,
  signIn,
  signOut,
  signUp,
  updatePassword,
  updateUserAttribute,
  updateUserAttributes,
} from 'aws-amplify/auth';

import { kept, refreshToken, session, signedIn, use } from './amplify.mjs';
import {
  addUser, administer, call, code, messages, otherCode, password, pool, refused, requests, stored, verified, wrongPassword,
} from './support.mjs';

beforeEach(() => kept.clear());

const plainPassword = { authFlowType: 'USER_PASSWORD_AUTH' };
const phone = '+491701234567';
const newPassword = 'Another-h0rse, bättery!';

/** Adds a user to the pool and signs it in. */
async function entered(pool, user) {
  const username = await addUser(pool, user);
  await signedIn(username, plainPassword);
  return username;
}

/** Signs in from somewhere else. */
const elsewhere = async (pool, username) => (await call(pool, 'InitiateAuth', {
  ClientId: pool.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: username, PASSWORD: password },
})).AuthenticationResult;

const accessToken = async () => (await fetchAuthSession()).tokens.accessToken.toString();
const getUser = (pool, token) => call(pool, 'GetUser', { AccessToken: token });
const refreshed = (pool, token) =>
  call(pool, 'GetTokensFromRefreshToken', { ClientId: pool.clientId, RefreshToken: token });

const done = { isUpdated: true, nextStep: { updateAttributeStep: 'DONE' } };
const byEmail = { attributeName: 'email', deliveryMedium: 'EMAIL', destination: 'n***@e***' };

// Attributes.

test('read attributes', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain, { attributes: { given_name: 'Zoë', 'custom:team': 'blue' } });
  const { userId } = await getCurrentUser();
  assert.deepEqual(await fetchUserAttributes(), {
    sub: userId, email: `${username}@example.com`, email_verified: 'true', given_name: 'Zoë', 'custom:team': 'blue',
  });
});

test('update attributes', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  assert.deepEqual(
    await updateUserAttributes({ userAttributes: { nickname: 'Zo', 'custom:team': 'green' } }),
    { nickname: done, 'custom:team': done },
  );
  assert.deepEqual(await updateUserAttribute({ userAttribute: { attributeKey: 'locale', value: 'de' } }), done);
  const { nickname, locale, 'custom:team': team } = await fetchUserAttributes();
  assert.deepEqual({ nickname, locale, team }, { nickname: 'Zo', locale: 'de', team: 'green' });

  // The tokens say so no sooner than they are refreshed.
  assert.equal((await session(plain, username)).id.nickname, undefined);
  await fetchAuthSession({ forceRefresh: true });
  assert.equal((await session(plain, username)).id.nickname, 'Zo');
});

test('an empty value removes an attribute', async () => {
  await entered(use(pool('plain')), { attributes: { nickname: 'Zo' } });
  assert.deepEqual(await updateUserAttributes({ userAttributes: { nickname: '' } }), { nickname: done });
  assert.equal((await fetchUserAttributes()).nickname, undefined);
});

test('change an e-mail address', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  const email = `new-${username}@example.com`;
  assert.deepEqual(await updateUserAttributes({ userAttributes: { email, nickname: 'Zo' } }), {
    nickname: done,
    email: { isUpdated: false, nextStep: { updateAttributeStep: 'CONFIRM_ATTRIBUTE_WITH_CODE', codeDeliveryDetails: byEmail } },
  });
  const pending = await fetchUserAttributes();
  assert.equal(pending.email_verified, 'false');
  const [message] = await messages(plain, username);
  assert.deepEqual(
    { kind: message.Kind, destination: message.Destination, attribute: message.Attribute },
    { kind: 'UpdateUserAttribute', destination: email, attribute: 'email' },
  );

  const confirm = confirmationCode => confirmUserAttribute({ userAttributeKey: 'email', confirmationCode });
  await refused(confirm(''), 'EmptyConfirmUserAttributeCode');
  await refused(
    confirm(otherCode(message.Code)),
    'CodeMismatchException',
    'Invalid verification code provided, please try again.',
  );
  await confirm(message.Code);
  const confirmed = await fetchUserAttributes();
  assert.deepEqual({ email: confirmed.email, verified: confirmed.email_verified }, { email, verified: 'true' });
  await refused(confirm(message.Code), 'ExpiredCodeException', 'Invalid code provided, please request a code again.');
});

// For Amplify a change that waits looks the same as one that is made already.
test('an e-mail address that changes when it is verified', async () => {
  const careful = use(pool('careful'));
  const username = await entered(careful);
  const email = `new-${username}@example.com`;
  const { nextStep } = await updateUserAttribute({ userAttribute: { attributeKey: 'email', value: email } });
  assert.deepEqual(nextStep, { updateAttributeStep: 'CONFIRM_ATTRIBUTE_WITH_CODE', codeDeliveryDetails: byEmail });
  const former = await fetchUserAttributes();
  assert.deepEqual(
    { email: former.email, verified: former.email_verified },
    { email: `${username}@example.com`, verified: 'true' },
  );
  await elsewhere(careful, former.email);

  await confirmUserAttribute({ userAttributeKey: 'email', confirmationCode: await code(careful, username) });
  const { email: confirmed, email_verified: verified } = await fetchUserAttributes();
  assert.deepEqual({ confirmed, verified }, { confirmed: email, verified: 'true' });
  await elsewhere(careful, email);
  await refused(elsewhere(careful, former.email), 'UserNotFoundException');
});

test('ask for a code once more', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  const { nextStep } = await updateUserAttribute({ userAttribute: { attributeKey: 'phone_number', value: phone } });
  assert.deepEqual(nextStep.codeDeliveryDetails, { attributeName: 'phone_number', deliveryMedium: 'SMS', destination: '+********4567' });
  assert.deepEqual(await sendUserAttributeVerificationCode({ userAttributeKey: 'phone_number' }), nextStep.codeDeliveryDetails);

  const [first, second] = await messages(plain, username);
  assert.equal(second.Kind, 'VerifyUserAttribute');
  const confirm = confirmationCode => confirmUserAttribute({ userAttributeKey: 'phone_number', confirmationCode });
  if (first.Code !== second.Code) await refused(confirm(first.Code), 'CodeMismatchException');
  await confirm(second.Code);
  assert.equal((await fetchUserAttributes()).phone_number_verified, 'true');
});

// Amplify repeats what the service has just refused for being too much.
test('ask for codes too often', async () => {
  const plain = use(pool('plain'));
  await entered(plain);
  const { requests: sent } = await requests(plain, async () => {
    for (let n = 0; n < 5; n++) await sendUserAttributeVerificationCode({ userAttributeKey: 'email' });
    await refused(
      sendUserAttributeVerificationCode({ userAttributeKey: 'email' }),
      'LimitExceededException',
      'Attempt limit exceeded, please try after some time.',
    );
  });
  const refusal = 'GetUserAttributeVerificationCode: LimitExceededException';
  assert.deepEqual(sent, [...Array(5).fill('GetUserAttributeVerificationCode'), refusal, refusal, refusal]);
});

test('delete attributes', async () => {
  await entered(use(pool('plain')), { attributes: { given_name: 'Zoë', nickname: 'Zo', locale: 'de' } });
  assert.equal(await deleteUserAttributes({ userAttributeKeys: ['given_name', 'locale'] }), undefined);
  const { given_name: name, locale, nickname } = await fetchUserAttributes();
  assert.deepEqual({ name, locale, nickname }, { name: undefined, locale: undefined, nickname: 'Zo' });
  // One that is not there is deleted enough.
  await deleteUserAttributes({ userAttributeKeys: ['given_name'] });
});

for (const { what, poolName, change, error, message } of [
  { what: 'an unknown attribute', change: { 'custom:shoe': '42' }, error: 'InvalidParameterException' },
  { what: 'the sub', change: { sub: 'somebody' }, error: 'InvalidParameterException' },
  { what: 'a verified flag', change: { email_verified: 'true' }, error: 'InvalidParameterException' },
  { what: 'no e-mail address', change: { email: 'nobody' }, error: 'InvalidParameterException', message: 'Invalid email address format.' },
  { what: 'no phone number', change: { phone_number: '0170' }, error: 'InvalidParameterException', message: 'Invalid phone number format.' },
  {
    what: 'what the client must not write',
    poolName: 'demanding',
    change: { family_name: 'Ng' },
    error: 'NotAuthorizedException',
    message: 'A client attempted to write unauthorized attribute',
  },
  { what: 'nothing for a required attribute', poolName: 'demanding', change: { given_name: '' }, error: 'InvalidParameterException' },
]) {
  test(`set ${what}`, async () => {
    await entered(use(pool(poolName ?? 'plain')), { attributes: { given_name: 'Zoë' } });
    const before = await fetchUserAttributes();
    await refused(updateUserAttributes({ userAttributes: { nickname: 'Zo', ...change } }), error, message);
    // All or nothing.
    assert.deepEqual(await fetchUserAttributes(), before);
  });
}

test('delete a required attribute', async () => {
  await entered(use(pool('demanding')), { attributes: { given_name: 'Zoë' } });
  await refused(deleteUserAttributes({ userAttributeKeys: ['given_name'] }), 'InvalidParameterException');
  assert.equal((await fetchUserAttributes()).given_name, 'Zoë');
});

test('verify what cannot be verified', async () => {
  await entered(use(pool('plain')));
  for (const userAttributeKey of ['nickname', 'phone_number']) {
    await refused(sendUserAttributeVerificationCode({ userAttributeKey }), 'InvalidParameterException');
  }
  await refused(
    confirmUserAttribute({ userAttributeKey: 'email', confirmationCode: '123456' }),
    'ExpiredCodeException',
    'Invalid code provided, please request a code again.',
  );
});

test('an alias goes to whoever verifies it last', async () => {
  const alias = use(pool('alias'));
  const first = await addUser(alias);
  const email = `${first}@example.com`;
  const second = await entered(alias);
  await updateUserAttribute({ userAttribute: { attributeKey: 'email', value: email } });
  await elsewhere(alias, email); // still the first one's
  await confirmUserAttribute({ userAttributeKey: 'email', confirmationCode: await code(alias, second) });
  assert.equal((await stored(alias, first)).Attributes.email_verified, 'false');
  await signOut();

  await signedIn(email, plainPassword);
  await session(alias, second);
});

// Passwords.

test('change a password', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  await refused(updatePassword({ oldPassword: wrongPassword, newPassword }), 'NotAuthorizedException', 'Incorrect username or password.');
  await refused(
    updatePassword({ oldPassword: password, newPassword: 'Lacks-digits!' }),
    'InvalidPasswordException',
    'Password did not conform with policy: Password must have numeric characters',
  );
  const { requests: none } = await requests(plain, async () => {
    await refused(updatePassword({ oldPassword: '', newPassword }), 'EmptyUpdatePassword');
    await refused(updatePassword({ oldPassword: password, newPassword: '' }), 'EmptyUpdatePassword');
  });
  assert.deepEqual(none, []);
  assert.equal(await updatePassword({ oldPassword: password, newPassword }), undefined);

  // Whoever is signed in stays so.
  await fetchAuthSession({ forceRefresh: true });
  await session(plain, username);
  await signOut();
  await refused(signIn({ username, password }), 'NotAuthorizedException');
  const { isSignedIn } = await signIn({ username, password: newPassword });
  assert.equal(isSignedIn, true);
});

test('passwords that were used before', async () => {
  const strict = use(pool('strict'));
  const username = await entered(strict);
  const change = (oldPassword, newPassword) => updatePassword({ oldPassword, newPassword });
  await refused(change(password, password), 'PasswordHistoryPolicyViolationException');
  await change(password, newPassword);
  await refused(change(newPassword, password), 'PasswordHistoryPolicyViolationException');
  await resetPassword({ username });
  const reset = newPassword => confirmResetPassword({ username, confirmationCode, newPassword });
  const confirmationCode = await code(strict, username);
  await refused(reset(password), 'PasswordHistoryPolicyViolationException');
  await reset('A-third-h0rse, bättery!');
});

test('change a password too often', async () => {
  await entered(use(pool('plain')));
  for (let n = 0; n < 5; n++) await updatePassword({ oldPassword: password, newPassword: password });
  await refused(updatePassword({ oldPassword: password, newPassword }), 'LimitExceededException');
});

// Amplify has no way to leave the old password out; the service has.
test('a first password', async () => {
  const choice = use(pool('choice'));
  const username = await addUser(choice, { password: '' });
  await signIn({ username, options: { authFlowType: 'USER_AUTH', preferredChallenge: 'EMAIL_OTP' } });
  const { isSignedIn } = await confirmSignIn({ challengeResponse: await code(choice, username) });
  assert.equal(isSignedIn, true);
  await refused(updatePassword({ oldPassword: '', newPassword: password }), 'EmptyUpdatePassword');
  await call(choice, 'ChangePassword', { AccessToken: await accessToken(), ProposedPassword: password });
  await signOut();
  await signedIn(username);
});

test('a forgotten password', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain, { password: wrongPassword });
  assert.deepEqual(await resetPassword({ username }), {
    isPasswordReset: false,
    nextStep: {
      resetPasswordStep: 'CONFIRM_RESET_PASSWORD_WITH_CODE',
      codeDeliveryDetails: { ...byEmail, destination: 'u***@e***' },
    },
  });
  // Until there is a new password, the old one is good.
  await call(plain, 'InitiateAuth', {
    ClientId: plain.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: username, PASSWORD: wrongPassword },
  });
  await resetPassword({ username });
  const [first, second] = await messages(plain, username);
  assert.equal(second.Kind, 'ForgotPassword');

  const confirm = (confirmationCode, newPassword = password) => confirmResetPassword({ username, confirmationCode, newPassword });
  if (first.Code !== second.Code) await refused(confirm(first.Code), 'CodeMismatchException');
  await refused(
    confirm(second.Code, 'Sh0rt!'),
    'InvalidPasswordException',
    'Password did not conform with policy: Password not long enough',
  );
  assert.equal(await confirm(second.Code), undefined);
  await refused(confirm(second.Code), 'ExpiredCodeException', 'Invalid code provided, please request a code again.');
  await signedIn(username, plainPassword);
  await signOut();
  await refused(signIn({ username, password: wrongPassword }), 'NotAuthorizedException', 'Incorrect username or password.');
});

test('a forgotten password, by phone', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain, { phone, password: wrongPassword });
  const { nextStep } = await resetPassword({ username });
  assert.deepEqual(nextStep.codeDeliveryDetails, { attributeName: 'phone_number', deliveryMedium: 'SMS', destination: '+********4567' });
  await confirmResetPassword({ username, confirmationCode: await code(plain, username), newPassword: password });
  await signedIn(username, plainPassword);
});

test('a reset without what it needs', async () => {
  const plain = use(pool('plain'));
  const input = { username: 'ana', confirmationCode: '123456', newPassword: password };
  const { requests: none } = await requests(plain, async () => {
    await refused(resetPassword({ username: '' }), 'EmptyResetPasswordUsername');
    await refused(confirmResetPassword({ ...input, username: '' }), 'EmptyConfirmResetPasswordUsername');
    await refused(confirmResetPassword({ ...input, newPassword: '' }), 'EmptyConfirmResetPasswordNewPassword');
    await refused(confirmResetPassword({ ...input, confirmationCode: '' }), 'EmptyConfirmResetPasswordConfirmationCode');
  });
  assert.deepEqual(none, []);
});

for (const { who, poolName, user, error, message } of [
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
  {
    who: 'somebody whom only an administrator can help',
    poolName: 'adminOnly',
    user: {},
    error: 'NotAuthorizedException',
    message: 'Contact administrator to reset password.',
  },
]) {
  test(`a reset for ${who}`, async () => {
    const chosen = use(pool(poolName ?? 'plain'));
    const username = await addUser(chosen, user);
    await refused(resetPassword({ username }), error, message);
    assert.deepEqual(await messages(chosen, username), []);
  });
}

test('a reset for somebody who does not exist', async () => {
  use(pool('plain'));
  const username = 'nobody';
  await refused(resetPassword({ username }), 'UserNotFoundException', 'Username/client id combination not found.');
  await refused(
    confirmResetPassword({ username, confirmationCode: '123456', newPassword: password }),
    'UserNotFoundException',
    'Username/client id combination not found.',
  );
});

test('a reset that tells nobody who exists', async () => {
  const hiding = use(pool('hiding'));
  const known = await addUser(hiding);
  const disabled = await addUser(hiding, { disabled: true });
  for (const username of ['nobody', known, disabled]) {
    const { nextStep } = await resetPassword({ username });
    assert.equal(nextStep.resetPasswordStep, 'CONFIRM_RESET_PASSWORD_WITH_CODE');
    assert.match(nextStep.codeDeliveryDetails.destination, /^.\*\*\*@.\*\*\*$/);
  }
  assert.equal((await messages(hiding, known)).length, 1);
  assert.deepEqual(await messages(hiding, disabled), []);
  const wrong = otherCode(await code(hiding, known));
  for (const username of ['nobody', known, disabled]) {
    await refused(
      confirmResetPassword({ username, confirmationCode: wrong, newPassword: password }),
      'CodeMismatchException',
      'Invalid verification code provided, please try again.',
    );
  }
});

test('a reset that an administrator has begun', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain, { password: wrongPassword });
  await administer(plain, 'AdminResetUserPassword', username);
  const { isSignedIn, nextStep } = await signIn({ username, password: wrongPassword });
  assert.deepEqual({ isSignedIn, step: nextStep.signInStep }, { isSignedIn: false, step: 'RESET_PASSWORD' });
  await confirmResetPassword({ username, confirmationCode: await code(plain, username), newPassword: password });
  await signedIn(username);
});

test('resets too often', async () => {
  const plain = use(pool('plain'));
  const username = await addUser(plain);
  for (let n = 0; n < 5; n++) await resetPassword({ username });
  await refused(resetPassword({ username }), 'LimitExceededException', 'Attempt limit exceeded, please try after some time.');
});

// Sessions.

const signedInOnly = {
  fetchUserAttributes,
  updateUserAttributes: () => updateUserAttributes({ userAttributes: { nickname: 'Zo' } }),
  updateUserAttribute: () => updateUserAttribute({ userAttribute: { attributeKey: 'nickname', value: 'Zo' } }),
  deleteUserAttributes: () => deleteUserAttributes({ userAttributeKeys: ['nickname'] }),
  sendUserAttributeVerificationCode: () => sendUserAttributeVerificationCode({ userAttributeKey: 'email' }),
  confirmUserAttribute: () => confirmUserAttribute({ userAttributeKey: 'email', confirmationCode: '123456' }),
  updatePassword: () => updatePassword({ oldPassword: password, newPassword }),
  deleteUser,
};

test('nobody signed in', async () => {
  const plain = use(pool('plain'));
  const { requests: none } = await requests(plain, async () => {
    for (const operation of Object.values(signedInOnly)) await refused(operation(), 'UserUnAuthenticatedException');
  });
  assert.deepEqual(none, []);
});

test('an access token that has expired', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 2 * 60 * 60 * 1000 });
  try {
    const { requests: sent } = await requests(plain, () => updateUserAttributes({ userAttributes: { nickname: 'Zo' } }));
    assert.deepEqual(sent, ['GetTokensFromRefreshToken', 'UpdateUserAttributes']);
  } finally {
    mock.timers.reset();
  }
  assert.equal((await stored(plain, username)).Attributes.nickname, 'Zo');
});

test('a session that somebody else has ended', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  await administer(plain, 'AdminUserGlobalSignOut', username);
  await refused(fetchUserAttributes(), 'NotAuthorizedException', 'Access Token has been revoked');
  // Amplify keeps the tokens until it has to refresh them.
  assert.notEqual(refreshToken(), undefined);
  assert.equal((await fetchAuthSession({ forceRefresh: true })).tokens, undefined);
  await refused(getCurrentUser(), 'UserUnAuthenticatedException');
});

test('somebody who is disabled while signed in', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  await administer(plain, 'AdminDisableUser', username);
  await refused(fetchUserAttributes(), 'NotAuthorizedException');
  assert.equal((await fetchAuthSession({ forceRefresh: true })).tokens, undefined);
  await refused(signIn({ username, password }), 'NotAuthorizedException', 'User is disabled.');
});

test('sign out here and not elsewhere', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  const other = await elsewhere(plain, username);
  const mine = await accessToken();
  const refresh = refreshToken();
  const { requests: sent } = await requests(plain, () => signOut());
  assert.deepEqual(sent, ['RevokeToken']);

  await refused(getUser(plain, mine), 'NotAuthorizedException', 'Access Token has been revoked');
  await refused(refreshed(plain, refresh), 'NotAuthorizedException', 'Refresh Token has been revoked');
  await getUser(plain, other.AccessToken);
  await refreshed(plain, other.RefreshToken);
  // Whoever checks the token without asking the service believes it still.
  await verified(plain, mine, 'access');
});

test('sign out everywhere', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  const other = await elsewhere(plain, username);
  const { requests: sent } = await requests(plain, () => signOut({ global: true }));
  assert.deepEqual(sent, ['GlobalSignOut']);
  await refused(getUser(plain, other.AccessToken), 'NotAuthorizedException', 'Access Token has been revoked');
  await refused(refreshed(plain, other.RefreshToken), 'NotAuthorizedException', 'Refresh Token has been revoked');
  await signedIn(username, plainPassword);
});

// Amplify says nothing of it: whoever was to be signed out everywhere is not.
test('a sign-out everywhere that fails', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  const other = await elsewhere(plain, username);
  await call(plain, 'RevokeToken', { ClientId: plain.clientId, Token: refreshToken() });
  const { requests: sent } = await requests(plain, () => signOut({ global: true }));
  assert.deepEqual(sent, ['GlobalSignOut: NotAuthorizedException']);
  await refused(getCurrentUser(), 'UserUnAuthenticatedException');
  await getUser(plain, other.AccessToken);
});

test('sign out where tokens cannot be revoked', async () => {
  const lasting = use(pool('lasting'));
  await entered(lasting);
  const refresh = refreshToken();
  const { requests: sent } = await requests(lasting, () => signOut());
  assert.deepEqual(sent, []);
  await refreshed(lasting, refresh);
});

// Deletion.

test('delete the account', async () => {
  const plain = use(pool('plain'));
  const username = await entered(plain);
  const other = await elsewhere(plain, username);
  const mine = await accessToken();
  const refresh = refreshToken();
  const { requests: sent } = await requests(plain, () => deleteUser());
  assert.deepEqual(sent, ['DeleteUser', 'RevokeToken']);
  await refused(getCurrentUser(), 'UserUnAuthenticatedException');
  assert.equal(refreshToken(), undefined);

  for (const token of [mine, other.AccessToken]) await refused(getUser(plain, token), 'NotAuthorizedException');
  for (const token of [refresh, other.RefreshToken]) await refused(refreshed(plain, token), 'NotAuthorizedException');
  await refused(signIn({ username, password }), 'UserNotFoundException', 'User does not exist.');

  const again = await signUp({ username, password, options: { userAttributes: { email: 'n@example.com' } } });
  assert.equal(again.nextStep.signUpStep, 'CONFIRM_SIGN_UP');
});
