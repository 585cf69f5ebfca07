// An implementation of SRP that no AWS client shares, used as its own
// documentation has it: with the name that the person has typed.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as srp from 'cognito-srp-helper';
import * as idp from '@aws-sdk/client-cognito-identity-provider';

import { addUser, password, pool, refused, verified, wrongPassword } from './support.mjs';

const people = pool('people');
const sdk = new idp.CognitoIdentityProviderClient({
  region: 'eu-west-1', endpoint: people.endpoint, maxAttempts: 1, credentials: { accessKeyId: 'anything', secretAccessKey: 'goes' },
});
const ClientId = people.clientId;

/** Signs in and returns all that is needed to go on. */
async function signIn(username, password, device = {}) {
  const session = srp.createSrpSession(username, password, people.poolId, false);
  const parameters = { USERNAME: username, ...device.DeviceKey && { DEVICE_KEY: device.DeviceKey } };
  const challenge = await sdk.send(new idp.InitiateAuthCommand(srp.wrapInitiateAuth(session, {
    ClientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters: { CHALLENGE_NAME: 'SRP_A', ...parameters },
  })));
  const signed = srp.signSrpSession(session, challenge);
  const respond = (signed, ChallengeName, Session) => sdk.send(new idp.RespondToAuthChallengeCommand(srp.wrapAuthChallenge(signed, {
    ClientId, ChallengeName, ChallengeResponses: parameters, Session,
  })));
  const answer = await respond(signed, 'PASSWORD_VERIFIER', challenge.Session);
  if (answer.ChallengeName !== 'DEVICE_SRP_AUTH') return answer;
  const proof = await respond(signed, 'DEVICE_SRP_AUTH', answer.Session);
  return respond(
    srp.signSrpSessionWithDevice(session, proof, device.DeviceGroupKey, device.DeviceRandomPassword), 'DEVICE_PASSWORD_VERIFIER', proof.Session,
  );
}

test('sign in with an e-mail address, from a device', async () => {
  const username = await addUser(people, { name: `${crypto.randomUUID()}@example.com`, email: undefined });
  await refused(signIn(username, wrongPassword), 'NotAuthorizedException', 'Incorrect username or password.');
  const first = (await signIn(username, password)).AuthenticationResult;
  assert.equal((await verified(people, first.IdToken, 'id')).email, username);

  const { DeviceKey, DeviceGroupKey } = first.NewDeviceMetadata;
  const { DeviceRandomPassword, DeviceSecretVerifierConfig } = srp.createDeviceVerifier(DeviceKey, DeviceGroupKey);
  await sdk.send(new idp.ConfirmDeviceCommand({ AccessToken: first.AccessToken, DeviceKey, DeviceSecretVerifierConfig }));
  const second = (await signIn(username, password, { DeviceKey, DeviceGroupKey, DeviceRandomPassword })).AuthenticationResult;
  assert.equal(second.NewDeviceMetadata, undefined);
  await verified(people, second.AccessToken, 'access');
  await refused(signIn(username, password, { DeviceKey, DeviceGroupKey, DeviceRandomPassword: 'x' }), 'NotAuthorizedException');
});
