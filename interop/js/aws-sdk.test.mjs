// What people do with an account of their own, by the AWS SDK for JavaScript:
// every operation that needs no administrator.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { AuthenticationHelper } from 'amazon-cognito-identity-js';
import * as idp from '@aws-sdk/client-cognito-identity-provider';

import { addUser, appCode, code, freshName, messages, otherCode, password, pool, totp, verified, wrongPassword } from './support.mjs';

const newPassword = 'Another-h0rse, bättery!';
const phone = '+491701234567';

/** A client of the pool without credentials, as a browser has it. */
function client(pool) {
  const sdk = new idp.CognitoIdentityProviderClient({
    region: 'eu-west-1', endpoint: pool.endpoint, maxAttempts: 1,
    // Whoever needs credentials here is not a person's client.
    credentials: () => assert.fail('the operation is not signed'),
  });
  return (Operation, input = {}) => sdk.send(new Operation(input));
}

const begin = (pool, send, AuthFlow, AuthParameters, more = {}) =>
  send(idp.InitiateAuthCommand, { ClientId: pool.clientId, AuthFlow, AuthParameters, ...more });

const answer = (pool, send, { ChallengeName, Session }, ChallengeResponses) =>
  send(idp.RespondToAuthChallengeCommand, { ClientId: pool.clientId, ChallengeName, Session, ChallengeResponses });

/** Signs in with the password alone. */
async function signedIn(pool, send, name, PASSWORD = password) {
  const out = await begin(pool, send, 'USER_PASSWORD_AUTH', { USERNAME: name, PASSWORD });
  assert.equal(out.ChallengeName, undefined);
  return out.AuthenticationResult;
}

/** Checks that a promise fails with this exception class of the SDK. */
const refused = (promise, Exception, message) =>
  assert.rejects(promise, error => {
    assert.ok(error instanceof Exception, `${error.name}: ${error.message}`);
    assert.equal(error.name, Exception.name);
    if (message !== undefined) assert.equal(error.message, message);
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
    assert.equal(error.$retryable, undefined);
    return true;
  });

const attributes = list => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));

test('sign up, confirm, sign in', async () => {
  const plain = pool('plain');
  const send = client(plain);
  const Username = freshName();
  const account = { ClientId: plain.clientId, Username };
  const signUp = await send(idp.SignUpCommand, {
    ...account, Password: password, UserAttributes: [{ Name: 'email', Value: 'zoe@example.com' }, { Name: 'given_name', Value: 'Zoë' }],
  });
  assert.equal(signUp.UserConfirmed, false);
  assert.deepEqual(signUp.CodeDeliveryDetails, { AttributeName: 'email', DeliveryMedium: 'EMAIL', Destination: 'z***@e***' });
  await refused(send(idp.SignUpCommand, { ...account, Password: password }), idp.UsernameExistsException, 'User already exists');
  await refused(signedIn(plain, send, Username), idp.UserNotConfirmedException, 'User is not confirmed.');
  const first = await code(plain, Username);
  await send(idp.ResendConfirmationCodeCommand, account);
  await refused(
    send(idp.ConfirmSignUpCommand, { ...account, ConfirmationCode: otherCode(await code(plain, Username)) }),
    idp.CodeMismatchException, 'Invalid verification code provided, please try again.',
  );
  assert.equal((await messages(plain, Username)).length, 2, first);
  await send(idp.ConfirmSignUpCommand, { ...account, ConfirmationCode: await code(plain, Username) });
  const { AccessToken, IdToken, RefreshToken, ExpiresIn, TokenType } = await signedIn(plain, send, Username);
  assert.equal((await verified(plain, AccessToken, 'access')).username, Username);
  assert.equal((await verified(plain, IdToken, 'id')).given_name, 'Zoë');
  assert.deepEqual({ ExpiresIn, TokenType, refresh: typeof RefreshToken }, { ExpiresIn: 3600, TokenType: 'Bearer', refresh: 'string' });
});

