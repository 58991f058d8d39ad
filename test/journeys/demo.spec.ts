import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { PageBrowser } from '../support/pages.ts';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { DIST, startNode } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Started } from '../support/service-child.ts';

const CURL_MS_MAX = 15_000;
/** The timeout in milliseconds. The demo generates ten years. */
const DEMO_MS_MAX = 120_000;

let demo: Started;
let output: string;
/** The path of the store, as the demo prints it. */
let store: string;

beforeAll(async () => {
  const folder = temporaryFolder();
  const env = { PORT: '0', DOCKET_DEVELOPMENT_KEY: join(folder, 'key.jwk') };
  demo = startNode([join(DIST, 'apps/server/src/demo.js')], env, folder);
  await demo.printed(/Press Ctrl-C to stop/, DEMO_MS_MAX);
  output = demo.stdout();
  store = /sqlite:(\S+?\.sqlite)/.exec(output)?.[1] ?? '';
}, DEMO_MS_MAX + 10_000);

const section = (from: RegExp): string[] => {
  const lines = output.split('\n');
  const start = lines.findIndex((line) => from.test(line));
  expect(start).toBeGreaterThanOrEqual(0);
  return lines.slice(start + 1);
};

describe('the demo', () => {
  it('replays the sample record', () => {
    const history = section(/^Record 730$/).slice(0, 6);
    expect(history[0]).toMatch(/2015-11-30 +RecommendationIssued +awaiting-review/);
    expect(history[1]).toMatch(/2015-11-30 +DeadlineSet +awaiting-review/);
    expect(history[2]).toMatch(/2016-09-30 +ProgressStarted +being-progressed/);
    expect(history[3]).toMatch(/2016-09-30 +CommentAdded +being-progressed/);
    expect(history[4]).toMatch(/2018-08-14 +CommentAdded +being-progressed/);
    expect(output).toMatch(/On 2015-11-30: awaiting-review/);
    expect(output).toMatch(/On 2016-09-30: being-progressed/);
    const replays = output.slice(0, output.indexOf('Addresses'));
    expect(replays).not.toMatch(/\bcomplete\b|RecommendationCompleted/);
    expect(replays).toMatch(/Verified/);
  });

  it('prints the output of the same replay for a program', async () => {
    const folder = temporaryFolder();
    const run = await runDocket(['replay', '730', '--json'], {
      folder,
      env: { DOCKET_STORE: `sqlite:${store}` },
    });
    expect(run.code).toBe(0);
    const lines = jsonLines(run).slice(0, -1);
    expect(lines.some(({ status }) => status === 'complete')).toBe(false);
    const comments = lines.filter(({ type }) => type === 'CommentAdded');
    expect(comments.map(({ effectiveOn }) => effectiveOn)).toEqual(['2016-09-30', '2018-08-14']);
  });

  it('prints first where its pages are, and which users it has', async () => {
    const [pages = ''] = section(/^Open in a browser:$/).filter((line) => line.trim() !== '');
    expect(output.indexOf('Open in a browser:')).toBeLessThan(output.indexOf('Importing the sample record'));
    const browser = new PageBrowser(new URL(/http:\S+/.exec(pages)?.[0] ?? '').origin);
    const people = section(/^You can sign in to the pages as/).slice(1, 8);
    expect(people.map((line) => line.trim().split(/ {2,}/)[0])).toContain('Ines Okafor');
    const work = await browser.signIn('demo-approver');
    expect({ status: work.status, heading: work.heading }).toEqual({ status: 200, heading: 'Work' });
  });

  it('has a register that looks like life', async () => {
    const statistics = output.split('\n').find((line) => line.includes("statistics'")) ?? '';
    const { stdout } = await promisify(execFile)('bash', ['-c', statistics], { timeout: CURL_MS_MAX });
    const { total, byStatus } = JSON.parse(stdout) as { total: number; byStatus: Record<string, number> };
    expect(total).toBeGreaterThan(200);
    expect(STATUSES.filter((status) => (byStatus[status] ?? 0) < 1)).toEqual([]);
  });

  it('prints a token for every role', () => {
    const tokens = section(/^Bearer tokens/).join('\n');
    for (const role of [
      'INSPECTOR',
      'INSPECTOR_2',
      'APPROVER',
      'FORCE_LEAD',
      'COMMISSIONER',
      'AUDITOR',
      'SCHEDULER',
      'ADMINISTRATOR',
    ]) {
      expect(tokens).toMatch(new RegExp(`^${role}=[\\w-]+\\.[\\w-]+\\.[\\w-]+$`, 'm'));
    }
  });

  it('prints addresses that are there', async () => {
    const addresses = [...output.matchAll(/^ +(?:\S.*? {2,})?(http:\S+)$/gm)].map(
      ([, address]) => address as string,
    );
    expect(addresses.length).toBeGreaterThanOrEqual(4);
    for (const address of addresses) expect((await fetch(address)).status).toBe(200);
  });

  it('prints calls that work unchanged', async () => {
    const calls = output.split('\n').filter((line) => line.startsWith('curl '));
    expect(calls.length).toBeGreaterThanOrEqual(7);
    const answers: string[] = [];
    for (const call of calls) {
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', call], { timeout: CURL_MS_MAX });
      expect(stderr).toBe('');
      answers.push(stdout);
    }
    const parsed = answers.map((answer) => JSON.parse(answer) as { type?: string; status?: unknown });
    // One of the commands is an example of a refusal.
    const refused = parsed.filter(({ type }) => type?.startsWith('urn:docket:problem:'));
    expect(refused).toMatchObject([{ status: 409, type: 'urn:docket:problem:command-not-allowed' }]);
    const closing = calls.findIndex((call) => call.includes('approve-closure'));
    expect(parsed[closing]).toMatchObject({ id: '730', status: 'complete' });
  });

  it('prints how the command line opens its store, which then creates nothing in the working directory', async () => {
    const [line = ''] = section(/^To use the command line on this store/).filter(
      (each) => each.trim() !== '',
    );
    const folder = temporaryFolder();
    const call = line.replace(/\bdocket checkpoint/, `node ${join(DIST, 'apps/cli/src/main.js')} checkpoint`);
    const { stdout } = await promisify(execFile)('bash', ['-c', call], { cwd: folder });
    expect(stdout).toMatch(/^\S+\+[0-9a-f]{8}\+\S+$/m);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends with Ctrl-C, and its store goes with it', async () => {
    expect(existsSync(store)).toBe(true);
    expect(await demo.end('SIGINT')).toEqual({ code: 0, signal: null });
    expect(existsSync(dirname(store))).toBe(false);
    expect(demo.stderr()).not.toMatch(/error|fail/i);
  });
});
