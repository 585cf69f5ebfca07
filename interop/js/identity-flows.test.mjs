// The sign-in flows of amazon-cognito-identity-js beyond a name and a
// password, against the pool. It knows neither USER_AUTH nor second factors
// by e-mail.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { AuthenticationDetails } from 'amazon-cognito-identity-js';

import { authenticate, checked, client, outcome } from './identity.mjs';
import { addUser, appCode, call, code, otherCode, password, pool, refused, steps, totp, wrongPassword } from './support.mjs';

const phone = '+491701234567';

// Custom challenges.

/** What the triggers of the Go side want to hear. */
const solution = ([{ sum }]) => String(sum.split('+').reduce((total, part) => total + Number(part), 0));

const solve = (user, answer, metadata) =>
  outcome(callbacks => user.sendCustomChallengeAnswer(answer, callbacks, metadata));

/** Begins with custom challenges and without a password. */
const initiate = user =>
  outcome(callbacks => user.initiateAuth(new AuthenticationDetails({ Username: user.getUsername() }), callbacks));

test('custom challenges without a password', async () => {
  const custom = pool('custom');
  const username = await addUser(custom);
  const { user } = client(custom, username);
  const first = await initiate(user);
  assert.equal(first.step, 'custom');
  assert.equal(first.values[0].sum, '0+17');
  const second = await solve(user, solution(first.values));
  assert.equal(second.step, 'custom');
  const again = await solve(user, 'wrong');
  assert.equal(again.step, 'custom');
  assert.equal(again.values[0].sum, '2+17');
  const done = await solve(user, solution(again.values));
  assert.equal(done.step, 'done');
  await checked(custom, done.session, username);

  const another = client(custom, username).user;
  await initiate(another);
  await solve(another, 'wrong');
  await solve(another, 'wrong');
  await refused(solve(another, 'wrong'), 'NotAuthorizedException', 'Incorrect username or password.');
});

test('custom challenges after a password', async () => {
  const custom = pool('custom');
  const username = await addUser(custom);
  const { user } = client(custom, username);
  user.setAuthenticationFlowType('CUSTOM_AUTH');
  await refused(authenticate(user, wrongPassword), 'NotAuthorizedException', 'Incorrect username or password.');
  const { result: first, steps: taken } = await steps(custom, () => authenticate(user));
  assert.deepEqual(taken, ['InitiateAuth CUSTOM_AUTH', 'RespondToAuthChallenge PASSWORD_VERIFIER']);
  assert.equal(first.step, 'custom');
  assert.equal(first.values[0].sum, '2+17');
  const second = await solve(user, solution(first.values));
  assert.equal(second.step, 'custom');
  const done = await solve(user, solution(second.values));
  assert.equal(done.step, 'done');
  await checked(custom, done.session, username);
});

test('a custom challenge whose trigger fails', async () => {
  const custom = pool('custom');
  const { user } = client(custom, await addUser(custom));
  await initiate(user);
  await refused(solve(user, 'anything', { mood: 'bad' }), 'UserLambdaValidationException');
});

// Second factors.