test('sign up and sign in at once', async () => {
  const choice = pool('choice');
  const send = client(choice);
  const Username = freshName();
  const account = { ClientId: choice.clientId, Username };
  await send(idp.SignUpCommand, { ...account, UserAttributes: [{ Name: 'email', Value: 'zoe@example.com' }] });
  const { Session } = await send(idp.ConfirmSignUpCommand, { ...account, ConfirmationCode: await code(choice, Username) });
  const out = await begin(choice, send, 'USER_AUTH', { USERNAME: Username }, { Session });
  assert.ok(out.AuthenticationResult?.AccessToken ?? out.ChallengeName);
});

test('bad passwords', async () => {
  const plain = pool('plain');
  const send = client(plain);
  const Username = await addUser(plain);
  const incorrect = 'Incorrect username or password.';
  await refused(signedIn(plain, send, Username, wrongPassword), idp.NotAuthorizedException, incorrect);
  await refused(signedIn(plain, send, freshName()), idp.UserNotFoundException, 'User does not exist.');
  await refused(signedIn(pool('hiding'), client(pool('hiding')), freshName()), idp.NotAuthorizedException, incorrect);
  await refused(
    send(idp.SignUpCommand, { ClientId: plain.clientId, Username: freshName(), Password: 'Sh0rt!' }),
    idp.InvalidPasswordException, 'Password did not conform with policy: Password not long enough',
  );
  for (let i = 0; i < 4; i++) {
    await refused(signedIn(plain, send, Username, wrongPassword), idp.NotAuthorizedException);
  }
  await refused(signedIn(plain, send, Username), idp.NotAuthorizedException, 'Password attempts exceeded');
});

test('bad requests', async () => {
  const plain = pool('plain');
  const send = client(plain);
  await refused(begin({ clientId: 'abcdefghijklmnopqrstuvwxyz' }, send, 'USER_PASSWORD_AUTH', { USERNAME: 'a', PASSWORD: 'b' }), idp.ResourceNotFoundException);
  await refused(begin(plain, send, 'USER_PASSWORD_AUTH', { USERNAME: 'a' }), idp.InvalidParameterException, 'Missing required parameter PASSWORD');
  await refused(begin(plain, send, 'CUSTOM_AUTH', { USERNAME: 'a' }), idp.InvalidParameterException);
  await refused(send(idp.GetUserCommand, { AccessToken: 'no.token.at-all' }), idp.NotAuthorizedException);
  await refused(send(idp.GetUserCommand, { AccessToken: 'no token' }), idp.InvalidParameterException);
});

test('a client with a secret', async () => {
  const secret = pool('secret');
  const send = client(secret);
  const Username = await addUser(secret);
  const SECRET_HASH = createHmac('sha256', '0123456789abcdefghijklmnopqrstuvwxyz').update(Username + secret.clientId).digest('base64');
  await refused(signedIn(secret, send, Username), idp.NotAuthorizedException, `Client ${secret.clientId} is configured with secret but SECRET_HASH was not received`);
  const parameters = { USERNAME: Username, PASSWORD: password };
  await refused(begin(secret, send, 'USER_PASSWORD_AUTH', { ...parameters, SECRET_HASH: 'bm8=' }), idp.NotAuthorizedException, `Unable to verify secret hash for client ${secret.clientId}`);
  const { AuthenticationResult } = await begin(secret, send, 'USER_PASSWORD_AUTH', { ...parameters, SECRET_HASH });
  await verified(secret, AuthenticationResult.AccessToken, 'access');
});

