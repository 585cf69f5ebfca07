// The sign-in flows of aws-amplify beyond a name and a password, against the
// pool.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import {
  associateWebAuthnCredential,
  autoSignIn,
  confirmSignIn,
  confirmSignUp,
  deleteWebAuthnCredential,
  fetchAuthSession,
  fetchDevices,
  fetchMFAPreference,
  forgetDevice,
  listWebAuthnCredentials,
  rememberDevice,
  signIn,
  signOut,
  signUp,
} from 'aws-amplify/auth';

import { kept, refreshToken, session, signedIn, use } from './amplify.mjs';
import { Browser } from './authenticator.mjs';
import { addUser, appCode, call, code, freshName, otherCode, password, pool, refused, steps, totp, wrongPassword } from './support.mjs';

// Amplify names a device after the browser, and without navigator, which Node
// has from version 21 on, confirms none.
const browser = 'interop/1.0';
Object.defineProperty(globalThis, 'navigator', { value: { userAgent: browser }, configurable: true });

beforeEach(() => kept.clear());

/** Answers a step and expects to be through. */
async function confirmed(challengeResponse, options) {
  const { isSignedIn, nextStep } = await confirmSignIn({ challengeResponse, options });
  assert.deepEqual({ isSignedIn, step: nextStep.signInStep }, { isSignedIn: true, step: 'DONE' });
}

/** Answers a step and expects another one. */
async function next(challengeResponse, step) {
  const { isSignedIn, nextStep } = await confirmSignIn({ challengeResponse });
  assert.deepEqual({ isSignedIn, step: nextStep.signInStep }, { isSignedIn: false, step });
  return nextStep;
}

/** Begins to sign in and expects a step. */
async function begun(input, step) {
  const { isSignedIn, nextStep } = await signIn(input);
  assert.deepEqual({ isSignedIn, step: nextStep.signInStep }, { isSignedIn: false, step });
  return nextStep;
}

const userAuth = preferredChallenge => ({ authFlowType: 'USER_AUTH', preferredChallenge });
const phone = '+491701234567';

// First factors.

