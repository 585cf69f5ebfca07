// A browser's side of WebAuthn, as far as a client library looks: the globals
// of a page and an authenticator that checks its user and keeps its keys.

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const sha256 = data => createHash('sha256').update(data).digest();
const arrayBuffer = buffer => new Uint8Array(buffer).buffer;

/** What the globals of the same names make instances of. */
class PublicKeyCredential {
  constructor(id, response) {
    Object.assign(this, { id: id.toString('base64url'), rawId: arrayBuffer(id), type: 'public-key', authenticatorAttachment: 'platform', response });
  }
  getClientExtensionResults() { return {}; }
}

class AuthenticatorAssertionResponse {
  constructor(members) {
    for (const [name, value] of Object.entries(members)) this[name] = arrayBuffer(value);
  }
}

class AuthenticatorAttestationResponse {
  #data;
  #key;
  constructor(clientDataJSON, data, key) {
    this.clientDataJSON = arrayBuffer(clientDataJSON);
    // {"fmt": "none", "attStmt": {}, "authData": data} in CBOR (RFC 8949).
    const length = Buffer.alloc(3, 0x59);
    length.writeUInt16BE(data.length, 1);
    this.attestationObject = arrayBuffer(Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'), length, data,
    ]));
    this.#data = data;
    this.#key = key;
  }
  getTransports() { return ['internal']; }
  getPublicKeyAlgorithm() { return -7; }
  getPublicKey() { return arrayBuffer(this.#key.export({ type: 'spki', format: 'der' })); }
  getAuthenticatorData() { return arrayBuffer(this.#data); }
}

/** An ES256 key in COSE (RFC 9053, section 7.1.1). */
function coseKey(key) {
  const { x, y } = key.export({ format: 'jwk' });
  return Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'), Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'), Buffer.from(y, 'base64url'),
  ]);
}

const flags = { userPresent: 1, userVerified: 4, attested: 64 };

/** A page of an origin, and an authenticator. */
export class Browser {
  keys = [];
  asked = []; // the options that the authenticator was given
  cancels = false; // whether the user sends every prompt away

  constructor(origin) {
    this.origin = origin;
  }

  /** Runs something on the page: Node has none of the globals that it needs. */
  async on(doing) {
    const navigator = { userAgent: 'interop/1.0', credentials: { create: o => this.#create(o), get: o => this.#get(o) } };
    const globals = {
      window: { document: {}, isSecureContext: true, PublicKeyCredential },
      navigator, PublicKeyCredential, AuthenticatorAssertionResponse, AuthenticatorAttestationResponse,
    };
    const before = Object.keys(globals).map(name => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, configurable: true });
    }
    try {
      return await doing();
    } finally {
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor);
        else delete globalThis[name];
      }
    }
  }

  #prompt(options) {
    this.asked.push(options);
    if (this.cancels) throw new DOMException('The user sent the prompt away.', 'NotAllowedError');
  }

  #clientData(type, challenge) {
    return Buffer.from(JSON.stringify({
      type, challenge: Buffer.from(challenge).toString('base64url'), origin: this.origin, crossOrigin: false,
    }));
  }

  /** Authenticator data (Web Authentication, section 6.1). */
  #data(domain, bits, key, credential = Buffer.alloc(0)) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(key.counter++);
    return Buffer.concat([sha256(domain), Buffer.of(flags.userPresent | flags.userVerified | bits), counter, credential]);
  }

  async #create({ publicKey: options }) {
    this.#prompt(options);
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = { id: randomBytes(32), privateKey, user: Buffer.from(options.user.id), domain: options.rp.id, counter: 1 };
    this.keys.push(key);
    const credential = Buffer.concat([Buffer.alloc(16), Buffer.of(0, key.id.length), key.id, coseKey(publicKey)]);
    return new PublicKeyCredential(key.id, new AuthenticatorAttestationResponse(
      this.#clientData('webauthn.create', options.challenge), this.#data(key.domain, flags.attested, key, credential), publicKey,
    ));
  }

  async #get({ publicKey: options }) {
    this.#prompt(options);
    const allowed = options.allowCredentials.map(({ id }) => Buffer.from(id));
    const key = this.keys.find(({ id, domain }) => domain === options.rpId && allowed.some(other => other.equals(id)));
    if (!key) throw new DOMException('There is no such passkey.', 'NotAllowedError');
    const clientDataJSON = this.#clientData('webauthn.get', options.challenge);
    const authenticatorData = this.#data(key.domain, 0, key);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientDataJSON)]), key.privateKey);
    return new PublicKeyCredential(key.id, new AuthenticatorAssertionResponse({
      clientDataJSON, authenticatorData, signature, userHandle: key.user,
    }));
  }
}
