// Compares the behaviour of two builds (CONTRIBUTING.md, "Differential test").
import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadOrCreateDevelopmentKey } from '#identity/development-key';
import { issueToken } from '#identity/tokens';
import { anyAttempt, PERSONS } from '../support/any-commands.ts';
import { randomOf } from '../support/random.ts';
import type { OpenApi } from '../support/service-document.ts';
import { Build } from './build.ts';
import { Found, Pairs } from './compare.ts';
import { INTENDED } from './intended.ts';
import { Requests } from './requests.ts';
import { Round } from './round.ts';
import type { Run } from './round.ts';

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    after: { type: 'string', default: '.' },
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '20000' },
    all: { type: 'boolean', default: false },
  },
});
if (values.before === undefined) {
  process.stderr.write(
    'npm run differential -- --before DIR [--after DIR] [--seed N] [--requests N] [--all]\n',
  );
  process.exit(2);
}

/**
 * The number of requests after which both continue from the store of the earlier build; they do so earlier if they
 * diverge.
 */
const ROUND_REQUESTS = 2_500;
const BEGIN = Date.parse('2026-03-02T09:00:00Z');
const YEARS_SECONDS = 5 * 365 * 86_400;
const IDS_MAX = 3;
const SAMPLE = fileURLToPath(new URL('../fixtures/730.txt', import.meta.url));

const seed = Number(values.seed);
const wanted = Number(values.requests);
const folder = mkdtempSync(join(tmpdir(), 'docket-differential-'));
const clock = join(folder, 'clock');
writeFileSync(clock, String(BEGIN));
const builds = [
  new Build('before', values.before, { folder, clock }),
  new Build('after', values.after, { folder, clock }),
] as const;
const [before, after] = builds;
const found = new Found(values.all ? [] : INTENDED);

async function compareVerb(line: string): Promise<void> {
  const [was, is] = [await before.run(line.split(' ')), await after.run(line.split(' '))];
  found.compare(`docket ${line.replace(/\b[rw]\d*-\d+\b|\b730\b/, 'ID')}`, was, is);
}

/** Compares the command lines on the earlier build's store. */
async function compareCommandLine(ids: readonly string[]): Promise<void> {
  await after.continueFrom(before);
  found.pairs = new Pairs();
  const ofRecords = ids
    .slice(0, IDS_MAX)
    .flatMap((id) => [
      ...['register', 'json', 'csv', 'cloudevents'].map((format) => `export ${id} --format ${format}`),
      ...['--why', '--json', '--effective-on 2026-06-01', '--diff 2026-04-01 2026-09-01'].map(
        (how) => `replay ${id} ${how}`,
      ),
    ]);
  const verbs = ['--help', 'verify --json', 'status'];
  for (const line of [...verbs, ...ofRecords, 'sweep --json', 'verify --json']) await compareVerb(line);
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    stopping.abort();
  });

try {
  const key = await loadOrCreateDevelopmentKey(join(folder, 'key.jwk'));
  const issue = (person: (typeof PERSONS)[number]) =>
    issueToken(key, { ...person, expiresInSeconds: YEARS_SECONDS }, BEGIN);
  const tokens = await Promise.all(PERSONS.map(issue));
  await compareVerb(`import ${SAMPLE} --recipient wiltshire --json`);
  const random = randomOf(seed);
  let run: Run | null = null;
  for (let number = 0; (run?.sent ?? 0) < wanted && !stopping.signal.aborted; number += 1) {
    await after.continueFrom(before);
    // In every other round both project the log from its beginning. Otherwise the later build also continues with the
    // read models.
    if (number % 2 === 0) for (const build of builds) build.dropReadModels();
    for (const build of builds) await build.start();
    if (run === null) {
      const document = { method: 'GET', path: '/api/openapi.json', headers: {} };
      const { body } = await before.send(document);
      found.compare('the OpenAPI document', await before.send(document), await after.send(document));
      const attempts = fc.sample(anyAttempt, { seed, numRuns: wanted });
      run = {
        builds,
        requests: new Requests(body as OpenApi, random),
        attempts,
        tokens,
        found,
        clock,
        now: BEGIN,
        sent: 0,
      };
    }
    await new Round(run, number).run(Math.min(run.sent + ROUND_REQUESTS, wanted));
    for (const build of builds) await build.stop();
    process.stderr.write(
      `${run.sent} of ${wanted} requests in ${number + 1} rounds: ${found.unmeant.length} classes not intended\n`,
    );
  }
  await compareCommandLine(run?.requests.records ?? []);
  const [was, is] = [values.before, values.after].map((checkout) =>
    readFileSync(join(checkout, 'docs/permissions.md'), 'utf8'),
  );
  found.compare(
    'docs/permissions.md',
    { status: 0, headers: {}, body: was },
    { status: 0, headers: {}, body: is },
  );
} finally {
  for (const build of builds) await build.stop();
  rmSync(folder, { recursive: true });
  process.stdout.write(found.report());
}
process.exitCode = found.unmeant.length > 0 ? 1 : 0;
