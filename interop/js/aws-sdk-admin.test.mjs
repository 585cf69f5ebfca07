// What administrators and infrastructure code do, by the AWS SDK for
// JavaScript: pools, clients and people from nothing to nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as idp from '@aws-sdk/client-cognito-identity-provider';

import { appCode, code, endpoint, password, verified } from './support.mjs';

const sdk = new idp.CognitoIdentityProviderClient({
  region: 'eu-west-1', endpoint, maxAttempts: 1, credentials: { accessKeyId: 'anything', secretAccessKey: 'goes' },
});
const send = (Operation, input) => sdk.send(new Operation(input));

const refused = (promise, Exception, message) =>
  assert.rejects(promise, error => {
    assert.ok(error instanceof Exception, `${error.name}: ${error.message}`);
    if (message !== undefined) assert.equal(error.message, message);
    return true;
  });

const named = list => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));

/** All items of a paginated operation. */
async function all(paginate, input, member) {
  const items = [];
  let pages = 0;
  for await (const page of paginate({ client: sdk }, input)) {
    items.push(...page[member] ?? []);
    pages++;
  }
  return { items, pages };
}

/** A new pool with a client: what the scripts of support.mjs take for one. */
async function newPool(input = {}, client = {}) {
  const { UserPool } = await send(idp.CreateUserPoolCommand, { PoolName: 'people', ...input });
  const { UserPoolClient } = await send(idp.CreateUserPoolClientCommand, {
    UserPoolId: UserPool.Id, ClientName: 'front', ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'], ...client,
  });
  return {
    name: UserPool.Id, endpoint, poolId: UserPool.Id, clientId: UserPoolClient.ClientId,
    issuer: `https://cognito-idp.eu-west-1.amazonaws.com/${UserPool.Id}`,
  };
}

/** A confirmed user of the pool. */
async function newUser({ poolId: UserPoolId }, Username, attributes = {}) {
  const UserAttributes = Object.entries({ email: `${Username}@example.com`, ...attributes }).map(([Name, Value]) => ({ Name, Value }));
  await send(idp.AdminCreateUserCommand, { UserPoolId, Username, MessageAction: 'SUPPRESS', UserAttributes });
  await send(idp.AdminSetUserPasswordCommand, { UserPoolId, Username, Password: password, Permanent: true });
}

const signIn = (pool, USERNAME, PASSWORD = password) => send(idp.AdminInitiateAuthCommand, {
  UserPoolId: pool.poolId, ClientId: pool.clientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD },
});