for (const { factor, step, answer } of [
  { factor: 'SOFTWARE_TOKEN_MFA', step: 'totp', answer: totp },
  { factor: 'SMS_MFA', step: 'sms', answer: code },
]) {
  test(`choose ${factor} among the second factors`, async () => {
    const choose = pool('choose');
    const username = await addUser(choose, { phone, totp: true, smsMFA: true });
    const { user } = client(choose, username);
    const { step: choice, values } = await authenticate(user);
    assert.equal(choice, 'select');
    assert.deepEqual(JSON.parse(values[1].MFAS_CAN_CHOOSE).sort(), ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
    await refused(outcome(callbacks => user.sendMFASelectionAnswer('EMAIL_OTP', callbacks)), 'InvalidParameterException');
    const asked = await outcome(callbacks => user.sendMFASelectionAnswer(factor, callbacks));
    assert.equal(asked.step, step);

    const right = await answer(choose, username);
    const send = code => outcome(callbacks => user.sendMFACode(code, callbacks, factor));
    await refused(send(otherCode(right)), 'CodeMismatchException');
    const done = await send(right);
    assert.equal(done.step, 'done');
    await checked(choose, done.session, username);
  });
}

test('set an authenticator app up where there is a choice', async () => {
  const setup = pool('setup');
  const username = await addUser(setup, { email: '' });
  const { user } = client(setup, username);
  const { step, values } = await authenticate(user);
  assert.equal(step, 'mfaSetup');
  assert.deepEqual(JSON.parse(values[1].MFAS_CAN_SETUP).sort(), ['EMAIL_OTP', 'SOFTWARE_TOKEN_MFA']);
  const { values: [secret] } = await outcome(callbacks => user.associateSoftwareToken(callbacks));
  const verify = code => outcome(callbacks => user.verifySoftwareToken(code, 'phone', callbacks));
  await refused(verify(otherCode(appCode(secret))), 'EnableSoftwareTokenMFAException');
  const { result: done, steps: taken } = await steps(setup, () => verify(appCode(secret)));
  assert.deepEqual(taken, ['VerifySoftwareToken', 'RespondToAuthChallenge MFA_SETUP']);
  await checked(setup, done.session, username);
  assert.equal((await authenticate(client(setup, username).user)).step, 'totp');
});

const chooseNew = user => outcome(callbacks => user.completeNewPasswordChallenge(password, {}, callbacks));

test('a new password, then a second factor', async () => {
  const choose = pool('choose');
  const username = await addUser(choose, { password: wrongPassword, status: 'FORCE_CHANGE_PASSWORD', totp: true });
  const { user } = client(choose, username);
  assert.equal((await authenticate(user, wrongPassword)).step, 'newPassword');
  assert.equal((await chooseNew(user)).step, 'totp');
  const right = await totp(choose, username);
  const send = code => outcome(callbacks => user.sendMFACode(code, callbacks, 'SOFTWARE_TOKEN_MFA'));
  await refused(send(otherCode(right)), 'CodeMismatchException');
  await checked(choose, (await send(right)).session, username);
});

test('a new password, then an authenticator app to set up', async () => {
  const required = pool('totpSetup');
  const username = await addUser(required, { password: wrongPassword, status: 'FORCE_CHANGE_PASSWORD' });
  const { user } = client(required, username);
  assert.equal((await authenticate(user, wrongPassword)).step, 'newPassword');
  assert.equal((await chooseNew(user)).step, 'mfaSetup');
  const { values: [secret] } = await outcome(callbacks => user.associateSoftwareToken(callbacks));
  const done = await outcome(callbacks => user.verifySoftwareToken(appCode(secret), 'phone', callbacks));
  await checked(required, done.session, username);
});

// Devices.

const first = ['InitiateAuth USER_SRP_AUTH', 'RespondToAuthChallenge PASSWORD_VERIFIER'];
const named = ['InitiateAuth USER_SRP_AUTH', 'RespondToAuthChallenge PASSWORD_VERIFIER with device'];
const proof = ['RespondToAuthChallenge DEVICE_SRP_AUTH with device', 'RespondToAuthChallenge DEVICE_PASSWORD_VERIFIER with device'];

/** The key of the device that a user object knows itself to be on. */
const deviceKey = user => user.getCachedDeviceKeyAndPassword() ?? user.deviceKey;

/** Signs a user in for the first time, which confirms the device. */
async function registered(pool, user = {}) {
  const username = await addUser(pool, user);
  const made = client(pool, username);
  const { result: { session }, steps: taken } = await steps(pool, () => authenticate(made.user));
  assert.deepEqual(taken, [...first, 'ConfirmDevice']);
  const { access } = await checked(pool, session, username);
  assert.equal(access.device_key, deviceKey(made.user));
  return { username, session, key: access.device_key, ...made };
}

/** Signs in again in the same browser, so to speak. */
async function again(pool, { username, Storage }) {
  const { user } = client(pool, username, Storage);
  const { result, steps: taken } = await steps(pool, () => authenticate(user));
  return { user, ...result, taken };
}

test('a remembered device proves itself', async () => {
  const devices = pool('devices');
  const known = await registered(devices);
  const listed = await outcome(callbacks => known.user.listDevices(10, null, callbacks));
  assert.deepEqual(listed.session.Devices.map(({ DeviceKey }) => DeviceKey), [known.key]);
  for (let n = 0; n < 3; n++) {
    const { session, taken, user } = await again(devices, known);
    assert.deepEqual(taken, [...named, ...proof]);
    const { access } = await checked(devices, session, known.username);
    assert.equal(access.device_key, known.key);
    assert.equal(deviceKey(user), known.key);
  }
});

test('a device with a secret that is not its own', async () => {
  const devices = pool('devices');
  const known = await registered(devices);
  known.user.randomPassword = Buffer.alloc(40).toString('base64');
  known.user.cacheDeviceKeyAndPassword();
  await refused(again(devices, known), 'NotAuthorizedException', 'Incorrect username or password.');
});

test('a remembered device after a plain password', async () => {
  const devices = pool('devices');
  const known = await registered(devices);
  const { user } = client(devices, known.username, known.Storage);
  user.setAuthenticationFlowType('USER_PASSWORD_AUTH');
  const { result: { session }, steps: taken } = await steps(devices, () => authenticate(user));
  assert.deepEqual(taken, ['InitiateAuth USER_PASSWORD_AUTH with device', ...proof]);
  await checked(devices, session, known.username);
});

for (const { way, start, steps: expected } of [
  {
    way: 'custom challenges',
    start: initiate,
    steps: ['InitiateAuth CUSTOM_AUTH'],
  },
  {
    way: 'a password proof and custom challenges',
    start: user => (user.setAuthenticationFlowType('CUSTOM_AUTH'), authenticate(user)),
    steps: ['InitiateAuth CUSTOM_AUTH', 'RespondToAuthChallenge PASSWORD_VERIFIER with device'],
  },
]) {
  test(`a remembered device after ${way}`, async () => {
    const devices = pool('devices');
    const known = await registered(devices);
    const { user } = client(devices, known.username, known.Storage);
    const { result: done, steps: taken } = await steps(devices, async () => {
      const one = await start(user);
      const two = await solve(user, solution(one.values));
      return solve(user, solution(two.values));
    });
    const answer = 'RespondToAuthChallenge CUSTOM_CHALLENGE with device';
    assert.deepEqual(taken, [...expected, answer, answer, ...proof]);
    const { access } = await checked(devices, done.session, known.username);
    assert.equal(access.device_key, known.key);
  });
}

test('a remembered device instead of the second factor', async () => {
  const trusting = pool('trusting');
  const username = await addUser(trusting, { totp: true });
  const { user, Storage } = client(trusting, username);
  assert.equal((await authenticate(user)).step, 'totp');
  const right = await totp(trusting, username);
  const { steps: taken } = await steps(trusting, () =>
    outcome(callbacks => user.sendMFACode(right, callbacks, 'SOFTWARE_TOKEN_MFA')));
  assert.deepEqual(taken, ['RespondToAuthChallenge SOFTWARE_TOKEN_MFA', 'ConfirmDevice']);

  const { step, session, taken: second } = await again(trusting, { username, Storage });
  assert.equal(step, 'done');
  assert.deepEqual(second, [...named, ...proof]);
  await checked(trusting, session, username);
  assert.equal((await authenticate(client(trusting, username).user)).step, 'totp');
});

test('a device that is remembered on request', async () => {
  const asking = pool('asking');
  const username = await addUser(asking);
  const { user, Storage } = client(asking, username);
  const necessary = await new Promise((resolve, onFailure) =>
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), {
      onSuccess: (session, confirmation) => resolve(confirmation),
      onFailure,
    }));
  assert.equal(necessary, true);

  const before = await again(asking, { username, Storage });
  assert.deepEqual(before.taken, named);
  const remembered = await outcome(callbacks => before.user.setDeviceStatusRemembered(callbacks));
  assert.equal(remembered.session, 'SUCCESS');
  const after = await again(asking, { username, Storage });
  assert.deepEqual(after.taken, [...named, ...proof]);
  await checked(asking, after.session, username);
});