test('attributes', async () => {
  const plain = pool('plain');
  const send = client(plain);
  const Username = await addUser(plain);
  const { AccessToken } = await signedIn(plain, send, Username);
  const { CodeDeliveryDetailsList } = await send(idp.UpdateUserAttributesCommand, {
    AccessToken, UserAttributes: [{ Name: 'phone_number', Value: phone }, { Name: 'nickname', Value: 'Zo' }],
  });
  assert.deepEqual(CodeDeliveryDetailsList.map(d => d.DeliveryMedium), ['SMS']);
  let user = await send(idp.GetUserCommand, { AccessToken });
  assert.equal(user.Username, Username);
  assert.deepEqual(attributes(user.UserAttributes).phone_number_verified, 'false');
  await send(idp.GetUserAttributeVerificationCodeCommand, { AccessToken, AttributeName: 'phone_number' });
  const Code = await code(plain, Username);
  await refused(send(idp.VerifyUserAttributeCommand, { AccessToken, AttributeName: 'phone_number', Code: otherCode(Code) }), idp.CodeMismatchException);
  await send(idp.VerifyUserAttributeCommand, { AccessToken, AttributeName: 'phone_number', Code });
  await send(idp.DeleteUserAttributesCommand, { AccessToken, UserAttributeNames: ['nickname'] });
  user = await send(idp.GetUserCommand, { AccessToken });
  const { phone_number_verified, nickname } = attributes(user.UserAttributes);
  assert.deepEqual({ phone_number_verified, nickname }, { phone_number_verified: 'true', nickname: undefined });
});

test('change and reset the password', async () => {
  const plain = pool('plain');
  const send = client(plain);
  const Username = await addUser(plain);
  const account = { ClientId: plain.clientId, Username };
  const { AccessToken } = await signedIn(plain, send, Username);
  const change = { AccessToken, ProposedPassword: newPassword };
  await refused(send(idp.ChangePasswordCommand, { ...change, PreviousPassword: wrongPassword }), idp.NotAuthorizedException);
  await send(idp.ChangePasswordCommand, { ...change, PreviousPassword: password });
  await signedIn(plain, send, Username, newPassword);
  const { CodeDeliveryDetails } = await send(idp.ForgotPasswordCommand, account);
  assert.equal(CodeDeliveryDetails.AttributeName, 'email');
  const ConfirmationCode = await code(plain, Username);
  const reset = { ...account, Password: password };
  await refused(send(idp.ConfirmForgotPasswordCommand, { ...reset, ConfirmationCode: otherCode(ConfirmationCode) }), idp.CodeMismatchException);
  await send(idp.ConfirmForgotPasswordCommand, { ...reset, ConfirmationCode });
  await signedIn(plain, send, Username);
});

test('refresh, revoke, sign out everywhere', async () => {
  const plain = pool('plain');
  const send = client(plain);
  const Username = await addUser(plain);
  const { RefreshToken, AccessToken } = await signedIn(plain, send, Username);
  const { AuthenticationResult: old } = await begin(plain, send, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken });
  const { AuthenticationResult: renewed } = await send(idp.GetTokensFromRefreshTokenCommand, { ClientId: plain.clientId, RefreshToken });
  const claims = await Promise.all([AccessToken, old.AccessToken, renewed.AccessToken].map(token => verified(plain, token, 'access')));
  assert.equal(new Set(claims.map(({ origin_jti, auth_time }) => `${origin_jti} ${auth_time}`)).size, 1);
  assert.equal(new Set(claims.map(({ jti }) => jti)).size, 3);

  await send(idp.RevokeTokenCommand, { ClientId: plain.clientId, Token: RefreshToken });
  await refused(send(idp.GetUserCommand, { AccessToken: renewed.AccessToken }), idp.NotAuthorizedException, 'Access Token has been revoked');
  await refused(begin(plain, send, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken }), idp.NotAuthorizedException, 'Refresh Token has been revoked');

  const here = await signedIn(plain, send, Username);
  const there = await signedIn(plain, send, Username);
  await send(idp.GlobalSignOutCommand, { AccessToken: here.AccessToken });
  await refused(send(idp.GetUserCommand, { AccessToken: there.AccessToken }), idp.NotAuthorizedException);
});

test('refresh tokens that rotate', async () => {
  const rotating = pool('rotating');
  const send = client(rotating);
  const { RefreshToken } = await signedIn(rotating, send, await addUser(rotating));
  const refresh = token => send(idp.GetTokensFromRefreshTokenCommand, { ClientId: rotating.clientId, RefreshToken: token });
  const { AuthenticationResult } = await refresh(RefreshToken);
  assert.notEqual(AuthenticationResult.RefreshToken, RefreshToken);
  await refused(refresh(RefreshToken), idp.RefreshTokenReuseException);
});

