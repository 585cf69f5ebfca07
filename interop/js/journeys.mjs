// Journeys for a server of user pools, whichever it is: each begins with
// CreateUserPool and looks at nothing but what clients see. compare.mjs runs
// them.

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';
import { Amplify } from 'aws-amplify';
import { associateWebAuthnCredential, fetchAuthSession, signIn, signOut } from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import { ConsoleLogger } from 'aws-amplify/utils';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as oidc from 'openid-client';
import * as idp from '@aws-sdk/client-cognito-identity-provider';

import { Browser as Page } from './authenticator.mjs';
import { Browser } from './browser.mjs';

ConsoleLogger.LOG_LEVEL = 'NONE';

const password = 'Correct-h0rse!';
const wrongPassword = 'Wrong-h0rse!!';
const newPassword = 'Another-h0rse!';
const phone = '+491701234567';

/** Everything a client can be allowed, so that no journey fails for its settings. */
const flows = ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'];

/** A pool of the server at work, and its client. */
class Pool {
  constructor(target, send, id, client) {
    Object.assign(this, { target, send, id, clientId: client.ClientId, secret: client.ClientSecret });
  }

  /** The code that was sent last to somebody. */
  code(name) { return this.target.code(this.id, name); }

  /** A person who can sign in, by an e-mail address. */
  async person(more = {}) {
    const name = `ana-${randomBytes(4).toString('hex')}@example.com`;
    const attributes = { email: name, email_verified: 'true', ...more };
    await this.admin(idp.AdminCreateUserCommand, name, {
      MessageAction: 'SUPPRESS', UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
    });
    await this.admin(idp.AdminSetUserPasswordCommand, name, { Password: password, Permanent: true });
    return name;
  }

  admin(Operation, Username, input = {}) { return this.send(Operation, { UserPoolId: this.id, Username, ...input }); }

  begin(AuthFlow, AuthParameters, more = {}) {
    return this.send(idp.InitiateAuthCommand, { ClientId: this.clientId, AuthFlow, AuthParameters, ...more });
  }

  respond({ ChallengeName, Session }, ChallengeResponses) {
    return this.send(idp.RespondToAuthChallengeCommand, { ClientId: this.clientId, ChallengeName, Session, ChallengeResponses });
  }

  signIn(USERNAME, PASSWORD = password) { return this.begin('USER_PASSWORD_AUTH', { USERNAME, PASSWORD }); }

  async tokens(name, secret) {
    const { AuthenticationResult, ChallengeName } = await this.signIn(name, secret);
    assert.equal(ChallengeName, undefined);
    assert.ok(AuthenticationResult?.AccessToken, 'tokens');
    return AuthenticationResult;
  }

  /** Does something while the pool has a domain. */
  async withDomain(doing) {
    const domain = { UserPoolId: this.id, Domain: `peers-${randomBytes(4).toString('hex')}` };
    await this.send(idp.CreateUserPoolDomainCommand, domain);
    try {
      return await doing();
    } finally {
      await this.send(idp.DeleteUserPoolDomainCommand, domain);
    }
  }

  /** The same, at servers whose pages are there without a domain too. */
  atDomain(doing) { return this.target.domains ? this.withDomain(doing) : doing(); }

  /** The issuer of the pool's tokens. */
  async issuer() {
    if (this.target.issuerBase !== undefined) return `${this.target.issuerBase}/${this.id}`;
    return (await (await fetch(new URL(`${this.id}/.well-known/openid-configuration`, this.target.endpoint))).json()).issuer;
  }

  getUser(AccessToken) { return this.send(idp.GetUserCommand, { AccessToken }); }

  /** Makes Amplify a client of the pool. */
  async amplify() {
    await signOut().catch(() => undefined);
    Amplify.configure({ Auth: { Cognito: { userPoolId: this.id, userPoolClientId: this.clientId, userPoolEndpoint: this.target.endpoint } } });
    const kept = new Map();
    cognitoUserPoolsTokenProvider.setKeyValueStorage({
      getItem: async key => kept.get(key) ?? null,
      setItem: async (key, value) => void kept.set(key, value),
      removeItem: async key => void kept.delete(key),
      clear: async () => kept.clear(),
    });
  }

