// A page that signs in at managed login by oidc-client-ts, which knows nothing
// of Cognito. It opens itself in a hidden frame to sign in silently.

import { UserManager, WebStorageStateStore } from 'oidc-client-ts';

const { endpoint, poolId, clientId, callback } = await (await fetch('config.json')).json();
window.manager = new UserManager({
  authority: `${endpoint}/${poolId}`,
  client_id: clientId,
  redirect_uri: callback,
  scope: 'openid email',
  loadUserInfo: true,
  userStore: new WebStorageStateStore({ store: localStorage }),
  silentRequestTimeoutInSeconds: 5,
});
if (new URLSearchParams(location.search).has('state')) {
  try {
    await window.manager.signinCallback();
  } catch (error) {
    window.failure = String(error);
  }
  history.replaceState(null, '', callback);
}
window.user = await window.manager.getUser();
window.ready = true;