test('delete the account', async () => {
  const plain = pool('plain');
  const send = client(plain);
  const Username = await addUser(plain);
  const { AccessToken } = await signedIn(plain, send, Username);
  await send(idp.DeleteUserCommand, { AccessToken });
  await refused(signedIn(plain, send, Username), idp.UserNotFoundException);
});

test('an authenticator app', async () => {
  const mfa = pool('mfa');
  const send = client(mfa);
  const Username = await addUser(mfa);
  const { AccessToken } = await signedIn(mfa, send, Username);
  const { SecretCode } = await send(idp.AssociateSoftwareTokenCommand, { AccessToken });
  const UserCode = appCode(SecretCode);
  await refused(send(idp.VerifySoftwareTokenCommand, { AccessToken, UserCode: otherCode(UserCode) }), idp.EnableSoftwareTokenMFAException);
  assert.equal((await send(idp.VerifySoftwareTokenCommand, { AccessToken, UserCode })).Status, 'SUCCESS');
  await send(idp.SetUserMFAPreferenceCommand, { AccessToken, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } });
  const { UserMFASettingList, PreferredMfaSetting } = await send(idp.GetUserCommand, { AccessToken });
  assert.deepEqual({ UserMFASettingList, PreferredMfaSetting }, { UserMFASettingList: ['SOFTWARE_TOKEN_MFA'], PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA' });
});

test('second factors at sign-in', async () => {
  const mfa = pool('mfa');
  const send = client(mfa);
  const sign = async (user, challenge, responses) => {
    const USERNAME = await addUser(mfa, user);
    let out = await begin(mfa, send, 'USER_PASSWORD_AUTH', { USERNAME, PASSWORD: password });
    assert.equal(out.ChallengeName, challenge);
    for (const response of responses) {
      out = await answer(mfa, send, out, { USERNAME, ...await response(USERNAME) });
    }
    return verified(mfa, out.AuthenticationResult.AccessToken, 'access');
  };
  const app = async name => ({ SOFTWARE_TOKEN_MFA_CODE: await totp(mfa, name) });
  const sms = async name => ({ SMS_MFA_CODE: await code(mfa, name) });
  const email = async name => ({ EMAIL_OTP_CODE: await code(mfa, name) });
  await sign({ totp: true }, 'SOFTWARE_TOKEN_MFA', [app]);
  await sign({ phone, smsMfa: true }, 'SMS_MFA', [sms]);
  await sign({ emailMfa: true }, 'EMAIL_OTP', [email]);
  await sign({ totp: true, phone, smsMfa: true }, 'SELECT_MFA_TYPE', [() => ({ ANSWER: 'SMS_MFA' }), sms]);

  const USERNAME = await addUser(mfa, { totp: true });
  const out = await begin(mfa, send, 'USER_PASSWORD_AUTH', { USERNAME, PASSWORD: password });
  await refused(
    answer(mfa, send, out, { USERNAME, SOFTWARE_TOKEN_MFA_CODE: otherCode(await totp(mfa, USERNAME)) }),
    idp.CodeMismatchException, 'Invalid code received for user',
  );
});

test('set a second factor up while signing in', async () => {
  const required = pool('required');
  const send = client(required);
  const USERNAME = await addUser(required);
  const out = await begin(required, send, 'USER_PASSWORD_AUTH', { USERNAME, PASSWORD: password });
  assert.equal(out.ChallengeName, 'MFA_SETUP');
  const { SecretCode, Session } = await send(idp.AssociateSoftwareTokenCommand, { Session: out.Session });
  const set = await send(idp.VerifySoftwareTokenCommand, { Session, UserCode: appCode(SecretCode) });
  const end = await answer(required, send, { ...out, Session: set.Session }, { USERNAME });
  await verified(required, end.AuthenticationResult.IdToken, 'id');
});

test('a first factor of choice', async () => {
  const choice = pool('choice');
  const send = client(choice);
  const USERNAME = await addUser(choice);
  const { ChallengeName, AvailableChallenges, Session } = await begin(choice, send, 'USER_AUTH', { USERNAME });
  assert.equal(ChallengeName, 'SELECT_CHALLENGE');
  assert.ok(AvailableChallenges.includes('EMAIL_OTP'));
  const sent = await answer(choice, send, { ChallengeName, Session }, { USERNAME, ANSWER: 'EMAIL_OTP' });
  assert.equal(sent.ChallengeName, 'EMAIL_OTP');
  const out = await answer(choice, send, sent, { USERNAME, EMAIL_OTP_CODE: await code(choice, USERNAME) });
  await verified(choice, out.AuthenticationResult.AccessToken, 'access');
});

test('a challenge of the pool\'s own', async () => {
  const custom = pool('custom');
  const send = client(custom);
  const USERNAME = await addUser(custom);
  let out = await begin(custom, send, 'CUSTOM_AUTH', { USERNAME });
  while (out.ChallengeName === 'CUSTOM_CHALLENGE') {
    const [a, b] = out.ChallengeParameters.sum.split('+').map(Number);
    out = await answer(custom, send, out, { USERNAME, ANSWER: String(a + b) });
  }
  await verified(custom, out.AuthenticationResult.AccessToken, 'access');
});

test('a proof of the password, and a device', async () => {
  const devices = pool('devices');
  const send = client(devices);
  const name = await addUser(devices);
  const group = devices.poolId.split('_')[1];
  const helper = new AuthenticationHelper(group);
  const called = (method, ...input) => new Promise((resolve, reject) => {
    helper[method](...input, (error, value) => error ? reject(error) : resolve(value));
  });
  const BigInteger = helper.N.constructor;
  const A = await called('getLargeAValue');
  const { ChallengeName, ChallengeParameters: c } = await begin(devices, send, 'USER_SRP_AUTH', { USERNAME: name, SRP_A: A.toString(16) });
  assert.equal(ChallengeName, 'PASSWORD_VERIFIER');
  const key = await called('getPasswordAuthenticationKey', c.USER_ID_FOR_SRP, password, new BigInteger(c.SRP_B, 16), new BigInteger(c.SALT, 16));
  const now = new Date();
  const [day, date, month, year, time] = now.toUTCString().replace(',', '').split(' ');
  const TIMESTAMP = `${day} ${month} ${Number(date)} ${time} UTC ${year}`;
  const signature = createHmac('sha256', Buffer.from(key))
    .update(group + c.USER_ID_FOR_SRP).update(Buffer.from(c.SECRET_BLOCK, 'base64')).update(TIMESTAMP).digest('base64');
  const out = await answer(devices, send, { ChallengeName }, {
    USERNAME: c.USER_ID_FOR_SRP, PASSWORD_CLAIM_SECRET_BLOCK: c.SECRET_BLOCK, PASSWORD_CLAIM_SIGNATURE: signature, TIMESTAMP,
  });
  const { AccessToken, NewDeviceMetadata: { DeviceKey, DeviceGroupKey } } = out.AuthenticationResult;

  await called('generateHashDevice', DeviceGroupKey, DeviceKey);
  const base64 = hex => Buffer.from(hex, 'hex').toString('base64');
  const confirmed = await send(idp.ConfirmDeviceCommand, {
    AccessToken, DeviceKey, DeviceName: 'a laptop',
    DeviceSecretVerifierConfig: { Salt: base64(helper.getSaltDevices()), PasswordVerifier: base64(helper.getVerifierDevices()) },
  });
  assert.equal(confirmed.UserConfirmationNecessary, true);
  await send(idp.UpdateDeviceStatusCommand, { AccessToken, DeviceKey, DeviceRememberedStatus: 'remembered' });
  const { Device } = await send(idp.GetDeviceCommand, { AccessToken, DeviceKey });
  assert.ok(Device.DeviceCreateDate instanceof Date);
  assert.equal((await send(idp.ListDevicesCommand, { AccessToken, Limit: 10 })).Devices[0].DeviceKey, DeviceKey);
  await send(idp.ForgetDeviceCommand, { AccessToken, DeviceKey });
  await refused(send(idp.GetDeviceCommand, { AccessToken, DeviceKey }), idp.ResourceNotFoundException);
});