  /** A user of amazon-cognito-identity-js. */
  identity(Username, kept = new Map()) {
    const Storage = {
      getItem: key => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value),
      removeItem: key => void kept.delete(key), clear: () => kept.clear(),
    };
    const Pool = new CognitoUserPool({ UserPoolId: this.id, ClientId: this.clientId, endpoint: this.target.endpoint, Storage });
    return new CognitoUser({ Username, Pool, Storage });
  }
}

/** Signs in by amazon-cognito-identity-js, with a proof of the password. */
const authenticate = (user, Password = password) => new Promise((resolve, reject) => {
  user.authenticateUser(new AuthenticationDetails({ Username: user.getUsername(), Password }), {
    onSuccess: (session, confirmDevice) => resolve({ session, confirmDevice }), onFailure: reject,
  });
});

const claims = token => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const newTokens = (pool, RefreshToken) => pool.send(idp.GetTokensFromRefreshTokenCommand, { ClientId: pool.clientId, RefreshToken });
const otherCode = code => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

/** Checks that something is refused with the service's error of this name. */
async function refused(promise, name, message) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    assert.equal(error.name, name);
    if (message !== undefined) assert.equal(error.message, message);
    return;
  }
  assert.fail(`accepted${answer?.ChallengeName === undefined ? '' : `, ${answer.ChallengeName}`}`);
}

