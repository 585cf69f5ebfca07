// What people do with their second factors, devices and passkeys while they
// are signed in, as aws-amplify does it.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import {
  associateWebAuthnCredential,
  confirmSignIn,
  deleteUser,
  deleteWebAuthnCredential,
  fetchAuthSession,
  fetchDevices,
  fetchMFAPreference,
  forgetDevice,
  listWebAuthnCredentials,
  rememberDevice,
  setUpTOTP,
  signIn,
  signOut,
  updateMFAPreference,
  verifyTOTPSetup,
} from 'aws-amplify/auth';

import { kept, signedIn, use } from './amplify.mjs';
import { Browser } from './authenticator.mjs';
import { addDevices, addUser, appCode, call, code, otherCode, password, pool, refused, requests } from './support.mjs';

// Amplify names a device after the browser.
const browser = 'interop/1.0';
Object.defineProperty(globalThis, 'navigator', { value: { userAgent: browser }, configurable: true });

beforeEach(() => kept.clear());

const plainPassword = { authFlowType: 'USER_PASSWORD_AUTH' };
const phone = '+491701234567';

/** Adds a user to the pool and signs it in. */
async function entered(pool, user) {
  const username = await addUser(pool, user);
  await signedIn(username, plainPassword);
  return username;
}

/** The step that a sign-in with the password asks for. */
async function asked(username) {
  const { nextStep } = await signIn({ username, password, options: plainPassword });
  return nextStep;
}

const accessToken = async () => (await fetchAuthSession()).tokens.accessToken.toString();

// Second factors.

test('no second factor', async () => {
  await entered(use(pool('mfa')));
  assert.deepEqual(await fetchMFAPreference(), { enabled: undefined, preferred: undefined });
});

test('set an authenticator app up while signed in', async () => {
  const mfa = use(pool('mfa'));
  const username = await entered(mfa);
  await refused(updateMFAPreference({ totp: 'PREFERRED' }), 'InvalidParameterException');
  const { sharedSecret, getSetupUri } = await setUpTOTP();
  await refused(
    updateMFAPreference({ totp: 'PREFERRED' }),
    'InvalidParameterException',
    'User has not verified software token mfa',
  );
  assert.equal(getSetupUri('Example', 'ana').href, `otpauth://totp/Example:ana?secret=${sharedSecret}&issuer=Example`);

  await refused(verifyTOTPSetup({ code: '' }), 'EmptyVerifyTOTPSetupCode');
  await refused(
    verifyTOTPSetup({ code: otherCode(appCode(sharedSecret)) }),
    'EnableSoftwareTokenMFAException',
    'Code mismatch and fail enable Software Token MFA',
  );
  const input = { code: appCode(sharedSecret), options: { friendlyDeviceName: 'phone' } };
  assert.equal(await verifyTOTPSetup(input), undefined);

  // An app that works is not yet one that is asked for.
  assert.deepEqual(await fetchMFAPreference(), { enabled: undefined, preferred: undefined });
  assert.equal(await updateMFAPreference({ totp: 'PREFERRED' }), undefined);
  assert.deepEqual(await fetchMFAPreference(), { enabled: ['TOTP'], preferred: 'TOTP' });
  await signOut();
  assert.deepEqual(await asked(username), { signInStep: 'CONFIRM_SIGN_IN_WITH_TOTP_CODE' });
});

// Amplify escapes nothing, and quotes the name that it comes up with itself.
test('an app whose name needs escaping', async () => {
  const username = await entered(use(pool('mfa')));
  const { getSetupUri } = await setUpTOTP();
  assert.equal(getSetupUri('My App & Co', 'ana').searchParams.get('issuer'), 'My App ');
  assert.ok(decodeURIComponent(getSetupUri('Example').pathname).endsWith(`Example:"${username}"`));
});

