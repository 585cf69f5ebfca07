// What people do with their second factors and devices while they are signed
// in, as amazon-cognito-identity-js does it. It knows no second factor by
// e-mail, and no passkeys.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { authenticate, client, done, through } from './identity.mjs';
import { addDevices, addUser, appCode, otherCode, pool, refused, requests } from './support.mjs';

const phone = '+491701234567';

/** Adds a user to the pool and signs it in, by a proof so that the device is registered. */
async function entered(pool, user) {
  const username = await addUser(pool, user);
  const made = client(pool, username);
  const { step } = await authenticate(made.user);
  assert.equal(step, 'done');
  return { username, ...made };
}

const on = { Enabled: true, PreferredMfa: false };
const preferred = { Enabled: true, PreferredMfa: true };
const off = { Enabled: false, PreferredMfa: false };

/** What the pool says of the user's second factors. */
async function factors(user) {
  const { PreferredMfaSetting, UserMFASettingList } = await promisify(callback =>
    user.getUserData(callback, { bypassCache: true }))();
  return { preferred: PreferredMfaSetting, enabled: UserMFASettingList };
}

// Second factors.

test('set an authenticator app up while signed in', async () => {
  const mfa = pool('mfa');
  const { user, username } = await entered(mfa);
  await refused(done(user, 'setUserMfaPreference', null, preferred), 'InvalidParameterException');
  const { step, values: [secret] } = await through(user, 'associateSoftwareToken');
  assert.equal(step, 'secret');
  await refused(
    through(user, 'verifySoftwareToken', otherCode(appCode(secret)), 'phone'),
    'EnableSoftwareTokenMFAException',
    'Code mismatch and fail enable Software Token MFA',
  );
  const { session: answer } = await through(user, 'verifySoftwareToken', appCode(secret), 'phone');
  assert.deepEqual(answer, { Status: 'SUCCESS' });

  assert.deepEqual(await factors(user), { preferred: undefined, enabled: undefined });
  assert.equal(await done(user, 'setUserMfaPreference', null, preferred), 'SUCCESS');
  assert.deepEqual(await factors(user), { preferred: 'SOFTWARE_TOKEN_MFA', enabled: ['SOFTWARE_TOKEN_MFA'] });
  assert.equal((await authenticate(client(mfa, username).user)).step, 'totp');

  await done(user, 'setUserMfaPreference', null, off);
  assert.deepEqual(await factors(user), { preferred: undefined, enabled: undefined });
  assert.equal((await authenticate(client(mfa, username).user)).step, 'done');
});

