// A browser as far as sign-in pages need one: cookies, redirects and forms.

import assert from 'node:assert/strict';

/** Follows redirects until they leave an origin. */
export class Browser {
  #cookies = new Map();
  page = '';

  /** Where it stays. */
  constructor(origin) {
    this.origin = new URL(origin).origin;
  }

  async open(url, body) {
    let address = new URL(url);
    for (let hops = 0; hops < 10; hops++) {
      const headers = { cookie: [...this.#cookies].map(pair => pair.join('=')).join('; ') };
      const answer = await fetch(address, { method: body === undefined ? 'GET' : 'POST', body, headers, redirect: 'manual' });
      for (const cookie of answer.headers.getSetCookie()) {
        const [pair, ...attributes] = cookie.split(';');
        const at = pair.indexOf('=');
        if (attributes.some(attribute => /^\s*max-age=(0|-)/i.test(attribute))) this.#cookies.delete(pair.slice(0, at));
        else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      this.url = address;
      if (answer.status < 300 || answer.status >= 400) {
        this.page = await answer.text();
        return this;
      }
      address = new URL(answer.headers.get('location'), address);
      body = undefined;
      if (address.origin !== this.origin) {
        this.url = address;
        return this;
      }
    }
    return assert.fail('redirects without end');
  }

  /** Fills the page's form in and sends it. */
  async submit(fields) {
    const form = /<form[^>]*action="([^"]*)"[^>]*>([^]*?)<\/form>/.exec(this.page);
    assert.ok(form, `a form in ${this.page}`);
    const text = html => html.replaceAll('&#43;', '+').replaceAll('&#34;', '"').replaceAll('&#39;', '\'').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    const values = new URLSearchParams();
    for (const [input] of form[2].matchAll(/<input[^>]*>/g)) {
      const attribute = name => text(new RegExp(`\\s${name}="([^"]*)"`).exec(input)?.[1] ?? '');
      if (attribute('name') !== '') values.set(attribute('name'), attribute('value'));
    }
    for (const [name, value] of Object.entries(fields)) {
      assert.ok(values.has(name), `the form asks for ${[...values.keys()]}, not for ${name}`);
      values.set(name, value);
    }
    return this.open(new URL(text(form[1]), this.url), values);
  }
}