test('an authenticator app in place of another', async () => {
  const mfa = use(pool('mfa'));
  const username = await entered(mfa);
  const first = await setUpTOTP();
  await verifyTOTPSetup({ code: appCode(first.sharedSecret) });
  await updateMFAPreference({ totp: 'PREFERRED' });
  const second = await setUpTOTP();
  assert.notEqual(second.sharedSecret, first.sharedSecret);
  await verifyTOTPSetup({ code: appCode(second.sharedSecret) });
  assert.deepEqual(await fetchMFAPreference(), { enabled: ['TOTP'], preferred: 'TOTP' });
  await signOut();

  await asked(username);
  await refused(confirmSignIn({ challengeResponse: appCode(first.sharedSecret) }), 'CodeMismatchException');
});

test('an authenticator app where the pool has none', async () => {
  await entered(use(pool('plain')));
  await refused(setUpTOTP(), 'SoftwareTokenMFANotFoundException', 'Software Token MFA has not been enabled by the userPool');
});

test('give an authenticator app up', async () => {
  const mfa = use(pool('mfa'));
  const username = await entered(mfa);
  await refused(
    updateMFAPreference({ totp: 'DISABLED' }),
    'InvalidParameterException',
    'User has not set up software token mfa',
  );
  const { sharedSecret } = await setUpTOTP();
  await verifyTOTPSetup({ code: appCode(sharedSecret) });
  await updateMFAPreference({ totp: 'PREFERRED' });
  await updateMFAPreference({ totp: 'DISABLED' });
  assert.deepEqual(await fetchMFAPreference(), { enabled: undefined, preferred: undefined });
  await signOut();
  await signedIn(username, plainPassword);
});

test('second factors by message', async () => {
  const mfa = use(pool('mfa'));
  const username = await entered(mfa, { phone });
  const preference = async (change, enabled, preferred) => {
    await updateMFAPreference(change);
    assert.deepEqual(await fetchMFAPreference(), { enabled, preferred });
  };
  await preference({ sms: 'ENABLED' }, ['SMS'], undefined);
  await preference({ email: 'PREFERRED' }, ['SMS', 'EMAIL'], 'EMAIL');
  await preference({ sms: 'PREFERRED' }, ['SMS', 'EMAIL'], 'SMS');
  await signOut();
  assert.equal((await asked(username)).signInStep, 'CONFIRM_SIGN_IN_WITH_SMS_CODE');
  await confirmSignIn({ challengeResponse: await code(mfa, username) });

  await preference({ sms: 'NOT_PREFERRED' }, ['SMS', 'EMAIL'], undefined);
  await signOut();
  const choice = await asked(username);
  assert.equal(choice.signInStep, 'CONTINUE_SIGN_IN_WITH_MFA_SELECTION');
  assert.deepEqual([...choice.allowedMFATypes].sort(), ['EMAIL', 'SMS']);
  await confirmSignIn({ challengeResponse: 'EMAIL' });
  await confirmSignIn({ challengeResponse: await code(mfa, username) });

  await preference({ sms: 'DISABLED', email: 'PREFERRED' }, ['EMAIL'], 'EMAIL');
  await preference({ email: 'DISABLED' }, undefined, undefined);
});

test('preferences that cannot be', async () => {
  await entered(use(pool('mfa')));
  await updateMFAPreference({ email: 'PREFERRED' });
  for (const change of [{ sms: 'ENABLED' }, { sms: 'PREFERRED', email: 'PREFERRED' }, { email: 'DISABLED', sms: 'ENABLED' }]) {
    await refused(updateMFAPreference(change), 'InvalidParameterException');
    assert.deepEqual(await fetchMFAPreference(), { enabled: ['EMAIL'], preferred: 'EMAIL' });
  }
});

test('two preferences at once', async () => {
  await entered(use(pool('mfa')), { phone });
  await refused(updateMFAPreference({ sms: 'PREFERRED', email: 'PREFERRED' }), 'InvalidParameterException');
  assert.deepEqual(await fetchMFAPreference(), { enabled: undefined, preferred: undefined });
});

