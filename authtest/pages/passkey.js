// Asks the browser for a passkey, an old one or a new one, and puts it into the
// form.
const form = document.getElementById("passkey");

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : undefined;

const references = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

const ceremonies = {
  async get(options) {
    const found = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: references(options.allowCredentials) },
    });
    return describe(found, {
      authenticatorData: text(found.response.authenticatorData),
      signature: text(found.response.signature),
      userHandle: text(found.response.userHandle),
    });
  },
  async create(options) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: references(options.excludeCredentials),
      },
    });
    return describe(made, {
      attestationObject: text(made.response.attestationObject),
      authenticatorData: text(made.response.getAuthenticatorData()),
      publicKey: text(made.response.getPublicKey()),
      publicKeyAlgorithm: made.response.getPublicKeyAlgorithm(),
      transports: made.response.getTransports(),
    });
  },
};

function describe(credential, response) {
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    form.elements.credential.value = await ceremonies[form.dataset.ceremony](JSON.parse(form.dataset.options));
    form.submit();
  } catch {
    const alert = document.getElementById("passkey-alert");
    alert.textContent = "That did not work. Try again, or choose another way.";
    alert.hidden = false;
  }
});
