import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadOrCreateDevelopmentKey } from '#identity/development-key';
import { issueToken } from '#identity/tokens';
import { ROLES } from '#state-machines/access';
import type { Role } from '#state-machines/access';
import { serve } from './serve.ts';

const RECORD = '730';
const RECIPIENT = 'wiltshire';
const SAMPLE = fileURLToPath(new URL('../../../../test/fixtures/730.txt', import.meta.url));
const COMMAND_LINE = fileURLToPath(new URL('../../cli/src/main.js', import.meta.url));
const TOKEN_SECONDS = 12 * 3_600;

const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

/** Shows the whole way on the sample record: a service on a fresh store, an import, a replay, and what to try next. */
export async function demonstrate(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'docket-demo-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const env = await demoSettings(folder);
  const running = await serve(env);
  if (running === undefined) return;

  const docket = (...words: string[]): void => {
    runDocket(words, env);
  };
  print(`\nThe sample record is imported into ${env['DOCKET_STORE'] ?? ''}:\n`);
  docket('import', SAMPLE, '--recipient', RECIPIENT);
  print('\nIts deadlines, swept:\n');
  docket('sweep');
  print('\nIts history, replayed through the statechart:\n');
  docket('replay', RECORD);
  docket('replay', RECORD, '--effective-on', '2015-11-30');
  docket('replay', RECORD, '--effective-on', '2016-09-30');
  docket('verify');

  const tokens = await tokensOfRoles(join(folder, 'key.jwk'));
  printAddresses(running.address);
  print('\nBearer tokens, for 12 hours:\n');
  for (const role of ROLES) print(`${role.toUpperCase().replaceAll('-', '_')}=${tokens[role]}`);
  const headerFile = (role: Role): string => join(folder, `${role}.header`);
  for (const role of ROLES) {
    writeFileSync(headerFile(role), `Authorization: Bearer ${tokens[role]}\n`, { mode: 0o600 });
  }
  printExamples(running.address, headerFile);
  print('\nThe service stays up until Ctrl-C; its store goes with it.');
}

/** Whatever is configured for the real one: a fresh log, what lies beside it, and a key that opens nothing but the demo. */
async function demoSettings(folder: string): Promise<NodeJS.ProcessEnv> {
  const others = Object.entries(process.env).filter(([name]) => !REAL.test(name));
  return {
    DOCKET_LOG_LEVEL: 'warn',
    PORT: await freePort(3000),
    ...Object.fromEntries(others),
    DOCKET_STORE: `sqlite:${join(folder, 'docket.sqlite')}`,
    DOCKET_DEVELOPMENT_KEY: join(folder, 'key.jwk'),
  };
}

/** Where real read models and outboxes are, whose tokens hold there, and who is told. */
const REAL = /^DOCKET_(?:READ_MODELS|OUTBOX|NOTIFICATIONS|OIDC_\w+)$/;

/** The command line, as a user would call it. */
function runDocket(words: readonly string[], env: NodeJS.ProcessEnv): void {
  execFileSync(process.execPath, [COMMAND_LINE, ...words], { env, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function tokensOfRoles(keyPath: string): Promise<Record<Role, string>> {
  const key = await loadOrCreateDevelopmentKey(keyPath);
  const entries = ROLES.map(async (role) => {
    const organisations = role === 'force-lead' || role === 'commissioner' ? [RECIPIENT] : [];
    const request = {
      subject: `demo-${role}`,
      roles: [role],
      organisations,
      expiresInSeconds: TOKEN_SECONDS,
    };
    return [role, await issueToken(key, request)] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<Role, string>;
}

function printAddresses(address: string): void {
  print('\nAddresses:\n');
  print(`  API documentation   ${address}/api/docs`);
  print(`  OpenAPI             ${address}/api/openapi.json`);
  print(`  health              ${address}/health/ready`);
  print(`  metrics             ${address}/metrics`);
}

/** curl reads a header from a file, so that an example is as long as what it says. */
function printExamples(address: string, headerFile: (role: Role) => string): void {
  const record = `${address}/api/recommendations/${RECORD}`;
  const call = (role: Role, rest: string): void => {
    print(`curl -s -H @${headerFile(role)} ${rest}`);
  };
  const json = "-H 'Content-Type: application/json'";
  print('\nTo try, each line as it stands:');
  print('\n# the record as it was on a day');
  call('inspector', `'${record}?effectiveOn=2016-06-15'`);
  print('\n# what an inspector may do with it now, and why not the rest');
  call('inspector', `'${record}/commands'`);
  print('\n# where it is in its statechart, and how it came there; with Accept: image/svg+xml a picture');
  call('inspector', `'${record}/statechart'`);
  print('\n# a comment');
  call(
    'inspector',
    `${json} -d '{"text":"Evidence is expected in December."}' '${record}/commands/add-comment'`,
  );
  print('\n# closure takes two people: one asks, another approves');
  call(
    'inspector',
    `${json} -d '{"statement":"The action plan is published."}' '${record}/commands/request-closure'`,
  );
  call('approver', `${json} -d '{"statement":"Agreed."}' '${record}/commands/approve-closure'`);
  print('\n# a refusal explains itself');
  call('inspector', `-X POST '${record}/commands/start-progress'`);
  print('\n# what was refused, to whom and why, for an auditor');
  call('auditor', `'${address}/api/refusals'`);
  print('\n# the whole log, for an auditor');
  call('auditor', `'${address}/api/events?limit=3'`);
}

/** The port that is asked for, where it is free; else any that is. */
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
