// Runs the journeys against the servers that the Go side started, one after
// the other, and writes what came of it as JSON: for each journey, an empty
// text where it succeeded and the reason where it did not.

import { setTimeout } from 'node:timers/promises';

import { journeys, newPool } from './journeys.mjs';

/** The most that a journey may take. None needs a tenth of it. */
const patience = 20_000;

const targets = JSON.parse(process.env.COGNITO_TARGETS).map(({ name, endpoint, control, fixedCode, domains, issuerBase }) => ({
  name, endpoint, domains, issuerBase,
  code: async (pool, user) => fixedCode ?? (await fetch(`${control}/${pool}/users/${encodeURIComponent(user)}/code`)).text(),
}));

const shown = value => typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Why a journey failed, in one line. */
function reason(error) {
  if (error.generatedMessage && error.operator?.includes('trictEqual')) {
    return `${shown(error.actual)}, not ${shown(error.expected)}`;
  }
  const text = error.code === 'ERR_ASSERTION' ? error.message : `${error.name}: ${error.message}`;
  // What cognito-local begins its own refusals with takes most of a cell.
  return text.replace('Unsupported: Cognito Local unsupported feature: ', 'unsupported: ').split('\n')[0].trim() || 'failed';
}

async function outcome(target, { settings, run }) {
  try {
    const late = setTimeout(patience, undefined, { ref: false }).then(() => { throw new Error('no end'); });
    await Promise.race([newPool(target, settings).then(run), late]);
    return '';
  } catch (error) {
    return reason(error);
  }
}

const results = [];
for (const journey of journeys) {
  const outcomes = {};
  for (const target of targets) outcomes[target.name] = await outcome(target, journey);
  results.push({ name: journey.name, client: journey.client, outcomes });
}
process.stdout.write(JSON.stringify(results));
process.exit();
