import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runDocket } from '../support/command-line.ts';
import { PageBrowser } from '../support/pages.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EVENTS = 'state-machines/capabilities/comments.ts';
const COMMENT = '  visibility: visibility(kind),\n';
const WITH_TOPIC = `  topic: optional(freeText('What the comment is about.')),\n${COMMENT}`;

/** The folder of a copy of this tree in which a comment has another, optional member. */
const copy = temporaryFolder();
const dist = join(copy, 'dist');
const inCopy = (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(program, args, { cwd: copy, env: { ...process.env, ...env }, maxBuffer: 1e8 });

const folder = temporaryFolder();
let service: RunningService;
let browser: PageBrowser;
let eventId: string;

const TOPIC = 'Custody of records in Avon';
const shownIn = async (path: string): Promise<string> => (await browser.get(path)).html;
const timeline = async () =>
  (await service.as('inspector').get('/api/recommendations/a/timeline')).json.items as readonly object[];
const csv = async () =>
  (await service.as('inspector').get('/api/recommendations/a/export?format=csv')).text.split('\r\n');

beforeAll(async () => {
  const left = new Set(['node_modules', 'dist', '.git']);
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !left.has(relative(ROOT, path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const events = readFileSync(join(copy, EVENTS), 'utf8');
  expect(events).toContain(COMMENT);
  writeFileSync(join(copy, EVENTS), events.replace(COMMENT, WITH_TOPIC));
  await inCopy(process.execPath, ['.ci/build.mjs']);

  service = await startService({ folder, dist });
  browser = new PageBrowser(service.address);
  await browser.signIn('demo-inspector');
  const inspector = service.as('inspector', { subject: 'ann' });
  await inspector.issue({ id: 'a', recipients: ['avon'] });
  await inspector.command('a', 'add-comment', { text: 'Without one.', visibility: 'public' });
  const said = { text: 'Two are missing.', visibility: 'public', topic: TOPIC };
  const commented = await inspector.command('a', 'add-comment', said);
  expect(commented).toMatchObject({ status: 200 });
  eventId = commented.json.events[0]!.eventId;
}, 600_000);

describe('one more member of an event, written in one place', () => {
  it('needs, besides that place, the document generated from the shapes', async () => {
    await inCopy('npm', ['run', 'shapes']);
    const page = readFileSync(join(copy, 'docs/event-format.md'), 'utf8');
    expect(page).toMatch(/^CommentAdded\n(?: {2}.*\n)* {2}topic +text, sensitive, optional$/m);
  }, 300_000);

  it('is in the document of the API: the requests, the stored events and the responses', () => {
    const { schemas } = service.document.openApi.components;
    for (const name of ['AddCommentPayload', 'CommentAddedData'])
      expect(schemas[name]).toMatchObject({
        properties: { topic: { type: 'string', description: 'What the comment is about.' } },
        required: expect.not.arrayContaining(['topic']),
      });
    expect(JSON.stringify(schemas['Timeline'])).toContain('"topic"');
  });

  it('is a field of the form', async () => {
    const page = await browser.get('/recommendations/a/commands/add-comment');
    expect(page.words('label[for="topic"]')).toEqual(['Topic (optional)']);
    expect(page.find('textarea[name="topic"]')).not.toBeNull();
  });

  it('is shown in the timeline, on the history page, at the command line and in the CSV', async () => {
    expect((await timeline()).at(-1)).toMatchObject({ text: 'Two are missing.', topic: TOPIC });
    expect((await timeline()).at(-2)).not.toHaveProperty('topic');
    for (const path of ['/recommendations/a', '/recommendations/a/history'])
      expect(await shownIn(path)).toContain(`Topic: <span class="docket-text">${TOPIC}</span>`);
    const [heading, ...rows] = await csv();
    const column = heading!.split(',').indexOf('topic');
    expect(rows.find((row) => row.includes('Two are missing.'))!.split(',')[column]).toBe(TOPIC);
    const replay = await runDocket(['replay', 'a', '--why'], { folder, dist });
    expect(replay.stdout).toMatch(new RegExp(`data: .*topic ${TOPIC}`));
  });

  it('is kept by a correction of the comment, and erased with it by a redaction', async () => {
    const ann = service.as('inspector', { subject: 'ann' });
    const corrected = { eventId, text: 'Three are missing.', reason: 'Counted again.' };
    expect(await ann.command('a', 'correct-comment', corrected)).toMatchObject({ status: 200 });
    expect((await timeline()).at(-1)).toMatchObject({ text: 'Three are missing.', topic: TOPIC });

    const named = { eventId, pointers: ['/data/topic'], reason: 'It names a place.' };
    const bob = service.as('approver', { subject: 'bob' });
    expect(await bob.command('a', 'redact-comment', named)).toMatchObject({ status: 200 });
    const [redacted] = (await timeline()).filter((item) => 'topic' in item);
    expect(redacted).toMatchObject({ text: 'Three are missing.', topic: null });
    for (const path of ['/recommendations/a', '/recommendations/a/history']) {
      expect(await shownIn(path)).not.toContain(TOPIC);
      expect(await shownIn(path)).toContain('Topic: <span class="docket-text">[redacted]</span>');
    }
    expect((await csv()).join()).not.toContain(TOPIC);
    const events = await ann.get('/api/recommendations/a/events');
    expect(events.text).not.toContain(TOPIC);
  });
});
