// A page that signs in at managed login by aws-amplify. Whoever looks at it
// calls what is in window.auth.

import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';
import { Hub } from 'aws-amplify/utils';

window.events = [];
Hub.listen('auth', ({ payload }) => window.events.push(payload.event === 'customOAuthState' ? payload.data : payload.event));

const { endpoint, domain, poolId, clientId, callback } = await (await fetch('config.json')).json();
Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: poolId,
      userPoolClientId: clientId,
      userPoolEndpoint: endpoint,
      loginWith: {
        oauth: {
          domain,
          scopes: ['openid', 'email', 'aws.cognito.signin.user.admin'],
          redirectSignIn: [callback],
          redirectSignOut: [callback],
          responseType: 'code',
        },
      },
    },
  },
});
window.auth = auth;
