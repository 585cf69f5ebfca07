// Prints what the installed client libraries export, for the Go side to compare
// with the migration guides: for each entry point the names, values and types
// alike, with the place where each is declared. What an entry point hands on
// from another has the same place there and here. It knows as much TypeScript
// as these libraries' declarations use, and fails on more.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The text of a file of declarations, without its comments. */
const text = file => readFileSync(file, 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '');

/** The file of declarations that a module specifier means. */
function resolved(specifier, from) {
  const base = specifier.startsWith('.')
    ? join(dirname(from), specifier)
    : fileURLToPath(import.meta.resolve(specifier)).replace(/\.m?js$/, '');
  const file = [`${base}.d.ts`, join(base, 'index.d.ts')].find(existsSync);
  if (!file) throw new Error(`${from}: no declarations of ${specifier}`);
  return file;
}

const list = /^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?;/;
const all = /^export \* from '([^']+)';/;
const declaration = /^export (?:declare )?(?:abstract )?(?:class|const|enum|function|interface|let|namespace|type) (\w+)/;

/** What a file of declarations exports: names with the place of each. */
function declared(file) {
  const exported = new Map();
  for (const { index, input } of text(file).matchAll(/^export\b/gm)) {
    const statement = input.slice(index);
    let match;
    if ((match = all.exec(statement))) {
      for (const [name, place] of declared(resolved(match[1], file))) exported.set(name, place);
    } else if ((match = list.exec(statement))) {
      const source = match[2] && declared(resolved(match[2], file));
      for (const item of match[1].split(',').map(item => item.trim().replace(/^type /, '')).filter(Boolean)) {
        const [own, name = own] = item.split(' as ');
        const place = source ? source.get(own) : `${file}#${own}`;
        if (!place) throw new Error(`${file}: ${own} is not exported there`);
        exported.set(name, place);
      }
    } else if ((match = declaration.exec(statement))) {
      exported.set(match[1], `${file}#${match[1]}`);
    } else {
      throw new Error(`${file}: cannot read ${statement.split('\n', 1)}`);
    }
  }
  return exported;
}

/** What an entry point exports. */
async function entryPoint(name) {
  const exported = declared(resolved(name));
  for (const value of Object.keys(await import(name))) {
    if (!exported.has(value)) throw new Error(`${name}: ${value} is not declared`);
  }
  return Object.fromEntries(exported);
}

/** What is between the brace at an index and the one that closes it. */
function body(source, begin) {
  for (let depth = 0, i = begin; i < source.length; i++) {
    if (source[i] === '{') depth++;
    if (source[i] === '}' && --depth === 0) return source.slice(begin + 1, i);
  }
  throw new Error('a body does not end');
}

/** The statements of a body, which may have semicolons in brackets of their own. */
function statements(body) {
  const found = [''];
  let depth = 0;
  for (const char of body) {
    if ('({['.includes(char)) depth++;
    if (')}]'.includes(char)) depth--;
    if (char === ';' && depth === 0) found.push('');
    else found[found.length - 1] += char;
  }
  return found.map(statement => statement.trim()).filter(Boolean);
}

/** The methods of a class, those that it inherits too. */
function methods(prototype) {
  if (prototype === Object.prototype) return [];
  const own = Object.getOwnPropertyNames(prototype).filter(name => name !== 'constructor');
  return [...own, ...methods(Object.getPrototypeOf(prototype))];
}

/**
 * What a module declared by name exports, and as "Class.member" the members of
 * its classes and the callbacks and methods of its interfaces.
 */
async function declaredModule(name) {
  const exported = new Set();
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const { types } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  const source = text(new URL(types, folder));
  let namespace = { end: 0 };
  for (const { 1: kind, 2: name, index, 0: matched } of source.matchAll(/\bexport (class|const|interface|namespace|type) (\w+)[^{;=]*/g)) {
    const full = index < namespace.end ? `${namespace.name}.${name}` : name;
    exported.add(full);
    const open = index + matched.length;
    if (kind === 'namespace') namespace = { name: full, end: open + body(source, open).length };
    if (kind !== 'class' && kind !== 'interface') continue;
    for (const statement of statements(body(source, open))) {
      const [, member, rest] = /^(?:public )?(\w+)\??\s*([(:][^]*)$/.exec(statement) ?? [];
      if (!member) throw new Error(`${name}: cannot read ${statement}`);
      const callable = rest.startsWith('(') || /^:\s*\(/.test(rest);
      if (member !== 'constructor' && (kind === 'class' || callable)) exported.add(`${full}.${member}`);
    }
  }
  const { __esModule: _, ...values } = (await import(name)).default; // a CommonJS module
  for (const [value, exportedValue] of Object.entries(values)) {
    exported.add(value);
    for (const method of methods(exportedValue.prototype ?? Object.prototype)) exported.add(`${value}.${method}`);
  }
  return Object.fromEntries([...exported].map(member => [member, `${name}#${member}`]));
}

const amplify = ['auth', 'auth/server', 'auth/cognito', 'auth/cognito/server', 'auth/enable-oauth-listener'].map(path => `aws-amplify/${path}`);
const exports = { 'amazon-cognito-identity-js': await declaredModule('amazon-cognito-identity-js') };
for (const name of amplify) exports[name] = await entryPoint(name);
console.log(JSON.stringify(exports));