test('the life of a pool', async () => {
  const { UserPool } = await send(idp.CreateUserPoolCommand, {
    PoolName: 'staff', MfaConfiguration: 'OFF', UserPoolTags: { team: 'blue' },
    Policies: { PasswordPolicy: { MinimumLength: 12, RequireNumbers: true } },
    Schema: [{ Name: 'badge', AttributeDataType: 'Number', Mutable: true, NumberAttributeConstraints: { MinValue: '1' } }],
  });
  const UserPoolId = UserPool.Id;
  assert.match(UserPoolId, /^eu-west-1_[0-9A-Za-z]{9}$/);
  assert.match(UserPool.Arn, new RegExp(`:userpool/${UserPoolId}$`));
  const describe = async () => (await send(idp.DescribeUserPoolCommand, { UserPoolId })).UserPool;
  const pool = await describe();
  assert.ok(pool.CreationDate instanceof Date);
  assert.equal(pool.Policies.PasswordPolicy.MinimumLength, 12);
  assert.ok(pool.SchemaAttributes.some(({ Name }) => Name === 'custom:badge'));
  await send(idp.AddCustomAttributesCommand, { UserPoolId, CustomAttributes: [{ Name: 'floor', AttributeDataType: 'String', Mutable: true }] });
  await send(idp.UpdateUserPoolCommand, { UserPoolId, AutoVerifiedAttributes: ['email'], AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
  const updated = await describe();
  assert.ok(updated.SchemaAttributes.some(({ Name }) => Name === 'custom:floor'));
  assert.deepEqual({ verified: updated.AutoVerifiedAttributes, admin: updated.AdminCreateUserConfig.AllowAdminCreateUserOnly }, { verified: ['email'], admin: true });

  await send(idp.TagResourceCommand, { ResourceArn: UserPool.Arn, Tags: { stage: 'test' } });
  await send(idp.UntagResourceCommand, { ResourceArn: UserPool.Arn, TagKeys: ['team'] });
  const { Tags } = await send(idp.ListTagsForResourceCommand, { ResourceArn: UserPool.Arn });
  assert.equal(Tags.stage, 'test');
  assert.equal(Tags.team, undefined);

  await send(idp.SetUserPoolMfaConfigCommand, { UserPoolId, MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true } });
  assert.equal((await send(idp.GetUserPoolMfaConfigCommand, { UserPoolId })).MfaConfiguration, 'OPTIONAL');

  const { items } = await all(idp.paginateListUserPools, { MaxResults: 1 }, 'UserPools');
  assert.ok(items.some(({ Id, Name }) => Id === UserPoolId && Name === 'staff'));
  await send(idp.DeleteUserPoolCommand, { UserPoolId });
  await refused(describe(), idp.ResourceNotFoundException, `User pool ${UserPoolId} does not exist.`);
});

test('app clients', async () => {
  const pool = await newPool();
  const UserPoolId = pool.poolId;
  const { UserPoolClient: made } = await send(idp.CreateUserPoolClientCommand, {
    UserPoolId, ClientName: 'back', GenerateSecret: true, AccessTokenValidity: 30, TokenValidityUnits: { AccessToken: 'minutes' },
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  });
  const ClientId = made.ClientId;
  assert.ok(made.ClientSecret.length > 24);
  const describe = async () => (await send(idp.DescribeUserPoolClientCommand, { UserPoolId, ClientId })).UserPoolClient;
  assert.deepEqual((await describe()).ExplicitAuthFlows.sort(), ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_PASSWORD_AUTH']);
  await send(idp.UpdateUserPoolClientCommand, { UserPoolId, ClientId, ClientName: 'rear', PreventUserExistenceErrors: 'ENABLED' });
  const { ClientName, PreventUserExistenceErrors } = await describe();
  assert.deepEqual({ ClientName, PreventUserExistenceErrors }, { ClientName: 'rear', PreventUserExistenceErrors: 'ENABLED' });
  const { items } = await all(idp.paginateListUserPoolClients, { UserPoolId, MaxResults: 1 }, 'UserPoolClients');
  assert.deepEqual(items.map(item => item.ClientName).sort(), ['front', 'rear']);

  const { ClientSecretDescriptor } = await send(idp.AddUserPoolClientSecretCommand, { UserPoolId, ClientId });
  const { ClientSecrets } = await send(idp.ListUserPoolClientSecretsCommand, { UserPoolId, ClientId });
  assert.equal(ClientSecrets.length, 2);
  await send(idp.DeleteUserPoolClientSecretCommand, { UserPoolId, ClientId, ClientSecretId: ClientSecretDescriptor.ClientSecretId });

  await send(idp.DeleteUserPoolClientCommand, { UserPoolId, ClientId });
  await refused(describe(), idp.ResourceNotFoundException);
});

test('a person who is invited', async () => {
  const pool = await newPool();
  const UserPoolId = pool.poolId;
  const { User } = await send(idp.AdminCreateUserCommand, {
    UserPoolId, Username: 'zoe', UserAttributes: [{ Name: 'email', Value: 'zoe@example.com' }], DesiredDeliveryMediums: ['EMAIL'],
  });
  assert.equal(User.UserStatus, 'FORCE_CHANGE_PASSWORD');
  const challenge = await signIn(pool, 'zoe', await code(pool, 'zoe'));
  assert.equal(challenge.ChallengeName, 'NEW_PASSWORD_REQUIRED');
  const respond = NEW_PASSWORD => send(idp.AdminRespondToAuthChallengeCommand, {
    UserPoolId, ClientId: pool.clientId, ChallengeName: challenge.ChallengeName, Session: challenge.Session,
    ChallengeResponses: { USERNAME: 'zoe', NEW_PASSWORD, 'userAttributes.given_name': 'Zoë' },
  });
  await refused(respond('short'), idp.InvalidPasswordException);
  const { AuthenticationResult } = await respond(password);
  assert.equal((await verified(pool, AuthenticationResult.IdToken, 'id')).given_name, 'Zoë');
  assert.equal((await send(idp.AdminGetUserCommand, { UserPoolId, Username: 'zoe' })).UserStatus, 'CONFIRMED');
});

test('a person\'s account', async () => {
  const pool = await newPool();
  const account = { UserPoolId: pool.poolId, Username: 'zoe' };
  const get = () => send(idp.AdminGetUserCommand, account);
  await newUser(pool, 'zoe');
  await send(idp.AdminUpdateUserAttributesCommand, { ...account, UserAttributes: [{ Name: 'email_verified', Value: 'true' }, { Name: 'nickname', Value: 'Zo' }] });
  await send(idp.AdminDeleteUserAttributesCommand, { ...account, UserAttributeNames: ['nickname'] });
  const { email_verified, nickname } = named((await get()).UserAttributes);
  assert.deepEqual({ email_verified, nickname }, { email_verified: 'true', nickname: undefined });

  const { AuthenticationResult } = await signIn(pool, 'zoe');
  await send(idp.AdminUserGlobalSignOutCommand, account);
  await refused(send(idp.GetUserCommand, { AccessToken: AuthenticationResult.AccessToken }), idp.NotAuthorizedException);

  await send(idp.AdminDisableUserCommand, account);
  await refused(signIn(pool, 'zoe'), idp.NotAuthorizedException, 'User is disabled.');
  assert.equal((await get()).Enabled, false);
  await send(idp.AdminEnableUserCommand, account);

  await send(idp.AdminResetUserPasswordCommand, account);
  await refused(signIn(pool, 'zoe'), idp.PasswordResetRequiredException, 'Password reset required for the user');
  await send(idp.ConfirmForgotPasswordCommand, { ClientId: pool.clientId, Username: 'zoe', Password: password, ConfirmationCode: await code(pool, 'zoe') });
  await signIn(pool, 'zoe');

  await send(idp.AdminDeleteUserCommand, account);
  await refused(get(), idp.UserNotFoundException, 'User does not exist.');
});

test('a second factor that an administrator sees to', async () => {
  const pool = await newPool();
  const UserPoolId = pool.poolId;
  await send(idp.SetUserPoolMfaConfigCommand, { UserPoolId, MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true } });
  await newUser(pool, 'zoe');
  const { AuthenticationResult: { AccessToken } } = await signIn(pool, 'zoe');
  const { SecretCode } = await send(idp.AssociateSoftwareTokenCommand, { AccessToken });
  await send(idp.VerifySoftwareTokenCommand, { AccessToken, UserCode: appCode(SecretCode) });
  const prefer = Enabled => send(idp.AdminSetUserMFAPreferenceCommand, {
    UserPoolId, Username: 'zoe', SoftwareTokenMfaSettings: { Enabled, PreferredMfa: Enabled },
  });
  await prefer(true);
  assert.equal((await signIn(pool, 'zoe')).ChallengeName, 'SOFTWARE_TOKEN_MFA');
  await prefer(false);
  assert.equal((await signIn(pool, 'zoe')).ChallengeName, undefined);
});

test('groups', async () => {
  const pool = await newPool();
  const UserPoolId = pool.poolId;
  await newUser(pool, 'zoe');
  for (const [GroupName, Precedence] of [['editors', 2], ['readers', 9], ['owners', 1]]) {
    await send(idp.CreateGroupCommand, { UserPoolId, GroupName, Precedence });
  }
  await refused(send(idp.CreateGroupCommand, { UserPoolId, GroupName: 'owners' }), idp.GroupExistsException);
  await send(idp.UpdateGroupCommand, { UserPoolId, GroupName: 'editors', Description: 'who write' });
  assert.equal((await send(idp.GetGroupCommand, { UserPoolId, GroupName: 'editors' })).Group.Description, 'who write');
  const { items } = await all(idp.paginateListGroups, { UserPoolId, Limit: 1 }, 'Groups');
  assert.deepEqual(items.map(({ GroupName }) => GroupName).sort(), ['editors', 'owners', 'readers']);

  for (const GroupName of ['editors', 'readers', 'owners']) {
    await send(idp.AdminAddUserToGroupCommand, { UserPoolId, GroupName, Username: 'zoe' });
  }
  await send(idp.AdminRemoveUserFromGroupCommand, { UserPoolId, GroupName: 'readers', Username: 'zoe' });
  const { AuthenticationResult } = await signIn(pool, 'zoe');
  for (const [token, use] of [[AuthenticationResult.AccessToken, 'access'], [AuthenticationResult.IdToken, 'id']]) {
    assert.deepEqual((await verified(pool, token, use))['cognito:groups'].sort(), ['editors', 'owners']);
  }
  const members = await all(idp.paginateListUsersInGroup, { UserPoolId, GroupName: 'owners', Limit: 1 }, 'Users');
  assert.deepEqual(members.items.map(({ Username }) => Username), ['zoe']);
  const memberships = await all(idp.paginateAdminListGroupsForUser, { UserPoolId, Username: 'zoe', Limit: 1 }, 'Groups');
  assert.deepEqual(memberships.items.map(({ GroupName }) => GroupName).sort(), ['editors', 'owners']);
  await send(idp.DeleteGroupCommand, { UserPoolId, GroupName: 'owners' });
  await refused(send(idp.GetGroupCommand, { UserPoolId, GroupName: 'owners' }), idp.ResourceNotFoundException);
});

test('list people', async () => {
  const pool = await newPool();
  const UserPoolId = pool.poolId;
  for (let i = 0; i < 7; i++) {
    await newUser(pool, `user${i}`, { given_name: i % 2 === 0 ? 'Zoë' : 'Zack' });
  }
  const everyone = await all(idp.paginateListUsers, { UserPoolId, Limit: 3 }, 'Users');
  assert.equal(everyone.pages, 3);
  assert.deepEqual(everyone.items.map(({ Username }) => Username).sort(), [0, 1, 2, 3, 4, 5, 6].map(i => `user${i}`));
  const matching = async Filter => (await all(idp.paginateListUsers, { UserPoolId, Filter }, 'Users')).items.map(({ Username }) => Username).sort();
  assert.deepEqual(await matching('given_name = "Zoë"'), ['user0', 'user2', 'user4', 'user6']);
  assert.deepEqual(await matching('given_name ^= "Zac"'), ['user1', 'user3', 'user5']);
  assert.deepEqual(await matching('email = "user3@example.com"'), ['user3']);
  assert.equal((await matching('cognito:user_status = "CONFIRMED"')).length, 7);
  const { Users: [user] } = await send(idp.ListUsersCommand, { UserPoolId, Filter: 'username = "user5"', AttributesToGet: ['email'] });
  assert.deepEqual(named(user.Attributes), { email: 'user5@example.com' });
  await refused(send(idp.ListUsersCommand, { UserPoolId, Filter: 'nonsense' }), idp.InvalidParameterException);
});

test('resource servers, domains and identity providers', async () => {
  const pool = await newPool();
  const UserPoolId = pool.poolId;
  const server = { UserPoolId, Identifier: 'https://api.example.com' };
  await send(idp.CreateResourceServerCommand, { ...server, Name: 'api', Scopes: [{ ScopeName: 'read', ScopeDescription: 'read things' }] });
  await send(idp.UpdateResourceServerCommand, { ...server, Name: 'interface', Scopes: [{ ScopeName: 'write', ScopeDescription: 'write things' }] });
  const { ResourceServer } = await send(idp.DescribeResourceServerCommand, server);
  assert.deepEqual({ name: ResourceServer.Name, scopes: ResourceServer.Scopes.map(s => s.ScopeName) }, { name: 'interface', scopes: ['write'] });
  assert.equal((await all(idp.paginateListResourceServers, { UserPoolId, MaxResults: 1 }, 'ResourceServers')).items.length, 1);

  const Domain = `people-${UserPoolId.split('_')[1].toLowerCase()}`;
  await send(idp.CreateUserPoolDomainCommand, { UserPoolId, Domain });
  assert.equal((await send(idp.DescribeUserPoolDomainCommand, { Domain })).DomainDescription.UserPoolId, UserPoolId);
  await send(idp.DeleteUserPoolDomainCommand, { UserPoolId, Domain });

  const provider = { UserPoolId, ProviderName: 'Elsewhere' };
  await send(idp.CreateIdentityProviderCommand, {
    ...provider, ProviderType: 'OIDC', AttributeMapping: { email: 'email' },
    ProviderDetails: { client_id: 'us', client_secret: 'secret', oidc_issuer: 'https://id.example.com', authorize_scopes: 'openid', attributes_request_method: 'GET' },
  });
  assert.equal((await send(idp.DescribeIdentityProviderCommand, provider)).IdentityProvider.ProviderType, 'OIDC');
  const { items } = await all(idp.paginateListIdentityProviders, { UserPoolId, MaxResults: 1 }, 'Providers');
  assert.deepEqual(items.map(({ ProviderName }) => ProviderName), ['Elsewhere']);
  await send(idp.DeleteIdentityProviderCommand, provider);
  await send(idp.DeleteResourceServerCommand, server);
  await refused(send(idp.DescribeResourceServerCommand, server), idp.ResourceNotFoundException);
});
