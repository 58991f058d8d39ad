import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#event-sourcing/clock';
import { loadOrCreateDevelopmentKey } from '#platform/development-key';
import { issueToken } from '#identity/tokens';
import { EXIT } from '#platform/exit-codes';
import { readSettings } from '#platform/settings';
import { fileStore, shownStore } from '#platform/stores';
import type { SampleCommand } from '#state-machines/sample';
import { HAS_REGISTER } from '#use-cases/register-files/export-formats';
import { makeSample, samples } from './demo/make-sample.ts';
import { serve } from './serve.ts';
import { READY_PEOPLE } from './web/sign-in/ready-people.ts';

const RECORD = '730';
const RECIPIENT = 'wiltshire';
const SAMPLE = fileURLToPath(new URL('../../../../test/fixtures/730.txt', import.meta.url));
const COMMAND_LINE = fileURLToPath(new URL('../../cli/src/main.js', import.meta.url));
const TOKEN_SECONDS = 12 * 3_600;

const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

/**
 * Starts a service on a fresh store with a generated ten-year sample register, imports one record, replays
 * it, and prints examples.
 */
export async function demonstrate(): Promise<void> {
  if (process.argv.length > 2) {
    process.stderr.write('docket: the demo has no options\n');
    process.exitCode = EXIT.usage;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'docket-demo-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const env = await demoSettings(folder);
  await generateSamples(env);
  const address = await serve(env);
  if (address === undefined) return;
  print('\nOpen in a browser:\n');
  print(`  ${address}/`);
  printPeople();

  if (HAS_REGISTER) importSample(env);
  printAddresses(address);
  await printTokens(folder);
  const toTry = (await samples()).flatMap(({ sample }) => sample.toTry);
  if (HAS_REGISTER) printExamples(address, folder, toTry);
  printCommandLine(folder, env);
  print('\nPress Ctrl-C to stop the service and delete its store.');
}

function importSample(env: NodeJS.ProcessEnv): void {
  const docket = (...args: string[]): void => {
    runDocket(args, env);
  };
  print(`\nImporting the sample record into ${env['DOCKET_STORE'] ?? ''}:\n`);
  docket('import', SAMPLE, '--recipient', RECIPIENT);
  print('\nSweeping its deadlines:\n');
  docket('sweep');
  print('\nReplaying its history through the statechart:\n');
  docket('replay', RECORD);
  docket('replay', RECORD, '--effective-on', '2015-11-30');
  docket('replay', RECORD, '--effective-on', '2016-09-30');
  docket('verify');
}

/** Returns settings for a fresh store and key in `folder`, without the settings of a real installation. */
async function demoSettings(folder: string): Promise<NodeJS.ProcessEnv> {
  const others = Object.entries(process.env).filter(([name]) => !REAL.test(name));
  return {
    DOCKET_LOG_LEVEL: 'warn',
    PORT: await freePort(3000),
    ...Object.fromEntries(others),
    DOCKET_STORE: shownStore(fileStore(join(folder, 'docket.sqlite'))),
    DOCKET_DEVELOPMENT_KEY: join(folder, 'key.jwk'),
    DOCKET_CHECKPOINT_KEY: join(folder, 'checkpoint-key.pem'),
  };
}

/** Settings of a real installation that the demo must not use. */
const REAL = /^DOCKET_(?:READ_MODELS|LOG_ORIGIN|SMTP|OIDC_\w+)$/;

/** Runs the command line with these arguments. */
function runDocket(words: readonly string[], env: NodeJS.ProcessEnv): void {
  execFileSync(process.execPath, [COMMAND_LINE, ...words], { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** The people of the demo have one role each; the scheduler cannot sign in to pages. */
const SCHEDULER = { subject: 'demo-scheduler', role: 'scheduler', organisations: [] } as const;
const PEOPLE = [...READY_PEOPLE, SCHEDULER];

const nameOf = (subject: string): string => subject.replace('demo-', '');
/** curl reads the header from a file, which keeps the examples short. */
const headerFile = (folder: string, name: string): string => join(folder, `${name}.header`);

async function printTokens(folder: string): Promise<void> {
  const key = await loadOrCreateDevelopmentKey(join(folder, 'key.jwk'));
  print('\nBearer tokens, for 12 hours:\n');
  for (const { subject, role, ...person } of PEOPLE) {
    const token = await issueToken(
      key,
      {
        ...person,
        subject,
        roles: [role],
        expiresInSeconds: TOKEN_SECONDS,
      },
      systemClock.now(),
    );
    const short = nameOf(subject);
    print(`${short.toUpperCase().replaceAll('-', '_')}=${token}`);
    writeFileSync(headerFile(folder, short), `Authorization: Bearer ${token}\n`, { mode: 0o600 });
  }
}

/** Writes the settings to a file, because the command line defaults to a store in `./data`. */
function printCommandLine(folder: string, env: NodeJS.ProcessEnv): void {
  const file = join(folder, 'settings.env');
  const own = Object.entries(env).filter(([name]) => /^DOCKET_(STORE|DEVELOPMENT|CHECKPOINT)/.test(name));
  writeFileSync(file, own.map(([name, value]) => `export ${name}='${value}'\n`).join(''));
  print('\nTo use the command line on this store, in another terminal:\n');
  const docket = process.env['npm_lifecycle_event'] === 'demo' ? 'npm run --silent docket --' : 'docket';
  print(`  . ${file}; ${docket} checkpoint --key`);
}

/** Generates the samples, and prints each year as it is reached. */
async function generateSamples(env: NodeJS.ProcessEnv): Promise<void> {
  const lived = await samples();
  if (lived.length === 0) {
    print('No lifecycle of this build has a sample register. The service starts without records.');
    return;
  }
  const descriptions = lived.map(({ sample }) => sample.description).join(', and ');
  print(`Generating a sample: ${descriptions}`);
  let year = 0;
  await makeSample(lived, readSettings(env), systemClock.now(), (now) => {
    const reached = new Date(now).getUTCFullYear();
    if (year === reached) return;
    year = reached;
    process.stdout.write(`${reached} `);
  });
  print();
}

function printPeople(): void {
  print('\nYou can sign in to the pages as:\n');
  for (const { name, role, organisations } of READY_PEOPLE) {
    const body = organisations.length > 0 ? `, for ${organisations.join(', ')}` : '';
    print(`  ${name.padEnd(20)}${role}${body}`);
  }
}

function printAddresses(address: string): void {
  print('\nAddresses:\n');
  print(`  pages               ${address}/`);
  print(`  API documentation   ${address}/api/docs`);
  print(`  OpenAPI             ${address}/api/openapi.json`);
  print(`  health              ${address}/health/ready`);
  print(`  metrics             ${address}/metrics`);
}

function printExamples(address: string, folder: string, toTry: readonly SampleCommand[]): void {
  const record = `${address}/api/recommendations/${RECORD}`;
  const call = (name: string, rest: string): void => {
    print(`curl -s -H @${headerFile(folder, name)} ${rest}`);
  };
  print('\nExamples to copy and run:');
  print('\n# the record as it was on a past day');
  call('inspector', `'${record}?effectiveOn=2016-06-15'`);
  print('\n# its commands: those that an inspector can use now, and why the others are not allowed');
  call('inspector', `'${record}/commands'`);
  print('\n# its state and its path through the statechart; add "Accept: image/svg+xml" for a picture');
  call('inspector', `'${record}/statechart'`);
  for (const { shows, as, command, body } of toTry) {
    if (shows !== undefined) print(`\n# ${shows}`);
    const sent =
      body === undefined ? '-X POST' : `-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
    call(as, `${sent} '${record}/commands/${command}'`);
  }
  print('\n# refused requests, by person and reason, for an auditor');
  call('auditor', `'${address}/api/refusals'`);
  print('\n# statistics of the register');
  call('inspector', `'${address}/api/statistics'`);
  print('\n# the whole log, for an auditor');
  call('auditor', `'${address}/api/events?limit=3'`);
}

/** Returns the wanted port if it is free, else 0. */
async function freePort(wanted: number): Promise<string> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(wanted, '127.0.0.1', () => {
      resolve(true);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return isFree ? String(wanted) : '0';
}