test('text messages and an authenticator app', async () => {
  const mfa = pool('mfa');
  const { user, username } = await entered(mfa, { phone });
  const { values: [secret] } = await through(user, 'associateSoftwareToken');
  await through(user, 'verifySoftwareToken', appCode(secret), 'phone');
  for (const { sms, totp, expected, asked } of [
    { sms: on, totp: on, expected: { preferred: undefined, enabled: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'] }, asked: 'select' },
    { sms: preferred, totp: on, expected: { preferred: 'SMS_MFA', enabled: ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'] }, asked: 'sms' },
    { sms: off, totp: null, expected: { preferred: undefined, enabled: ['SOFTWARE_TOKEN_MFA'] }, asked: 'totp' },
  ]) {
    await done(user, 'setUserMfaPreference', sms, totp);
    assert.deepEqual(await factors(user), expected);
    assert.equal((await authenticate(client(mfa, username).user)).step, asked);
  }
  await refused(done(user, 'setUserMfaPreference', preferred, preferred), 'InvalidParameterException');
  await refused(done(user, 'setUserMfaPreference', { Enabled: false, PreferredMfa: true }, null), 'InvalidParameterException');
});

test('text messages without a phone', async () => {
  const { user } = await entered(pool('mfa'));
  await refused(done(user, 'setUserMfaPreference', on, null), 'InvalidParameterException');
});

// The operation behind it is older than other second factors.
test('text messages, as they used to be turned on', async () => {
  const mfa = pool('mfa');
  const { user, username } = await entered(mfa, { phone });
  assert.equal(await done(user, 'getMFAOptions'), undefined);
  assert.equal(await done(user, 'enableMFA'), 'SUCCESS');
  assert.deepEqual(await done(user, 'getMFAOptions'), [{ AttributeName: 'phone_number', DeliveryMedium: 'SMS' }]);
  assert.equal((await authenticate(client(mfa, username).user)).step, 'sms');
  assert.equal(await done(user, 'disableMFA'), 'SUCCESS');
  assert.equal(await done(user, 'getMFAOptions'), undefined);
  assert.equal((await authenticate(client(mfa, username).user)).step, 'done');

  const withoutPhone = await entered(mfa);
  await refused(done(withoutPhone.user, 'enableMFA'), 'InvalidParameterException');
});

// Devices.

test('look at the own device', async () => {
  const { user } = await entered(pool('devices'));
  const { session: { Device } } = await through(user, 'getDevice');
  assert.equal(Device.DeviceKey, user.deviceKey);
  const attributes = Object.fromEntries(Device.DeviceAttributes.map(({ Name, Value }) => [Name, Value]));
  assert.equal(attributes['dev:device_remembered_status'], 'remembered');
  assert.equal(typeof Device.DeviceCreateDate, 'number');
});

test('list devices page by page', async () => {
  const devices = pool('devices');
  const { user, username } = await entered(devices);
  await addDevices(devices, username, 4);
  const seen = [];
  let token = null;
  const { requests: sent } = await requests(devices, async () => {
    do {
      const { session: page } = await through(user, 'listDevices', 2, token);
      seen.push(...page.Devices.map(({ DeviceKey }) => DeviceKey));
      token = page.PaginationToken;
    } while (token);
  });
  assert.deepEqual(sent, ['ListDevices', 'ListDevices', 'ListDevices']);
  assert.equal(new Set(seen).size, 5);
  assert.equal(seen[0], user.deviceKey);
  await refused(through(user, 'listDevices', 2, 'nowhere'), 'InvalidParameterException');
});

test('trust a device no more, and again', async () => {
  const devices = pool('devices');
  const { user } = await entered(devices);
  const status = async () => {
    const { session: { Device } } = await through(user, 'getDevice');
    return Device.DeviceAttributes.find(({ Name }) => Name === 'dev:device_remembered_status').Value;
  };
  assert.equal((await through(user, 'setDeviceStatusNotRemembered')).session, 'SUCCESS');
  assert.equal(await status(), 'not_remembered');
  assert.equal((await through(user, 'setDeviceStatusRemembered')).session, 'SUCCESS');
  assert.equal(await status(), 'remembered');
});

test('forget another device', async () => {
  const devices = pool('devices');
  const { user, username, Storage } = await entered(devices);
  await addDevices(devices, username, 1);
  const { session: { Devices: [own, other] } } = await through(user, 'listDevices', 10, null);
  assert.equal((await through(user, 'forgetSpecificDevice', other.DeviceKey)).session, 'SUCCESS');
  await refused(through(user, 'forgetSpecificDevice', other.DeviceKey), 'ResourceNotFoundException', 'Device does not exist.');
  const { session: { Devices: left } } = await through(user, 'listDevices', 10, null);
  assert.deepEqual(left.map(({ DeviceKey }) => DeviceKey), [own.DeviceKey]);

  const key = `CognitoIdentityServiceProvider.${devices.clientId}.${username}.deviceKey`;
  assert.equal(Storage.getItem(key), own.DeviceKey);
  await through(user, 'forgetDevice');
  assert.equal(Storage.getItem(key), null);
});

test('devices where the pool has none', async () => {
  const { user } = await entered(pool('plain'));
  await refused(through(user, 'listDevices', 10, null), 'InvalidUserPoolConfigurationException');
});