/** What an authenticator app shows for a secret (RFC 6238), now or so many steps later. */
function appCode(secret, later = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map(letter => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/[01]{8}/g).map(byte => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest[digest.length - 1] & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Gives a person an authenticator app and returns its secret. */
async function withApp(pool, name) {
  const { AccessToken } = await pool.tokens(name);
  const { SecretCode } = await pool.send(idp.AssociateSoftwareTokenCommand, { AccessToken });
  await pool.send(idp.VerifySoftwareTokenCommand, { AccessToken, UserCode: appCode(SecretCode) });
  await pool.send(idp.SetUserMFAPreferenceCommand, { AccessToken, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } });
  return SecretCode;
}

const callback = 'http://127.0.0.1:9/callback';
const pages = {
  client: {
    AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid', 'email'],
    CallbackURLs: [callback], SupportedIdentityProviders: ['COGNITO'],
  },
};

const appPool = { mfa: { MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true } } };
const messagePool = {
  mfa: {
    MfaConfiguration: 'OPTIONAL',
    SmsMfaConfiguration: { SmsConfiguration: { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms' } },
    EmailMfaConfiguration: { Message: 'Your code is {####}' },
  },
  pool: {
    EmailConfiguration: { EmailSendingAccount: 'DEVELOPER', SourceArn: 'arn:aws:ses:eu-west-1:123456789012:identity/a@example.com' },
    SmsConfiguration: { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms' },
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
  },
};

/**
 * The journeys, in the order of the table. Each has a name, the client that
 * makes it, and what is asked of the pool that it starts in.
 */
export const journeys = [
  {
    name: 'sign up, confirm with the code, sign in', client: 'AWS SDK',
    async run(pool) {
      const Username = 'zoe@example.com';
      const account = { ClientId: pool.clientId, Username };
      await pool.send(idp.SignUpCommand, { ...account, Password: password, UserAttributes: [{ Name: 'email', Value: Username }] });
      await refused(pool.signIn(Username), 'UserNotConfirmedException');
      await pool.send(idp.ConfirmSignUpCommand, { ...account, ConfirmationCode: await pool.code(Username) });
      await pool.tokens(Username);
    },
  },
  {
    name: 'a wrong confirmation code is refused', client: 'AWS SDK',
    async run(pool) {
      const account = { ClientId: pool.clientId, Username: 'zoe@example.com' };
      await pool.send(idp.SignUpCommand, { ...account, Password: password, UserAttributes: [{ Name: 'email', Value: account.Username }] });
      await refused(pool.send(idp.ConfirmSignUpCommand, { ...account, ConfirmationCode: otherCode(await pool.code(account.Username)) }), 'CodeMismatchException');
    },
  },
  {
    name: 'a code is asked for again', client: 'AWS SDK',
    async run(pool) {
      const account = { ClientId: pool.clientId, Username: 'zoe@example.com' };
      await pool.send(idp.SignUpCommand, { ...account, Password: password, UserAttributes: [{ Name: 'email', Value: account.Username }] });
      await pool.send(idp.ResendConfirmationCodeCommand, account);
      await pool.send(idp.ConfirmSignUpCommand, { ...account, ConfirmationCode: await pool.code(account.Username) });
    },
  },
  {
    name: 'a weak password is refused at sign-up', client: 'AWS SDK',
    async run(pool) {
      const account = { ClientId: pool.clientId, Username: 'zoe@example.com', UserAttributes: [{ Name: 'email', Value: 'zoe@example.com' }] };
      await refused(pool.send(idp.SignUpCommand, { ...account, Password: 'weak-password' }), 'InvalidPasswordException');
    },
  },
  {
    name: 'sign in as configured by default (SRP)', client: 'aws-amplify',
    async run(pool) {
      const username = await pool.person();
      await pool.amplify();
      assert.equal((await signIn({ username, password })).nextStep.signInStep, 'DONE');
      assert.ok((await fetchAuthSession()).tokens?.accessToken);
    },
  },
  {
    name: 'sign in with a proof of the password (SRP)', client: 'amazon-cognito-identity-js',
    async run(pool) {
      const { session } = await authenticate(pool.identity(await pool.person()));
      assert.ok(session.isValid());
    },
  },
  {
    name: 'a wrong password is refused (SRP)', client: 'amazon-cognito-identity-js',
    async run(pool) {
      await refused(authenticate(pool.identity(await pool.person()), wrongPassword), 'NotAuthorizedException', 'Incorrect username or password.');
    },
  },
  {
    name: 'a wrong password is refused with the service\'s error', client: 'AWS SDK',
    async run(pool) {
      await refused(pool.signIn(await pool.person(), wrongPassword), 'NotAuthorizedException', 'Incorrect username or password.');
    },
  },
  {
    name: 'six wrong passwords lock the account for a while', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      for (let i = 0; i < 6; i++) await pool.signIn(name, wrongPassword).catch(() => undefined);
      await refused(pool.signIn(name), 'NotAuthorizedException', 'Password attempts exceeded');
    },
  },
  {
    name: 'a flow that the client may not use is refused', client: 'AWS SDK',
    settings: { client: { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] } },
    async run(pool) {
      await refused(pool.signIn(await pool.person()), 'InvalidParameterException', 'USER_PASSWORD_AUTH flow not enabled for this client');
    },
  },
  {
    name: 'a client with a secret has to prove it', client: 'AWS SDK',
    settings: { client: { GenerateSecret: true } },
    async run(pool) {
      const USERNAME = await pool.person();
      const SECRET_HASH = createHmac('sha256', pool.secret).update(USERNAME + pool.clientId).digest('base64');
      await refused(pool.signIn(USERNAME), 'NotAuthorizedException');
      const { AuthenticationResult } = await pool.begin('USER_PASSWORD_AUTH', { USERNAME, PASSWORD: password, SECRET_HASH });
      assert.ok(AuthenticationResult.AccessToken);
    },
  },
  {
    name: 'who exists is not told, if the client is so configured', client: 'AWS SDK',
    settings: { client: { PreventUserExistenceErrors: 'ENABLED' } },
    async run(pool) {
      await pool.person();
      await refused(pool.signIn('nobody@example.com'), 'NotAuthorizedException', 'Incorrect username or password.');
      await pool.send(idp.ForgotPasswordCommand, { ClientId: pool.clientId, Username: 'nobody@example.com' });
    },
  },
  {
    name: 'a person who is invited needs the temporary password', client: 'AWS SDK',
    async run(pool) {
      const name = 'ivy@example.com';
      await pool.admin(idp.AdminCreateUserCommand, name, { MessageAction: 'SUPPRESS', TemporaryPassword: 'Temp-h0rse!', UserAttributes: [{ Name: 'email', Value: name }] });
      await refused(pool.signIn(name, wrongPassword), 'NotAuthorizedException');
    },
  },
  {
    name: 'a person who is invited chooses another password', client: 'AWS SDK',
    async run(pool) {
      const name = 'ivy@example.com';
      await pool.admin(idp.AdminCreateUserCommand, name, { MessageAction: 'SUPPRESS', TemporaryPassword: 'Temp-h0rse!', UserAttributes: [{ Name: 'email', Value: name }] });
      const challenge = await pool.signIn(name, 'Temp-h0rse!');
      assert.equal(challenge.ChallengeName, 'NEW_PASSWORD_REQUIRED');
      await pool.respond(challenge, { USERNAME: name, NEW_PASSWORD: newPassword });
      await pool.tokens(name, newPassword);
    },
  },
  {
    name: 'a made-up session is refused', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      const made = { ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 'A'.repeat(100) };
      await refused(pool.respond(made, { USERNAME: name, NEW_PASSWORD: newPassword }), 'NotAuthorizedException');
    },
  },
  {
    name: 'a disabled user cannot sign in', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      await pool.admin(idp.AdminDisableUserCommand, name);
      await refused(pool.signIn(name), 'NotAuthorizedException', 'User is disabled.');
    },
  },
  {
    name: 'choose among first factors, a code by e-mail', client: 'AWS SDK',
    settings: {
      pool: { ...messagePool.pool, UserPoolTier: 'ESSENTIALS', Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } } },
      client: { ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] },
    },
    async run(pool) {
      const USERNAME = await pool.person();
      const sent = await pool.begin('USER_AUTH', { USERNAME, PREFERRED_CHALLENGE: 'EMAIL_OTP' });
      assert.equal(sent.ChallengeName, 'EMAIL_OTP');
      const { AuthenticationResult } = await pool.respond(sent, { USERNAME, EMAIL_OTP_CODE: await pool.code(USERNAME) });
      assert.ok(AuthenticationResult.AccessToken);
    },
  },
  {
    name: 'register a passkey, sign in with it', client: 'aws-amplify',
    settings: {
      pool: { UserPoolTier: 'ESSENTIALS', Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] } } },
      mfa: { WebAuthnConfiguration: { RelyingPartyId: 'example.com', UserVerification: 'required' } },
      client: { ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] },
    },
    async run(pool) {
      const username = await pool.person();
      await pool.amplify();
      await signIn({ username, password, options: { authFlowType: 'USER_PASSWORD_AUTH' } });
      const browser = new Page('https://example.com');
      await browser.on(associateWebAuthnCredential);
      await signOut();
      const { isSignedIn } = await browser.on(() => signIn({ username, options: { authFlowType: 'USER_AUTH', preferredChallenge: 'WEB_AUTHN' } }));
      assert.ok(isSignedIn);
    },
  },
  {
    name: 'set an authenticator app up, sign in with it', client: 'AWS SDK', settings: appPool,
    async run(pool) {
      const USERNAME = await pool.person();
      const secret = await withApp(pool, USERNAME);
      const challenge = await pool.signIn(USERNAME);
      assert.equal(challenge.ChallengeName, 'SOFTWARE_TOKEN_MFA');
      const { AuthenticationResult } = await pool.respond(challenge, { USERNAME, SOFTWARE_TOKEN_MFA_CODE: appCode(secret, 1) });
      assert.ok(AuthenticationResult.AccessToken);
    },
  },
  {
    name: 'a wrong code of the app is refused', client: 'AWS SDK', settings: appPool,
    async run(pool) {
      const USERNAME = await pool.person();
      const secret = await withApp(pool, USERNAME);
      const challenge = await pool.signIn(USERNAME);
      await refused(pool.respond(challenge, { USERNAME, SOFTWARE_TOKEN_MFA_CODE: otherCode(appCode(secret, 1)) }), 'CodeMismatchException');
    },
  },
  {
    name: 'set the app up while signing in, where the pool demands one', client: 'AWS SDK',
    settings: { mfa: { ...appPool.mfa, MfaConfiguration: 'ON' } },
    async run(pool) {
      const USERNAME = await pool.person();
      const challenge = await pool.signIn(USERNAME);
      assert.equal(challenge.ChallengeName, 'MFA_SETUP');
      const { SecretCode, Session } = await pool.send(idp.AssociateSoftwareTokenCommand, { Session: challenge.Session });
      const set = await pool.send(idp.VerifySoftwareTokenCommand, { Session, UserCode: appCode(SecretCode) });
      const { AuthenticationResult } = await pool.respond({ ...challenge, Session: set.Session }, { USERNAME });
      assert.ok(AuthenticationResult.AccessToken);
    },
  },
  {
    name: 'a code by SMS as the second factor', client: 'AWS SDK', settings: messagePool,
    async run(pool) {
      const USERNAME = await pool.person({ phone_number: phone, phone_number_verified: 'true' });
      const { AccessToken } = await pool.tokens(USERNAME);
      await pool.send(idp.SetUserMFAPreferenceCommand, { AccessToken, SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
      const challenge = await pool.signIn(USERNAME);
      assert.equal(challenge.ChallengeName, 'SMS_MFA');
      const { AuthenticationResult } = await pool.respond(challenge, { USERNAME, SMS_MFA_CODE: await pool.code(USERNAME) });
      assert.ok(AuthenticationResult.AccessToken);
    },
  },
  {
    name: 'a code by e-mail as the second factor', client: 'AWS SDK', settings: messagePool,
    async run(pool) {
      const USERNAME = await pool.person();
      const { AccessToken } = await pool.tokens(USERNAME);
      await pool.send(idp.SetUserMFAPreferenceCommand, { AccessToken, EmailMfaSettings: { Enabled: true, PreferredMfa: true } });
      const challenge = await pool.signIn(USERNAME);
      assert.equal(challenge.ChallengeName, 'EMAIL_OTP');
      const { AuthenticationResult } = await pool.respond(challenge, { USERNAME, EMAIL_OTP_CODE: await pool.code(USERNAME) });
      assert.ok(AuthenticationResult.AccessToken);
    },
  },
  {
    name: 'a remembered device proves itself (device SRP)', client: 'amazon-cognito-identity-js',
    settings: { pool: { DeviceConfiguration: { ChallengeRequiredOnNewDevice: false, DeviceOnlyRememberedOnUserPrompt: false } } },
    async run(pool) {
      const name = await pool.person();
      const kept = new Map();
      const first = await authenticate(pool.identity(name, kept));
      const key = claims(first.session.getAccessToken().getJwtToken()).device_key;
      assert.ok(key, 'a device key in the token');
      const again = await authenticate(pool.identity(name, kept));
      assert.equal(claims(again.session.getAccessToken().getJwtToken()).device_key, key);
    },
  },
  {
    name: 'tokens are accepted by the verifier that AWS offers', client: 'aws-jwt-verify',
    async run(pool) {
      const { AccessToken, IdToken } = await pool.tokens(await pool.person());
      const { pathname } = new URL(claims(AccessToken).iss);
      const jwksCache = new SimpleJwksCache({
        fetcher: { fetch: async () => (await fetch(new URL(`${pathname}/.well-known/jwks.json`, pool.target.endpoint))).arrayBuffer() },
      });
      for (const [token, tokenUse] of [[AccessToken, 'access'], [IdToken, 'id']]) {
        await CognitoJwtVerifier.create({ userPoolId: pool.id, clientId: pool.clientId, tokenUse }, { jwksCache }).verify(token);
      }
    },
  },
  {
    name: 'a forged access token is refused', client: 'AWS SDK',
    async run(pool) {
      const { AccessToken } = await pool.tokens(await pool.person());
      const victim = await pool.admin(idp.AdminGetUserCommand, await pool.person());
      const [head, , signature] = AccessToken.split('.');
      const sub = victim.UserAttributes.find(({ Name }) => Name === 'sub').Value;
      const forged = Buffer.from(JSON.stringify({ ...claims(AccessToken), sub, username: victim.Username })).toString('base64url');
      await refused(pool.getUser([head, forged, signature].join('.')), 'NotAuthorizedException');
    },
  },
  {
    name: 'groups are in the tokens', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      await pool.send(idp.CreateGroupCommand, { UserPoolId: pool.id, GroupName: 'editors' });
      await pool.admin(idp.AdminAddUserToGroupCommand, name, { GroupName: 'editors' });
      const { AccessToken, IdToken } = await pool.tokens(name);
      for (const token of [AccessToken, IdToken]) assert.deepEqual(claims(token)['cognito:groups'], ['editors']);
    },
  },
  {
    name: 'refresh, the tokens still of the same sign-in', client: 'AWS SDK',
    async run(pool) {
      const { AccessToken, RefreshToken } = await pool.tokens(await pool.person());
      await new Promise(resolve => setTimeout(resolve, 1100)); // auth_time has whole seconds
      const { AuthenticationResult } = await pool.begin('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken });
      const [before, after] = [AccessToken, AuthenticationResult.AccessToken].map(claims);
      assert.notEqual(after.jti, before.jti);
      assert.equal(after.auth_time, before.auth_time, 'auth_time has changed');
      assert.ok(before.origin_jti && after.origin_jti === before.origin_jti, 'no lasting origin_jti');
    },
  },
  {
    name: 'refresh as Amplify does since 6.15', client: 'aws-amplify',
    async run(pool) {
      const username = await pool.person();
      await pool.amplify();
      await signIn({ username, password, options: { authFlowType: 'USER_PASSWORD_AUTH' } });
      const before = (await fetchAuthSession()).tokens.accessToken.toString();
      const after = (await fetchAuthSession({ forceRefresh: true })).tokens?.accessToken.toString();
      assert.ok(after !== undefined && after !== before, 'new tokens');
    },
  },
  {
    name: 'refresh tokens rotate, and a used one is refused', client: 'AWS SDK',
    settings: { client: { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 }, ExplicitAuthFlows: flows.filter(flow => !flow.includes('REFRESH')) } },
    async run(pool) {
      const { RefreshToken } = await pool.tokens(await pool.person());
      const { AuthenticationResult } = await newTokens(pool, RefreshToken);
      assert.ok(AuthenticationResult.RefreshToken !== undefined && AuthenticationResult.RefreshToken !== RefreshToken, 'a new one');
      await refused(newTokens(pool, RefreshToken), 'RefreshTokenReuseException');
    },
  },
  {
    name: 'revocation reaches the access tokens', client: 'AWS SDK',
    async run(pool) {
      const { AccessToken, RefreshToken } = await pool.tokens(await pool.person());
      await pool.send(idp.RevokeTokenCommand, { ClientId: pool.clientId, Token: RefreshToken });
      await refused(pool.getUser(AccessToken), 'NotAuthorizedException');
    },
  },
  {
    name: 'sign out everywhere', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      const [here, there] = [await pool.tokens(name), await pool.tokens(name)];
      await pool.send(idp.GlobalSignOutCommand, { AccessToken: here.AccessToken });
      await refused(pool.getUser(there.AccessToken), 'NotAuthorizedException');
      await refused(pool.begin('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: there.RefreshToken }), 'NotAuthorizedException');
    },
  },
  {
    name: 'change attributes, verify one with a code', client: 'AWS SDK',
    settings: { pool: { ...messagePool.pool, AutoVerifiedAttributes: ['email', 'phone_number'] } },
    async run(pool) {
      const name = await pool.person();
      const { AccessToken } = await pool.tokens(name);
      await pool.send(idp.UpdateUserAttributesCommand, { AccessToken, UserAttributes: [{ Name: 'phone_number', Value: phone }, { Name: 'nickname', Value: 'Zo' }] });
      await pool.send(idp.VerifyUserAttributeCommand, { AccessToken, AttributeName: 'phone_number', Code: await pool.code(name) });
      const { UserAttributes } = await pool.getUser(AccessToken);
      const { nickname, phone_number_verified } = Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
      assert.deepEqual([nickname, phone_number_verified], ['Zo', 'true']);
    },
  },
  {
    name: 'a forgotten password', client: 'AWS SDK',
    async run(pool) {
      const Username = await pool.person();
      const account = { ClientId: pool.clientId, Username };
      await pool.send(idp.ForgotPasswordCommand, account);
      await pool.send(idp.ConfirmForgotPasswordCommand, { ...account, ConfirmationCode: await pool.code(Username), Password: newPassword });
      await pool.tokens(Username, newPassword);
    },
  },
  {
    name: 'change the password', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      const { AccessToken } = await pool.tokens(name);
      await refused(pool.send(idp.ChangePasswordCommand, { AccessToken, PreviousPassword: wrongPassword, ProposedPassword: newPassword }), 'NotAuthorizedException');
      await pool.send(idp.ChangePasswordCommand, { AccessToken, PreviousPassword: password, ProposedPassword: newPassword });
      await pool.tokens(name, newPassword);
    },
  },
  {
    name: 'delete the account', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      const { AccessToken } = await pool.tokens(name);
      await pool.send(idp.DeleteUserCommand, { AccessToken });
      await refused(pool.admin(idp.AdminGetUserCommand, name), 'UserNotFoundException');
    },
  },
  {
    name: 'list users with a filter', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      await pool.person();
      const { Users } = await pool.send(idp.ListUsersCommand, { UserPoolId: pool.id, Filter: `email = "${name}"` });
      assert.equal(Users.length, 1);
    },
  },
  {
    name: 'list users page by page', client: 'AWS SDK',
    async run(pool) {
      for (let i = 0; i < 3; i++) await pool.person();
      const page = await pool.send(idp.ListUsersCommand, { UserPoolId: pool.id, Limit: 2 });
      assert.equal(page.Users.length, 2);
      const rest = await pool.send(idp.ListUsersCommand, { UserPoolId: pool.id, Limit: 2, PaginationToken: page.PaginationToken });
      assert.equal(rest.Users.length, 1);
    },
  },
  {
    name: 'reset a person\'s password', client: 'AWS SDK',
    async run(pool) {
      const name = await pool.person();
      await pool.admin(idp.AdminResetUserPasswordCommand, name);
      await refused(pool.signIn(name), 'PasswordResetRequiredException');
    },
  },
  {
    name: 'make a resource server, a domain and tags', client: 'AWS SDK',
    async run(pool) {
      const { UserPool } = await pool.send(idp.DescribeUserPoolCommand, { UserPoolId: pool.id });
      await pool.send(idp.CreateResourceServerCommand, { UserPoolId: pool.id, Identifier: 'api', Name: 'api', Scopes: [{ ScopeName: 'read', ScopeDescription: 'read' }] });
      await pool.withDomain(() => undefined);
      await pool.send(idp.TagResourceCommand, { ResourceArn: UserPool.Arn, Tags: { team: 'blue' } });
      assert.deepEqual((await pool.send(idp.ListTagsForResourceCommand, { ResourceArn: UserPool.Arn })).Tags, { team: 'blue' });
    },
  },
  {
    name: 'find the pool\'s OAuth endpoints by discovery', client: 'openid-client', settings: pages,
    run: pool => pool.atDomain(async () => {
      const url = new URL(`${pool.id}/.well-known/openid-configuration`, pool.target.endpoint);
      const config = await oidc.discovery(url, pool.clientId, undefined, oidc.None(), { execute: [oidc.allowInsecureRequests] });
      for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint']) {
        assert.ok(config.serverMetadata()[name], `no ${name}`);
      }
    }),
  },
  {
    name: 'sign in on the pages: code flow with PKCE', client: 'openid-client', settings: pages,
    async run(pool) {
      const username = await pool.person();
      await pool.atDomain(async () => {
        const issuer = await pool.issuer();
        const config = new oidc.Configuration({
          issuer, authorization_endpoint: `${pool.target.endpoint}oauth2/authorize`, token_endpoint: `${pool.target.endpoint}oauth2/token`,
        }, pool.clientId, undefined, oidc.None());
        oidc.allowInsecureRequests(config);
        const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
        const expectedState = oidc.randomState();
        const browser = new Browser(pool.target.endpoint);
        await browser.open(oidc.buildAuthorizationUrl(config, {
          redirect_uri: callback, scope: 'openid email', state: expectedState,
          code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
        }));
        await browser.submit({ username, password });
        assert.ok(browser.url.href.startsWith(callback), 'back at the callback');
        const tokens = await oidc.authorizationCodeGrant(config, browser.url, { pkceCodeVerifier, expectedState });
        assert.equal(tokens.claims().email, username);
      });
    },
  },
  {
    name: 'client credentials with a scope', client: 'openid-client',
    async run(pool) {
      await pool.send(idp.CreateResourceServerCommand, { UserPoolId: pool.id, Identifier: 'api', Name: 'api', Scopes: [{ ScopeName: 'read', ScopeDescription: 'read' }] });
      const { UserPoolClient: { ClientId, ClientSecret } } = await pool.send(idp.CreateUserPoolClientCommand, {
        UserPoolId: pool.id, ClientName: 'machine', GenerateSecret: true,
        AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['client_credentials'], AllowedOAuthScopes: ['api/read'],
      });
      await pool.atDomain(async () => {
        const issuer = await pool.issuer();
        const config = new oidc.Configuration({ issuer, token_endpoint: `${pool.target.endpoint}oauth2/token` }, ClientId, ClientSecret, oidc.ClientSecretBasic(ClientSecret));
        oidc.allowInsecureRequests(config);
        const { access_token: token } = await oidc.clientCredentialsGrant(config, { scope: 'api/read' });
        assert.equal(claims(token).scope, 'api/read');
      });
    },
  },
  {
    name: 'errors look as the service\'s', client: 'a bare POST',
    async run(pool) {
      const answer = await fetch(pool.target.endpoint, {
        method: 'POST', body: JSON.stringify({ ClientId: pool.clientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'nobody@example.com', PASSWORD: password } }),
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
      });
      const { __type } = await answer.json();
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1');
      assert.match(answer.headers.get('x-amzn-requestid') ?? 'no request id', /^[0-9a-f-]{36}$/);
      assert.equal(answer.headers.get('x-amzn-errortype'), `${__type}:`);
    },
  },
  {
    name: 'an operation that is not served is refused once, not retried', client: 'a bare POST',
    async run(pool) {
      const answer = await fetch(pool.target.endpoint, {
        method: 'POST', body: '{}',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSCognitoIdentityProviderService.StartUserImportJob' },
      });
      assert.ok(answer.status < 500, `status ${answer.status}`);
    },
  },
];

/** Makes the pool that a journey starts in. */
export async function newPool(target, { pool = {}, mfa, client = {} } = {}) {
  const sdk = new idp.CognitoIdentityProviderClient({
    region: 'eu-west-1', endpoint: target.endpoint, maxAttempts: 1, credentials: { accessKeyId: 'anything', secretAccessKey: 'goes' },
  });
  const send = (Operation, input) => sdk.send(new Operation(input));
  const { UserPool } = await send(idp.CreateUserPoolCommand, { PoolName: 'journey', UsernameAttributes: ['email'], AutoVerifiedAttributes: ['email'], ...pool });
  if (mfa !== undefined) await send(idp.SetUserPoolMfaConfigCommand, { UserPoolId: UserPool.Id, ...mfa });
  const { UserPoolClient } = await send(idp.CreateUserPoolClientCommand, {
    UserPoolId: UserPool.Id, ClientName: 'journey', ExplicitAuthFlows: flows, EnableTokenRevocation: true, ...client,
  });
  return new Pool(target, send, UserPool.Id, UserPoolClient);
}