// Devices.

/** What Amplify keeps of the device's key. */
const deviceKey = () => [...kept].find(([key]) => key.endsWith('.deviceKey'))?.[1];

/** Adds a user to the pool and signs it in by a proof, which makes Amplify confirm the device. */
async function registered(pool) {
  const username = await addUser(pool);
  await signedIn(username);
  assert.notEqual(deviceKey(), undefined);
  return username;
}

test('list devices', async () => {
  const devices = use(pool('devices'));
  const begun = Date.now();
  const username = await registered(devices);
  await addDevices(devices, username, 1);
  const listed = await fetchDevices();
  assert.deepEqual(listed.map(({ name }) => name), [browser, 'device 0']);
  assert.equal(listed[0].id, deviceKey());
  for (const { attributes, createDate, lastModifiedDate, lastAuthenticatedDate } of listed) {
    assert.equal(attributes['dev:device_remembered_status'], 'remembered');
    assert.equal(attributes.device_status, 'valid');
    for (const date of [createDate, lastModifiedDate, lastAuthenticatedDate]) {
      assert.ok(date >= begun - 1 && date <= Date.now(), `${date} is now`);
    }
  }
});

// Amplify asks for one page and forgets that there are more.
test('more devices than Amplify lists', async () => {
  const devices = use(pool('devices'));
  const username = await registered(devices);
  await addDevices(devices, username, 61);
  const { result: listed, requests: sent } = await requests(devices, () => fetchDevices());
  assert.deepEqual(sent, ['ListDevices']);
  assert.equal(listed.length, 60);
  assert.equal(listed.at(-1).name, 'device 58');

  const AccessToken = await accessToken();
  const first = await call(devices, 'ListDevices', { AccessToken, Limit: 60 });
  const rest = await call(devices, 'ListDevices', { AccessToken, PaginationToken: first.PaginationToken });
  assert.equal(rest.Devices.length, 2);
  assert.equal(rest.PaginationToken, undefined);
  assert.equal(new Set([...first.Devices, ...rest.Devices].map(({ DeviceKey }) => DeviceKey)).size, 62);
});

test('forget another device', async () => {
  const devices = use(pool('devices'));
  const username = await registered(devices);
  await addDevices(devices, username, 1);
  const [{ id: own }, { id: other }] = await fetchDevices();
  assert.equal(await forgetDevice({ device: { id: other } }), undefined);
  assert.deepEqual((await fetchDevices()).map(({ id }) => id), [own]);
  assert.equal(deviceKey(), own);
  await refused(forgetDevice({ device: { id: other } }), 'ResourceNotFoundException', 'Device does not exist.');

  await forgetDevice({ device: { id: own } });
  assert.deepEqual(await fetchDevices(), []);
  assert.equal(deviceKey(), undefined);
});

test('a device that this client does not know', async () => {
  await registered(use(pool('devices')));
  for (const key of [...kept.keys()].filter(key => key.endsWith('.deviceKey'))) kept.delete(key);
  await refused(rememberDevice(), 'DeviceMetadataNotFoundException');
  await refused(forgetDevice(), 'DeviceMetadataNotFoundException');
});

test('remember a device', async () => {
  await registered(use(pool('asking')));
  const status = async () => (await fetchDevices())[0].attributes['dev:device_remembered_status'];
  assert.equal(await status(), 'not_remembered');
  assert.equal(await rememberDevice(), undefined);
  assert.equal(await status(), 'remembered');
});

test('devices where the pool has none', async () => {
  await entered(use(pool('plain')));
  await refused(fetchDevices(), 'InvalidUserPoolConfigurationException');
  await refused(forgetDevice({ device: { id: 'eu-west-1_00000000-0000-4000-8000-000000000000' } }), 'InvalidUserPoolConfigurationException');
});