// Whoever owns the account can forget a device from another one. The client
// then answers the challenge that was refused once more, without the device.
test('a forgotten device', async () => {
  const devices = pool('devices');
  const known = await registered(devices);
  await call(devices, 'ForgetDevice', { AccessToken: known.session.getAccessToken().getJwtToken(), DeviceKey: known.key });
  const { user, session, taken } = await again(devices, known);
  assert.deepEqual(taken, [
    ...named.slice(0, -1),
    `${named.at(-1)}: ResourceNotFoundException`,
    'RespondToAuthChallenge PASSWORD_VERIFIER',
    'ConfirmDevice',
  ]);
  assert.notEqual(deviceKey(user), known.key);
  const { access } = await checked(devices, session, known.username);
  assert.equal(access.device_key, deviceKey(user));
});

test('forget the own device', async () => {
  const devices = pool('devices');
  const known = await registered(devices);
  await outcome(callbacks => known.user.forgetDevice(callbacks));
  const { taken } = await again(devices, known);
  assert.deepEqual(taken, [...first, 'ConfirmDevice']);
});

test('refresh with a device', async () => {
  const devices = pool('devices');
  const { username, user, session, key } = await registered(devices);
  const refresh = () => promisify(user.refreshSession.bind(user))(session.getRefreshToken());
  const { result: fresh, steps: taken } = await steps(devices, refresh);
  assert.deepEqual(taken, ['InitiateAuth REFRESH_TOKEN_AUTH with device']);
  const { access } = await checked(devices, fresh, username);
  assert.equal(access.device_key, key);

  await refused(
    call(devices, 'InitiateAuth', {
      ClientId: devices.clientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: session.getRefreshToken().getToken() },
    }),
    'NotAuthorizedException',
    'Invalid Refresh Token',
  );
});
