import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { isDeepStrictEqual } from 'node:util';
import { NOT_PROVED } from '#audit/pack/pack-report';
import { PACK_EXITS } from '#audit/pack/verify-pack';
import type { PackVerification } from '#audit/pack/verify-pack';
import { openBrowser } from '../support/browser.ts';
import { axeFindings } from '../support/page-checks.ts';
import { DIST } from '../support/service-child.ts';
import { alteredAtRandom } from './alterations.ts';
import { LOG_VKEY, makePack, WITNESS_VKEYS } from './pack-kit.ts';
import { BASES, readVectors, verified, withoutWords, zipOf } from './vectors.ts';
import type { Verified, VerifierOptions, Vector, Zipped, ZippedVector } from './vectors.ts';

const vectors = readVectors();
const bytesIn = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));

/** Returns whether a program could not start because it is not installed. */
const isAbsent = (error: Error | undefined): boolean =>
  error !== undefined && 'code' in error && error.code === 'ENOENT';

/**
 * The number of random alterations. In the long form (above 10), verify.py also runs on them, and verify.py and
 * verify.html run on all vectors.
 */
const TIMES = Number(process.env['DOCKET_PACK_ALTERATIONS'] ?? 10);
const SEED = Number(process.env['DOCKET_PACK_SEED'] ?? Date.now() % 1_000_000);
const isLong = TIMES > 10;

/** The result of `docket verify` for each vector. */
const judged = new Map(vectors.map((vector) => [vector, verified(vector)]));

/** Returns the first vector of each kind, because `docket verify` runs on all; in the long form all. */
const oneOfEach = (kindOf: (vector: Vector) => readonly unknown[]): readonly ZippedVector[] =>
  isLong
    ? vectors
    : [...Map.groupBy(vectors, (vector) => JSON.stringify(kindOf(vector))).values()].map(([first]) => first!);

/** The vectors for verify.py: one for each result, and for each base of a good pack. It cannot check time stamps. */
const sampled = oneOfEach(({ base, code, verdict, exit, warnings }) => [
  code === null && base,
  ...[code, verdict, exit, warnings],
]).filter(({ options }) => options.tsa === undefined);
/** The vectors for verify.html, which is built from the source of `docket verify`. */
const sampledForBrowser = oneOfEach(({ code, exit, verdict, warnings, options }) => [
  ...[code, exit, verdict, warnings, options.tsa === undefined],
]);

/** Returns the differences between a vector's expected result and an actual one. */
const difference = (vector: Vector, result: Verified) => {
  const codes = (result.divergences ?? []).map(({ code }): string => code);
  const isCode = vector.code === null ? codes.length === 0 : codes.includes(vector.code);
  const { verdict = null, exit } = result;
  const warnings = (vector.code === null ? (result.warnings ?? []) : []).map(({ code }) => code);
  const said = { verdict, exit, warnings };
  const isPrinted = vector.prints === undefined || isDeepStrictEqual(withoutWords(result), vector.prints);
  const expected = { verdict: vector.verdict, exit: vector.exit, warnings: vector.warnings };
  return isCode && isPrinted && isDeepStrictEqual(said, expected)
    ? []
    : [{ name: vector.name, ...said, codes }];
};

/** Returns the codes of findings with their files. */
const placesIn = ({ divergences = [] }: Verified): string[] =>
  [...new Set(divergences.map(({ code, file }) => `${code} ${file}`))].sort();