test('delete the account that a device belongs to', async () => {
  await registered(use(pool('devices')));
  await deleteUser();
  assert.deepEqual([...kept.keys()], []);
});

// Passkeys.

const page = 'https://app.example.com';
const withProof = { authFlowType: 'USER_AUTH', preferredChallenge: 'PASSWORD_SRP' };

test('several passkeys', async () => {
  const passkeys = use(pool('passkeys'));
  await signedIn(await addUser(passkeys), withProof);
  assert.deepEqual(await listWebAuthnCredentials(), { credentials: [], nextToken: undefined });

  const browser = new Browser(page);
  for (let n = 0; n < 3; n++) {
    const { requests: sent } = await requests(passkeys, () => browser.on(associateWebAuthnCredential));
    assert.deepEqual(sent, ['StartWebAuthnRegistration', 'CompleteWebAuthnRegistration']);
  }
  const ids = browser.keys.map(({ id }) => id.toString('base64url'));
  // Nobody registers the same authenticator twice.
  assert.deepEqual(browser.asked.map(({ excludeCredentials }) => excludeCredentials.length), [0, 1, 2]);
  assert.deepEqual(browser.asked[2].excludeCredentials.map(({ id }) => Buffer.from(id).toString('base64url')), ids.slice(0, 2));

  const page1 = await listWebAuthnCredentials({ pageSize: 2 });
  assert.deepEqual(page1.credentials.map(({ credentialId }) => credentialId), ids.slice(0, 2));
  const [{ friendlyCredentialName, relyingPartyId, authenticatorAttachment, authenticatorTransports, createdAt }] = page1.credentials;
  assert.deepEqual(
    { relyingPartyId, authenticatorAttachment, authenticatorTransports, name: typeof friendlyCredentialName },
    { relyingPartyId: 'example.com', authenticatorAttachment: 'platform', authenticatorTransports: ['internal'], name: 'string' },
  );
  assert.ok(createdAt <= Date.now() && createdAt > Date.now() - 60_000);
  const page2 = await listWebAuthnCredentials({ pageSize: 2, nextToken: page1.nextToken });
  assert.deepEqual(page2.credentials.map(({ credentialId }) => credentialId), ids.slice(2));
  assert.equal(page2.nextToken, undefined);

  assert.equal(await deleteWebAuthnCredential({ credentialId: ids[1] }), undefined);
  await refused(deleteWebAuthnCredential({ credentialId: ids[1] }), 'ResourceNotFoundException');
  const { credentials } = await listWebAuthnCredentials();
  assert.deepEqual(credentials.map(({ credentialId }) => credentialId), [ids[0], ids[2]]);
});

test('a passkey that its user thought better of', async () => {
  const passkeys = use(pool('passkeys'));
  await signedIn(await addUser(passkeys), withProof);
  const browser = new Browser(page);
  browser.cancels = true;
  await browser.on(() => refused(associateWebAuthnCredential(), 'PasskeyRegistrationCanceled'));
  assert.deepEqual((await listWebAuthnCredentials()).credentials, []);
});

test('a passkey where the pool has none', async () => {
  await entered(use(pool('plain')));
  await new Browser(page).on(() => refused(associateWebAuthnCredential(), 'WebAuthnNotEnabledException'));
});

// Sessions.

test('nobody signed in', async () => {
  const mfa = use(pool('mfa'));
  const { requests: none } = await requests(mfa, async () => {
    for (const operation of [
      setUpTOTP,
      () => verifyTOTPSetup({ code: '123456' }),
      () => updateMFAPreference({ totp: 'PREFERRED' }),
      fetchMFAPreference,
      fetchDevices,
      rememberDevice,
      () => forgetDevice(),
      associateWebAuthnCredential,
      () => listWebAuthnCredentials(),
      () => deleteWebAuthnCredential({ credentialId: 'AAAA' }),
    ]) {
      await refused(operation(), 'UserUnAuthenticatedException');
    }
  });
  assert.deepEqual(none, []);
});