test('a choice of first factors', async () => {
  const choice = use(pool('choice'));
  const everything = await addUser(choice, { phone });
  const { availableChallenges } = await begun(
    { username: everything, options: userAuth() },
    'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION',
  );
  assert.deepEqual([...availableChallenges].sort(), ['EMAIL_OTP', 'PASSWORD', 'PASSWORD_SRP', 'SMS_OTP']);
  await refused(confirmSignIn({ challengeResponse: 'WEB_AUTHN' }), 'InvalidParameterException');

  const addressOnly = await addUser(choice, { password: '' });
  const less = await begun({ username: addressOnly, options: userAuth() }, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
  assert.deepEqual(less.availableChallenges, ['EMAIL_OTP']);
});

for (const factor of ['PASSWORD', 'PASSWORD_SRP']) {
  test(`${factor}, chosen`, async () => {
    const choice = use(pool('choice'));
    const username = await addUser(choice, { phone });
    for (const attempt of [wrongPassword, password]) {
      await begun({ username, options: userAuth() }, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
      await next(factor, 'CONFIRM_SIGN_IN_WITH_PASSWORD');
      if (attempt === wrongPassword) {
        await refused(
          confirmSignIn({ challengeResponse: attempt }),
          'NotAuthorizedException',
          'Incorrect username or password.',
        );
      } else {
        await confirmed(attempt);
      }
    }
    await session(choice, username);
    await signOut();
  });

  test(`${factor}, preferred`, async () => {
    const choice = use(pool('choice'));
    const username = await addUser(choice, { phone });
    await refused(
      signIn({ username, password: wrongPassword, options: userAuth(factor) }),
      'NotAuthorizedException',
      'Incorrect username or password.',
    );
    const { steps: taken } = await steps(choice, () => signedIn(username, userAuth(factor)));
    assert.deepEqual(taken, {
      PASSWORD: ['InitiateAuth USER_AUTH PASSWORD'],
      PASSWORD_SRP: ['InitiateAuth USER_AUTH PASSWORD_SRP', 'RespondToAuthChallenge PASSWORD_VERIFIER'],
    }[factor]);
    await session(choice, username);
    await signOut();
  });
}

for (const { factor, step, medium, destination } of [
  { factor: 'EMAIL_OTP', step: 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE', medium: 'EMAIL', destination: 'u***@e***' },
  { factor: 'SMS_OTP', step: 'CONFIRM_SIGN_IN_WITH_SMS_CODE', medium: 'SMS', destination: '+********4567' },
]) {
  for (const way of ['chosen', 'preferred']) {
    test(`${factor}, ${way}`, async () => {
      const choice = use(pool('choice'));
      const username = await addUser(choice, { phone, password: '' });
      let asked;
      if (way === 'preferred') {
        asked = await begun({ username, options: userAuth(factor) }, step);
      } else {
        await begun({ username, options: userAuth() }, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
        asked = await next(factor, step);
      }
      assert.deepEqual(asked.codeDeliveryDetails, { deliveryMedium: medium, destination });

      const right = await code(choice, username);
      assert.match(right, /^\d{8}$/);
      await refused(
        confirmSignIn({ challengeResponse: String((Number(right) + 1) % 1e8).padStart(8, '0') }),
        'CodeMismatchException',
        'Invalid code or auth state for the user.',
      );
      await confirmed(right);
      await session(choice, username);
      await signOut();
    });
  }
}

test('a preference that the user lacks', async () => {
  const choice = use(pool('choice'));
  const username = await addUser(choice);
  const { availableChallenges } = await begun(
    { username, options: userAuth('SMS_OTP') },
    'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION',
  );
  assert.deepEqual([...availableChallenges].sort(), ['EMAIL_OTP', 'PASSWORD', 'PASSWORD_SRP']);
});

test('sign up, confirm and be signed in without a password', async () => {
  const choice = use(pool('choice'));
  const username = freshName();
  const { nextStep } = await signUp({
    username,
    options: { userAttributes: { email: `${username}@example.com` }, autoSignIn: { authFlowType: 'USER_AUTH' } },
  });
  assert.equal(nextStep.signUpStep, 'CONFIRM_SIGN_UP');
  const confirmation = await confirmSignUp({ username, confirmationCode: await code(choice, username) });
  assert.equal(confirmation.nextStep.signUpStep, 'COMPLETE_AUTO_SIGN_IN');
  const { result, steps: taken } = await steps(choice, autoSignIn);
  assert.equal(result.isSignedIn, true);
  assert.deepEqual(taken, ['InitiateAuth USER_AUTH']);
  const { id } = await session(choice, username);
  assert.equal(id.email_verified, true);
  await signOut();
  // For 300 ms Amplify forgets every further call.
  await setTimeout(300);
  await refused(autoSignIn(), 'AutoSignInException');

  const { availableChallenges } = await begun({ username, options: userAuth() }, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
  assert.deepEqual(availableChallenges, ['EMAIL_OTP']);
});

// Passkeys. Amplify takes them from navigator.credentials, which is not
// Node's: the tests bring their own.

const page = 'https://app.example.com';

/** Adds a user and makes a passkey for it with Amplify. */
async function withPasskey(pool, browser) {
  const username = await addUser(pool);
  await signedIn(username, userAuth('PASSWORD_SRP'));
  await browser.on(associateWebAuthnCredential);
  return username;
}

for (const way of ['chosen', 'preferred']) {
  test(`a passkey, ${way}`, async () => {
    const passkeys = use(pool('passkeys'));
    const browser = new Browser(page);
    const username = await withPasskey(passkeys, browser);
    assert.deepEqual(browser.asked[0].rp, { id: 'example.com', name: 'example.com' });
    const { credentials } = await listWebAuthnCredentials();
    assert.deepEqual(credentials.map(({ credentialId, relyingPartyId }) => ({ credentialId, relyingPartyId })), [
      { credentialId: browser.keys[0].id.toString('base64url'), relyingPartyId: 'example.com' },
    ]);
    await signOut();

    const { result: done, steps: taken } = await steps(passkeys, () => browser.on(async () => {
      if (way === 'preferred') return signIn({ username, options: userAuth('WEB_AUTHN') });
      const { availableChallenges } = await begun({ username, options: userAuth() }, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
      assert.deepEqual([...availableChallenges].sort(), ['PASSWORD', 'PASSWORD_SRP', 'WEB_AUTHN']);
      return confirmSignIn({ challengeResponse: 'WEB_AUTHN' });
    }));
    assert.equal(done.isSignedIn, true);
    assert.deepEqual(taken, {
      preferred: ['InitiateAuth USER_AUTH WEB_AUTHN', 'RespondToAuthChallenge WEB_AUTHN'],
      chosen: ['InitiateAuth USER_AUTH', 'RespondToAuthChallenge SELECT_CHALLENGE', 'RespondToAuthChallenge WEB_AUTHN'],
    }[way]);
    await session(passkeys, username);

    await deleteWebAuthnCredential({ credentialId: credentials[0].credentialId });
    await signOut();
    const { availableChallenges } = await begun(
      { username, options: userAuth('WEB_AUTHN') },
      'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION',
    );
    assert.deepEqual([...availableChallenges].sort(), ['PASSWORD', 'PASSWORD_SRP']);
  });
}

test('a passkey that somebody else has the key of', async () => {
  const passkeys = use(pool('passkeys'));
  const browser = new Browser(page);
  const username = await withPasskey(passkeys, browser);
  await signOut();
  browser.keys[0].privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  await browser.on(() => refused(signIn({ username, options: userAuth('WEB_AUTHN') }), 'NotAuthorizedException'));
});

test('a passkey of a page that is not the relying party', async () => {
  const passkeys = use(pool('passkeys'));
  const username = await addUser(passkeys);
  await signedIn(username, userAuth('PASSWORD_SRP'));
  await new Browser('https://example.org').on(() =>
    refused(associateWebAuthnCredential(), 'WebAuthnOriginNotAllowedException'));
  assert.deepEqual((await listWebAuthnCredentials()).credentials, []);
  await signOut();
});

// Amplify keeps the attempt when the user sends the browser's prompt away.
test('a password after a cancelled passkey', async () => {
  const passkeys = use(pool('passkeys'));
  const browser = new Browser(page);
  const username = await withPasskey(passkeys, browser);
  await signOut();
  browser.cancels = true;
  await browser.on(() => refused(signIn({ username, options: userAuth('WEB_AUTHN') }), 'PasskeyAuthenticationCanceled'));
  await next('PASSWORD_SRP', 'CONFIRM_SIGN_IN_WITH_PASSWORD');
  await confirmed(password);
  await session(passkeys, username);
  await signOut();
});

// Custom challenges.

/** What the triggers of the Go side want to hear. */
const solution = ({ sum }) => String(sum.split('+').reduce((total, part) => total + Number(part), 0));

const asksCustom = 'CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE';

test('custom challenges without a password', async () => {
  const custom = use(pool('custom'));
  const username = await addUser(custom);
  const begin = { username, options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } };
  const first = await begun(begin, asksCustom);
  assert.equal(first.additionalInfo.sum, '0+17');
  const second = await next(solution(first.additionalInfo), asksCustom);
  assert.equal(second.additionalInfo.sum, '1+17');
  const again = await next('wrong', asksCustom);
  assert.equal(again.additionalInfo.sum, '2+17');
  await confirmed(solution(again.additionalInfo));
  await session(custom, username);
  await signOut();

  await begun(begin, asksCustom);
  await next('wrong', asksCustom);
  await next('wrong', asksCustom);
  await refused(confirmSignIn({ challengeResponse: 'wrong' }), 'NotAuthorizedException', 'Incorrect username or password.');
});

test('custom challenges after a password', async () => {
  const custom = use(pool('custom'));
  const username = await addUser(custom);
  const options = { authFlowType: 'CUSTOM_WITH_SRP' };
  await refused(
    signIn({ username, password: wrongPassword, options }),
    'NotAuthorizedException',
    'Incorrect username or password.',
  );
  const first = await begun({ username, password, options }, asksCustom);
  assert.equal(first.additionalInfo.sum, '2+17');
  const second = await next(solution(first.additionalInfo), asksCustom);
  await confirmed(solution(second.additionalInfo));
  await session(custom, username);
  await signOut();
});

test('a custom challenge whose trigger fails', async () => {
  const custom = use(pool('custom'));
  const username = await addUser(custom);
  await begun({ username, options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } }, asksCustom);
  await refused(
    confirmSignIn({ challengeResponse: 'anything', options: { clientMetadata: { mood: 'bad' } } }),
    'UserLambdaValidationException',
  );
});

// Second factors.

for (const { type, step, answer, challenge } of [
  { type: 'TOTP', step: 'CONFIRM_SIGN_IN_WITH_TOTP_CODE', answer: totp, challenge: 'SOFTWARE_TOKEN_MFA' },
  { type: 'SMS', step: 'CONFIRM_SIGN_IN_WITH_SMS_CODE', answer: code, challenge: 'SMS_MFA' },
  { type: 'EMAIL', step: 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE', answer: code, challenge: 'EMAIL_OTP' },
]) {
  test(`choose ${type} among the second factors`, async () => {
    const choose = use(pool('choose'));
    const username = await addUser(choose, { phone, totp: true, smsMFA: true, emailMFA: true });
    const { allowedMFATypes } = await begun({ username, password }, 'CONTINUE_SIGN_IN_WITH_MFA_SELECTION');
    assert.deepEqual([...allowedMFATypes].sort(), ['EMAIL', 'SMS', 'TOTP']);
    const { steps: taken } = await steps(choose, async () => {
      await next(type, step);
      const right = await answer(choose, username);
      await refused(confirmSignIn({ challengeResponse: otherCode(right) }), 'CodeMismatchException');
      await confirmed(right);
    });
    assert.deepEqual(taken, [
      'RespondToAuthChallenge SELECT_MFA_TYPE',
      `RespondToAuthChallenge ${challenge}: CodeMismatchException`,
      `RespondToAuthChallenge ${challenge}`,
    ]);
    await session(choose, username);
    await signOut();
  });
}

test('choose a second factor that the user lacks', async () => {
  const choose = use(pool('choose'));
  const username = await addUser(choose, { totp: true, emailMFA: true });
  const { allowedMFATypes } = await begun({ username, password }, 'CONTINUE_SIGN_IN_WITH_MFA_SELECTION');
  assert.deepEqual([...allowedMFATypes].sort(), ['EMAIL', 'TOTP']);
  await refused(confirmSignIn({ challengeResponse: 'SMS' }), 'InvalidParameterException');
  await next('TOTP', 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
});

test('set an authenticator app up, chosen among two', async () => {
  const setup = use(pool('setup'));
  const username = await addUser(setup, { email: '' });
  const { allowedMFATypes } = await begun({ username, password }, 'CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION');
  assert.deepEqual([...allowedMFATypes].sort(), ['EMAIL', 'TOTP']);
  const { totpSetupDetails } = await next('TOTP', 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
  const uri = totpSetupDetails.getSetupUri('Example', 'ana');
  assert.equal(uri.searchParams.get('secret'), totpSetupDetails.sharedSecret);

  const right = appCode(totpSetupDetails.sharedSecret);
  await refused(confirmSignIn({ challengeResponse: otherCode(right) }), 'EnableSoftwareTokenMFAException');
  const { steps: taken } = await steps(setup, () => confirmed(right, { friendlyDeviceName: 'phone' }));
  assert.deepEqual(taken, ['VerifySoftwareToken', 'RespondToAuthChallenge MFA_SETUP']);
  await session(setup, username);
  assert.deepEqual((await fetchMFAPreference()).enabled, ['TOTP']);
  await signOut();
  await begun({ username, password }, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
});

for (const { poolName, way } of [
  { poolName: 'setup', way: 'chosen among two' },
  { poolName: 'emailSetup', way: 'the only one' },
]) {
  test(`set codes by e-mail up, ${way}`, async () => {
    const setup = use(pool(poolName));
    const username = await addUser(setup, { email: '' });
    if (poolName === 'setup') {
      await begun({ username, password }, 'CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION');
      await next('EMAIL', 'CONTINUE_SIGN_IN_WITH_EMAIL_SETUP');
    } else {
      await begun({ username, password }, 'CONTINUE_SIGN_IN_WITH_EMAIL_SETUP');
    }
    await refused(confirmSignIn({ challengeResponse: 'not@an@address' }), 'InvalidParameterException');
    const { codeDeliveryDetails } = await next(`${username}@example.com`, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
    assert.deepEqual(codeDeliveryDetails, { deliveryMedium: 'EMAIL', destination: 'u***@e***' });

    const right = await code(setup, username);
    await refused(confirmSignIn({ challengeResponse: otherCode(right) }), 'CodeMismatchException');
    await confirmed(right);
    const { id } = await session(setup, username);
    assert.deepEqual({ email: id.email, verified: id.email_verified }, { email: `${username}@example.com`, verified: true });
    await signOut();
    await begun({ username, password }, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
  });
}

test('a new password, then a second factor', async () => {
  const choose = use(pool('choose'));
  const username = await addUser(choose, { password: wrongPassword, status: 'FORCE_CHANGE_PASSWORD', totp: true });
  await begun({ username, password: wrongPassword }, 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED');
  await next(password, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
  const right = await totp(choose, username);
  await refused(confirmSignIn({ challengeResponse: otherCode(right) }), 'CodeMismatchException');
  await confirmed(right);
  await session(choose, username);
  await signOut();
});

test('a new password, then an authenticator app to set up', async () => {
  const required = use(pool('totpSetup'));
  const username = await addUser(required, { password: wrongPassword, status: 'FORCE_CHANGE_PASSWORD' });
  await begun({ username, password: wrongPassword }, 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED');
  const { totpSetupDetails } = await next(password, 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
  await confirmed(appCode(totpSetupDetails.sharedSecret));
  await session(required, username);
  await signOut();
});

// Devices.

/** What Amplify keeps of the device: key, group key and secret. */
const device = () =>
  Object.fromEntries(
    ['deviceKey', 'deviceGroupKey', 'randomPasswordKey']
      .map(name => [name, [...kept].find(([key]) => key.endsWith(`.${name}`))?.[1]]),
  );

/** Signs in for the first time, which makes Amplify confirm the device. */
async function registered(pool, username) {
  const { steps: taken } = await steps(pool, () => signedIn(username));
  assert.deepEqual(taken, [
    'InitiateAuth USER_SRP_AUTH',
    'RespondToAuthChallenge PASSWORD_VERIFIER',
    'ConfirmDevice',
  ]);
  const { access } = await session(pool, username);
  assert.equal(access.device_key, device().deviceKey);
  return device();
}

const proof = ['RespondToAuthChallenge DEVICE_SRP_AUTH with device', 'RespondToAuthChallenge DEVICE_PASSWORD_VERIFIER with device'];

test('a remembered device proves itself', async () => {
  const devices = use(pool('devices'));
  const username = await addUser(devices);
  const first = await registered(devices, username);
  const [listed, ...others] = await fetchDevices();
  assert.deepEqual(others, []);
  assert.equal(listed.id, first.deviceKey);
  assert.equal(listed.name, browser);
  assert.equal(listed.attributes['dev:device_remembered_status'], 'remembered');
  await signOut();

  const { steps: taken } = await steps(devices, () => signedIn(username));
  assert.deepEqual(taken, [
    'InitiateAuth USER_SRP_AUTH',
    'RespondToAuthChallenge PASSWORD_VERIFIER with device',
    ...proof,
  ]);
  const { access } = await session(devices, username);
  assert.equal(access.device_key, first.deviceKey);
  assert.deepEqual(device(), first);
  await signOut();
});

test('a device with a secret that is not its own', async () => {
  const devices = use(pool('devices'));
  const username = await addUser(devices);
  await registered(devices, username);
  await signOut();
  const [secret] = [...kept.keys()].filter(key => key.endsWith('.randomPasswordKey'));
  kept.set(secret, Buffer.alloc(40).toString('base64'));
  await refused(signIn({ username, password }), 'NotAuthorizedException', 'Incorrect username or password.');
});

// Public values, salts and keys start with a zero byte or a set sign bit now
// and then, those of devices as well.
test('many devices', async () => {
  const devices = use(pool('devices'));
  const username = await addUser(devices);
  for (let n = 0; n < 3; n++) {
    kept.clear();
    await registered(devices, username);
    await signOut();
    await signedIn(username);
    await session(devices, username);
    await signOut();
  }
});

for (const { flow, begin, taken } of [
  {
    flow: 'a preferred password proof',
    begin: username => signedIn(username, userAuth('PASSWORD_SRP')),
    taken: ['InitiateAuth USER_AUTH PASSWORD_SRP', 'RespondToAuthChallenge PASSWORD_VERIFIER with device', ...proof],
  },
  {
    flow: 'a chosen password proof',
    begin: async username => {
      await begun({ username, options: userAuth() }, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
      await next('PASSWORD_SRP', 'CONFIRM_SIGN_IN_WITH_PASSWORD');
      await confirmed(password);
    },
    taken: [
      'InitiateAuth USER_AUTH',
      'RespondToAuthChallenge SELECT_CHALLENGE',
      'RespondToAuthChallenge PASSWORD_VERIFIER with device',
      ...proof,
    ],
  },
  {
    flow: 'a plain password',
    begin: username => signedIn(username, { authFlowType: 'USER_PASSWORD_AUTH' }),
    taken: ['InitiateAuth USER_PASSWORD_AUTH with device', ...proof],
  },
  {
    flow: 'custom challenges',
    begin: async username => {
      const first = await begun({ username, options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } }, asksCustom);
      const second = await next(solution(first.additionalInfo), asksCustom);
      await confirmed(solution(second.additionalInfo));
    },
    taken: [
      'InitiateAuth CUSTOM_AUTH with device',
      'RespondToAuthChallenge CUSTOM_CHALLENGE with device',
      'RespondToAuthChallenge CUSTOM_CHALLENGE with device',
      ...proof,
    ],
  },
  {
    flow: 'a password proof and custom challenges',
    begin: async username => {
      const first = await begun({ username, password, options: { authFlowType: 'CUSTOM_WITH_SRP' } }, asksCustom);
      const second = await next(solution(first.additionalInfo), asksCustom);
      await confirmed(solution(second.additionalInfo));
    },
    taken: [
      'InitiateAuth CUSTOM_AUTH',
      'RespondToAuthChallenge PASSWORD_VERIFIER with device',
      'RespondToAuthChallenge CUSTOM_CHALLENGE with device',
      'RespondToAuthChallenge CUSTOM_CHALLENGE with device',
      ...proof,
    ],
  },
]) {
  test(`a remembered device after ${flow}`, async () => {
    const devices = use(pool('devices'));
    const username = await addUser(devices);
    const { deviceKey } = await registered(devices, username);
    await signOut();
    const { steps: seen } = await steps(devices, () => begin(username));
    assert.deepEqual(seen, taken);
    const { access } = await session(devices, username);
    assert.equal(access.device_key, deviceKey);
    await signOut();
  });
}

test('a remembered device besides the second factor', async () => {
  const devices = use(pool('devices'));
  const username = await addUser(devices, { phone, smsMFA: true });
  await begun({ username, password }, 'CONFIRM_SIGN_IN_WITH_SMS_CODE');
  const { steps: first } = await steps(devices, async () => confirmed(await code(devices, username)));
  assert.deepEqual(first, ['RespondToAuthChallenge SMS_MFA', 'ConfirmDevice']);
  const { deviceKey } = device();
  await signOut();

  await begun({ username, password }, 'CONFIRM_SIGN_IN_WITH_SMS_CODE');
  const right = await code(devices, username);
  await refused(confirmSignIn({ challengeResponse: otherCode(right) }), 'CodeMismatchException');
  const { steps: second } = await steps(devices, () => confirmed(right));
  assert.deepEqual(second, ['RespondToAuthChallenge SMS_MFA with device', ...proof]);
  const { access } = await session(devices, username);
  assert.equal(access.device_key, deviceKey);
  await signOut();
});

test('a remembered device instead of the second factor', async () => {
  const trusting = use(pool('trusting'));
  const username = await addUser(trusting, { totp: true });
  await begun({ username, password }, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
  await confirmed(await totp(trusting, username));
  const { deviceKey } = device();
  await signOut();

  const { steps: taken } = await steps(trusting, () => signedIn(username));
  assert.deepEqual(taken, [
    'InitiateAuth USER_SRP_AUTH',
    'RespondToAuthChallenge PASSWORD_VERIFIER with device',
    ...proof,
  ]);
  const { access } = await session(trusting, username);
  assert.equal(access.device_key, deviceKey);
  await signOut();

  kept.clear();
  await begun({ username, password }, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
});

test('a device that is remembered on request', async () => {
  const asking = use(pool('asking'));
  const username = await addUser(asking);
  const { deviceKey } = await registered(asking, username);
  await signOut();

  const { steps: before } = await steps(asking, () => signedIn(username));
  assert.deepEqual(before, ['InitiateAuth USER_SRP_AUTH', 'RespondToAuthChallenge PASSWORD_VERIFIER with device']);
  assert.equal((await session(asking, username)).access.device_key, deviceKey);
  assert.equal((await fetchDevices())[0].attributes['dev:device_remembered_status'], 'not_remembered');
  await rememberDevice();
  await signOut();

  const { steps: after } = await steps(asking, () => signedIn(username));
  assert.deepEqual(after, [
    'InitiateAuth USER_SRP_AUTH',
    'RespondToAuthChallenge PASSWORD_VERIFIER with device',
    ...proof,
  ]);
  await signOut();
});

// Whoever owns the account can forget a device from another one. Amplify then
// answers the challenge that was refused once more, without the device.
for (const { flow, begin, start } of [
  { flow: 'a password proof', begin: signedIn, start: 'InitiateAuth USER_SRP_AUTH' },
  {
    flow: 'a preferred password proof',
    begin: username => signedIn(username, userAuth('PASSWORD_SRP')),
    start: 'InitiateAuth USER_AUTH PASSWORD_SRP',
  },
]) {
  test(`a forgotten device, noticed at ${flow}`, async () => {
    const devices = use(pool('devices'));
    const username = await addUser(devices);
    const { deviceKey } = await registered(devices, username);
    const { tokens } = await fetchAuthSession();
    await call(devices, 'ForgetDevice', { AccessToken: tokens.accessToken.toString(), DeviceKey: deviceKey });
    await signOut();
    assert.equal(device().deviceKey, deviceKey);

    const { steps: taken } = await steps(devices, () => begin(username));
    assert.deepEqual(taken, [
      start,
      'RespondToAuthChallenge PASSWORD_VERIFIER with device: ResourceNotFoundException',
      'RespondToAuthChallenge PASSWORD_VERIFIER',
      'ConfirmDevice',
    ]);
    assert.notEqual(device().deviceKey, deviceKey);
    const { access } = await session(devices, username);
    assert.equal(access.device_key, device().deviceKey);
    await signOut();
  });
}

for (const { flow, begin, retried } of [
  {
    flow: 'a plain password',
    begin: username => signedIn(username, { authFlowType: 'USER_PASSWORD_AUTH' }),
    retried: 'InitiateAuth USER_PASSWORD_AUTH',
  },
  {
    flow: 'custom challenges',
    begin: username => begun({ username, options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } }, asksCustom),
    retried: 'InitiateAuth CUSTOM_AUTH',
  },
]) {
  test(`a forgotten device, noticed at ${flow}`, async () => {
    const devices = use(pool('devices'));
    const username = await addUser(devices);
    const { deviceKey } = await registered(devices, username);
    const { tokens } = await fetchAuthSession();
    await call(devices, 'ForgetDevice', { AccessToken: tokens.accessToken.toString(), DeviceKey: deviceKey });
    await signOut();
    const { steps: taken } = await steps(devices, () => begin(username));
    assert.deepEqual(taken, [`${retried} with device: ResourceNotFoundException`, retried]);
    assert.equal(device().deviceKey, undefined);
  });
}

test('forget the own device', async () => {
  const devices = use(pool('devices'));
  const username = await addUser(devices);
  await registered(devices, username);
  await forgetDevice();
  assert.equal(device().deviceKey, undefined);
  assert.deepEqual(await fetchDevices(), []);
  await signOut();
  await registered(devices, username);
  await signOut();
});

test('refresh with a device', async () => {
  const devices = use(pool('devices'));
  const username = await addUser(devices);
  const { deviceKey } = await registered(devices, username);
  const before = await session(devices, username);
  const { steps: taken } = await steps(devices, () => fetchAuthSession({ forceRefresh: true }));
  assert.deepEqual(taken, ['GetTokensFromRefreshToken with device']);
  const after = await session(devices, username);
  assert.notEqual(after.access.jti, before.access.jti);
  assert.equal(after.access.device_key, deviceKey);

  const request = { ClientId: devices.clientId, RefreshToken: refreshToken() };
  await refused(call(devices, 'GetTokensFromRefreshToken', request), 'NotAuthorizedException', 'Invalid Refresh Token');
  const { tokens } = await fetchAuthSession();
  await call(devices, 'ForgetDevice', { AccessToken: tokens.accessToken.toString(), DeviceKey: deviceKey });
  await refused(
    call(devices, 'GetTokensFromRefreshToken', { ...request, DeviceKey: deviceKey }),
    'NotAuthorizedException',
    'Invalid Refresh Token',
  );
  const signedOut = await fetchAuthSession({ forceRefresh: true });
  assert.equal(signedOut.tokens, undefined);
});