/** Returns the results of verify.py, in one process; null without Python. */
function verifiedInPython(packs: readonly Zipped[]): Verified[] | null {
  const folder = mkdtempSync(join(tmpdir(), 'docket-packs-'));
  try {
    const lines = packs.map(({ zipped, options }, index) => {
      const zip = join(folder, `${index}.zip`);
      writeFileSync(zip, zipped);
      return JSON.stringify({ ...options, zip });
    });
    const driver = join(import.meta.dirname, 'check-packs.py');
    const program = join(import.meta.dirname, '../../apps/verifier/verify.py');
    const { error, status, stdout, stderr } = spawnSync('python3', ['-B', driver, program], {
      input: lines.join('\n'),
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    });
    if (isAbsent(error)) return null;
    if (status !== 0) throw new Error(stderr);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Verified);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const withoutPython = (): void => {
  process.stderr.write('python3 is not here, so verify.py was not asked\n');
};

/** Returns randomly altered packs, each with its own seed. The verifiers know only the log's key. */
function alteredPacks(): Zipped[] {
  const options: VerifierOptions = { key: [LOG_VKEY] };
  const bases = Object.values(BASES).map((altered) => makePack(altered));
  return Array.from({ length: TIMES }, (_, index) => ({
    name: `seed ${SEED + index}`,
    options,
    zipped: alteredAtRandom(bases[index % bases.length]!, SEED + index),
  }));
}

/** Returns the packs that a verifier accepted. */
const accepted = (packs: readonly Zipped[], results: readonly Verified[]): string[] =>
  packs.filter((_, index) => results[index]?.exit !== 1).map(({ name }) => name);

describe('the shared packs', () => {
  test('are many, and each code has several', () => {
    const counts = Object.groupBy(vectors, ({ code }) => code ?? 'good');
    expect(
      Object.entries(counts).filter(([code, of]) => of.length < (code === 'unknown-form' ? 1 : 3)),
    ).toEqual([]);
  });

  test('are judged by docket verify as they should be', () => {
    expect(vectors.flatMap((vector) => difference(vector, judged.get(vector)!))).toEqual([]);
  });

  test('are judged by verify.py as they should be, from the same values', () => {
    const results = verifiedInPython(sampled);
    if (results === null) {
      withoutPython();
      return;
    }
    expect(results).toHaveLength(sampled.length);
    expect(sampled.flatMap((vector, index) => difference(vector, results[index]!))).toEqual([]);
    for (const [index, vector] of sampled.entries()) {
      const [own, theirs] = [judged.get(vector)!, results[index]!];
      if (vector.code === null) expect(withoutWords(theirs)).toEqual(withoutWords(own));
      // Verifiers may report the consequences of an unreadable part differently.
      else if (!['json', 'malformed', 'stream'].includes(vector.code))
        expect({ name: vector.name, found: placesIn(theirs) }).toEqual({
          name: vector.name,
          found: placesIn(own),
        });
    }
  });
});

describe('verify.py as a program', () => {
  const program = join(import.meta.dirname, '../../apps/verifier/verify.py');
  const run = (zipped: Uint8Array, ...words: readonly string[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'docket-pack-'));
    try {
      writeFileSync(join(folder, 'a.zip'), zipped);
      return spawnSync('python3', ['-B', program, join(folder, 'a.zip'), ...words], { encoding: 'utf8' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('ends with the exit code of its verdict, and says first what a pack does not prove', () => {
    const vector = vectors.find(({ name }) => name === 'with two of three witnesses')!;
    const words = ['--key', LOG_VKEY, ...WITNESS_VKEYS.flatMap((key) => ['--witness', key])];
    const { error, status, stdout } = run(vector.zipped, ...words);
    if (isAbsent(error)) {
      withoutPython();
      return;
    }
    const [verdict, ...below] = stdout.slice(0, stdout.indexOf('\n\n')).split('\n');
    expect(status).toBe(0);
    expect(verdict).toContain('and witnessed by 2');
    expect(below.slice(0, NOT_PROVED.length)).toEqual(NOT_PROVED.map((what) => `  Not proved: ${what}`));
    expect(below).toContain('  A witness that the operator runs proves nothing.');
    expect(run(vector.zipped, '--json').status).toBe(4);
    const broken = vectors.find(({ code }) => code === 'hash')!;
    const held = run(broken.zipped, '--key', LOG_VKEY);
    expect(held.status).toBe(1);
    expect(run(vector.zipped, '--key', 'no key').status).toBe(2);
    expect(held.stdout).toMatch(/^Does not hold.*\n {2}Not proved: /);
  });

  test('gives no verdict on time stamps, and names what does', () => {
    const { error, status, stdout, stderr } = run(Buffer.of(), '--tsa', 'authority.pem');
    if (!isAbsent(error))
      expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining('docket verify --pack')]);
  });
});

describe('verify.html, opened from a disk', () => {
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(pathToFileURL(join(DIST, 'apps/verifier/verify.html')).href);
    // The page can send nothing.
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; base-uri/);
  });
  afterAll(() => browser.close());

  async function chosen(id: string, content: Uint8Array | null): Promise<void> {
    const files = content === null ? [] : [{ name: id, mimeType: '', buffer: Buffer.from(content) }];
    await page.setInputFiles(`#${id}`, files);
  }

  /** Returns the page's result for a pack, with the inputs entered on the page. */
  async function judgedInBrowser(zipped: Uint8Array): Promise<Verified> {
    await chosen('pack', zipped);
    const json = await page.locator('#verdict:not(:empty):not(.waiting) ~ #json').textContent();
    if (json === '' || json === null) return { exit: 2 };
    const said = JSON.parse(json) as PackVerification;
    return { ...said, exit: PACK_EXITS[said.verdict] };
  }

  test('judges the shared packs as they should be', async () => {
    const wrong: unknown[] = [];
    let before: VerifierOptions = { key: [] };
    const textOf = (words: readonly string[] = []) => words.join('\n');
    for (const vector of sampledForBrowser) {
      const { key, witness, checkpoint, tsa } = vector.options;
      if (textOf(key) !== textOf(before.key)) await page.fill('#keys', textOf(key));
      if (textOf(witness) !== textOf(before.witness)) await page.fill('#witnesses', textOf(witness));
      if (checkpoint !== before.checkpoint) await chosen('kept', bytesIn(checkpoint));
      if (tsa !== before.tsa) await chosen('tsa', bytesIn(tsa));
      before = vector.options;
      const result = await judgedInBrowser(vector.zipped);
      expect(result).toEqual(judged.get(vector));
      wrong.push(...difference(vector, result));
    }
    expect(wrong).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('returns the verdict as a status, and the record from its events', async () => {
    await page.reload();
    await page.getByLabel('The log’s keys').fill(LOG_VKEY);
    await page
      .getByLabel('Evidence pack (zip file)')
      .setInputFiles({ name: 'pack.zip', mimeType: '', buffer: zipOf(new Map(makePack())) });
    const said = 'Signed by log.docket.example: recommendation-730, 12 events, 1 value erased, 2 withheld';
    await page.getByRole('status').filter({ hasText: said }).waitFor();
    const limits = page.locator('#limits');
    expect(await limits.textContent()).toBe(NOT_PROVED.map((what) => `Not proved: ${what}`).join('\n'));
    // The verdict and the limits are in the first screen.
    const { y = -1, height = 0 } = (await limits.boundingBox()) ?? {};
    expect(y).toBeGreaterThan(0);
    expect(y + height).toBeLessThan(page.viewportSize()!.height);
    const record = await page.getByRole('region', { name: 'The record’s events' }).textContent();
    expect(record).toContain('1. RecommendationIssued by cli:root');
    expect(record).toContain('/data/text: erased by version 12');
    expect(record).toContain('/data/reason: withheld (internal)');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeFindings(page)).toEqual([]);
    }
    // A verdict is based on the keys that are entered at that time.
    await page.getByLabel('The log’s keys').fill('');
    await page
      .getByRole('status')
      .filter({ hasText: 'Consistent with itself, but nobody vouches for it' })
      .waitFor();
    expect(errors).toEqual([]);
  });

  test(`refuses packs that were altered at random (seed ${SEED}, ${TIMES} times)`, async () => {
    const packs = alteredPacks();
    await page.reload();
    await page.fill('#keys', LOG_VKEY);
    const results: Verified[] = [];
    for (const { zipped } of packs) results.push(await judgedInBrowser(zipped));
    expect(accepted(packs, results)).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('explains what to do with a zip that was packed again', async () => {
    const packedAgain = Buffer.concat([zipOf(new Map(makePack())), Buffer.of(0)]);
    await page
      .getByLabel('Evidence pack (zip file)')
      .setInputFiles({ name: 'pack.zip', mimeType: '', buffer: packedAgain });
    await page.getByRole('status').filter({ hasText: 'Does not hold' }).waitFor();
    expect(await page.locator('#findings').textContent()).toContain('Use the original zip.');
  });
});

test.each([
  ['kept: another root of the same size', 'the log was rewritten'],
  ['kept: another root of the earlier size', 'the log was rewritten'],
  ['kept: a checkpoint of another log', 'else.example'],
  ['signature: a key that was replaced', 'a new key'],
  ['signature: the key of another log', 'different log than your key'],
  ['witness: none of them', 'missing: ombudsman.example, archive.example, court.example'],
])('says why: %s', (name, why) => {
  const vector = vectors.find((one) => one.name === name);
  expect(judged.get(vector!)?.divergences?.[0]?.detail).toContain(why);
});

test(`a pack that was altered at random is refused, for any alteration (seed ${SEED}, ${TIMES} times)`, () => {
  const packs = alteredPacks();
  expect(accepted(packs, packs.map(verified))).toEqual([]);
  if (!isLong) return;
  const inPython = verifiedInPython(packs);
  if (inPython === null) withoutPython();
  else expect(accepted(packs, inPython)).toEqual([]);
});
