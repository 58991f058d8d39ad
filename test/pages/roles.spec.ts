import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readTrust } from '#audit/pack/read-trust';
import { verifyZip } from '#audit/pack/verify-pack';
import type { ServerResponse } from 'node:http';
import type { Browser } from 'playwright-core';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { openBrowser } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { notificationFile, tracker, WEBHOOK_SECRET } from '../support/notification-file.ts';
import {
  downloadFrom,
  FormPage,
  HistoryPage,
  OperationsPage,
  RecordPage,
  SignedIn,
} from '../support/page-objects.ts';
import { startWebhookReceiver } from '../support/receivers.ts';
import type { WebhookReceiver } from '../support/receivers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

/** Returns the day in the form of the pages. */
const dayInWords = (now: number): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'Europe/London' }).format(now);

let browser: Browser;
let hook: WebhookReceiver;
let service: RunningService;

beforeAll(async () => {
  browser = await openBrowser();
  hook = await startWebhookReceiver();
  const folder = temporaryFolder();
  // Messages contain the service's address, and forms are accepted only from there.
  const port = await freePort();
  const notifications = notificationFile(folder, {
    baseUrl: `http://127.0.0.1:${port}`,
    subscriptions: [tracker(hook.url, { bodies: ['kent'] })],
  });
  service = await startService({
    folder,
    env: { ...notifications, PORT: String(port), TRACKER_SECRET: WEBHOOK_SECRET },
  });
});

afterAll(async () => {
  await browser.close();
  await service.stop();
  await hook.close();
});

const NO_TRUST = { keys: [], policy: null, kept: null, required: null };
const PLAN = { name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('The plan') };
const PLAN_DIGEST = 'd6a5fe7a20d1c0a353ac767b0cb54be15a3345cc31679252c4956c56ae2a0d34';

const isLong = process.env['DOCKET_TEST_LONG'] !== undefined;
/** The long form also tests with scripts; `by-hand.spec.ts` tests what they add. */
const SCRIPTS = isLong ? [true, false] : [false];
/** A test of pages that `record-journey.spec.ts` and `leaks.spec.ts` test without a browser in the short form. */
const testLong = isLong ? test : test.skip;

describe.each(SCRIPTS)('a record from its issue to its closure, with scripts: %s', (scripts) => {
  const title = `Publish an action plan, ${scripts ? 'with' : 'without'} scripts`;
  const people: Record<string, SignedIn> = {};
  /** The number of the last signed event in the history. */
  let signed = 0;
  const is = (who: string): SignedIn => people[who]!;

  beforeAll(async () => {
    const where = { browser, address: service.address, scripts };
    people['inspector'] = await SignedIn.as('Ines Okafor', where);
    people['approver'] = await SignedIn.as('Ruth Adeyemi', where);
    people['lead'] = await SignedIn.as('Dev Patel', where);
    people['auditor'] = await SignedIn.as('Hanna Lind', where);
    people['commissioner'] = await SignedIn.as('Carys Morgan', where);
  });
  afterAll(async () => {
    for (const person of Object.values(people)) await person.leave();
  });

  test('an inspector looks at the dates of a text, and issues it', async () => {
    const form = await is('inspector').issuing();
    await form.type('Title', title);
    await form.type('Text of the recommendation', 'By 30 June 2098 the force should publish a plan.');
    await form.type('Bodies', 'wiltshire');
    await form.type('Report', 'Regional Organised Crime Units');
    await form.date('When the report was published', ['6', '1', '2020']);
    await form.choose('Each body must publish a response');
    await form.press('Find dates in the text');
    await form.page.getByText('the deadline 30 June 2098').waitFor();
    await form.press('Issue a recommendation');
    const record = await RecordPage.at(form.page, title);
    expect(await record.status()).toBe('Awaiting review');
    expect(await record.deadlines()).toContainEqual(expect.stringContaining('30 June 2098'));
  });

  test('says something to colleagues alone, and starts progress', async () => {
    const record = await RecordPage.at(is('inspector').page, title);
    const said = await record.command('Add a comment', async (form) => {
      await form.type('Comment', 'Between us: mind the annex.');
      await form.choose('Inspectors, approvers and auditors only');
    });
    expect(said).toMatch(/^Done: Comment/);
    expect(await record.command('Mark as being progressed')).toBe('Done: Being progressed');
    expect(await record.status()).toBe('Being progressed');
  });

  testLong('looks at it as those of the body see it, before they do', async () => {
    const { page } = is('inspector');
    const record = await RecordPage.at(page, title);
    expect(await record.words()).toContain('Between us');
    await page.getByRole('link', { name: /^A force lead for / }).click();
    await page.getByText('The full history shows them that it was added, by whom and when').waitFor();
    expect(await record.words()).not.toContain('Between us');
    await page.getByRole('link', { name: 'Return to your own view' }).click();
    await page.getByText('Between us').waitFor();
  });

  test('a force lead finds it, submits evidence and requests more time', async () => {
    const record = await is('lead').find(title);
    expect(await record.words()).not.toContain('Between us');
    const done = await record.command('Submit evidence', async ({ page }) => {
      await page.getByLabel('Files', { exact: true }).setInputFiles(PLAN);
      // With scripts the browser hashes the file; without, the service does after it was sent.
      if (scripts) await page.getByText(PLAN_DIGEST).waitFor();
    });
    expect(done).toMatch(/^Done: Evidence submitted/);
    expect(await record.words()).toContain(PLAN_DIGEST);
    const banner = await record.command('Request an extension', async (form) => {
      await form.date('New date', ['31', '3', '2099']);
      await form.type('Reason', 'The annex is late.');
    });
    expect(banner).toMatch(/^Done: Extension requested/);
    expect(await record.offered()).not.toContain('Approve closure');
  });

  test('a commissioner publishes the response', async () => {
    const record = await is('commissioner').openWaiting('Responses due', title);
    const done = await record.command('Publish the response', async (form) => {
      await form.choose('Action was taken');
      await form.type('Response', 'A plan was published.');
    });
    expect(done).toMatch(/^Done: Response published/);
  });

  test('the inspector accepts the waiting evidence, and requests closure', async () => {
    const record = await is('inspector').openWaiting('Evidence to decide on', title);
    expect(await record.command('Accept the evidence')).toMatch(/^Done: Evidence accepted/);
    expect(await record.command('Grant an extension')).toMatch(/^Done: .*31 March 2099/);
    expect(await record.deadlines()).toContainEqual(expect.stringContaining('31 March 2099'));
    const banner = await record.command('Request closure', (form) => form.type('Statement', 'It was done.'));
    expect(banner).toMatch(/^Done: Closure requested/);
    // The requester cannot decide.
    expect(await record.offered()).not.toContain('Approve closure');
  });

  test('an approver approves', async () => {
    const record = await is('approver').openWaiting('Closures to decide', title);
    const done = await record.command('Approve closure', (form) => form.type('Statement', 'It was seen.'));
    expect(done).toMatch(/^Done: /);
    expect(await record.status()).toBe('Complete');
  });

  test('each sees that it is complete, and the visible part of its history', async () => {
    for (const [who, person] of Object.entries(people)) {
      // The short form has one person of the body, and one of the inspectorate.
      if (!isLong && !['lead', 'auditor'].includes(who)) continue;
      const record = await person.find(title);
      expect(await record.status()).toBe('Complete');
      expect(await record.offered()).not.toContain('Submit evidence');
      const isOfTheBody = who === 'lead' || who === 'commissioner';
      expect((await record.words()).includes('Between us')).toBe(!isOfTheBody);
      const history = (await record.history()).join('; ');
      for (const headline of ['Evidence accepted', 'Response published', 'Being progressed'])
        expect(history).toContain(headline);
    }
  });

  test('an auditor steps through its history to the decisions, their people and rules', async () => {
    const { page } = is('auditor');
    await is('auditor').find(title);
    await page.getByRole('link', { name: 'Step through the history' }).click();
    const history = await HistoryPage.at(page, title);
    const last = await history.after();
    await history.toEvent(last - 1);
    expect(await history.state()).toMatch(/^Being progressed since/);
    await history.follow('Next event');
    expect(await history.after()).toBe(last);
    expect(await history.state()).toMatch(/^Complete since/);
    const decided = await history.event(last);
    expect(decided).toMatch(/Role approver/);
    expect(decided).toMatch(/Rules checked [a-z ;]*other person|Rules checked [a-z ;]+/);
    expect(decided).toMatch(/Caused by event \d+/);
    expect(decided).toMatch(/Hash [0-9a-f]{64}/);
  });

  testLong('and compares its old and new states', async () => {
    const { page } = is('auditor');
    await (await is('auditor').find(title)).words();
    await page.getByRole('link', { name: /^Compare two points/ }).click();
    const form = new FormPage(page);
    await form.type('Earlier', '1');
    await form.type('Later', dayInWords(Date.now()));
    await form.press('Compare the points');
    const rows = page.getByRole('row');
    await rows.filter({ hasText: 'Status' }).filter({ hasText: 'Complete' }).first().waitFor();
    expect(await page.getByRole('main').textContent()).toContain('in between');
    await page.getByRole('link', { name: 'The record after event 1', exact: true }).click();
    const history = await HistoryPage.at(page, title);
    expect(await history.after()).toBe(1);
    await page.getByRole('link', { name: 'What has changed since' }).click();
    await page.getByRole('heading', { level: 1, name: 'Compare' }).waitFor();
    await rows.filter({ hasText: 'Status' }).filter({ hasText: 'Complete' }).first().waitFor();
  });

  test('signs the history, and has it verified', async () => {
    const audit = await is('auditor').auditing();
    await audit.press('Sign the history');
    expect(await audit.part('How the history is protected')).toMatch(
      /The history up to event \d+ was signed on .*No witness has seen it.*Only the signature itself has been recorded since then, in \d+ events?\. Everything else is signed/,
    );
    signed = Number(
      /up to event ([\d,]+)/.exec(await audit.part('How the history is protected'))?.[1]?.replace(',', ''),
    );
    await audit.press('Verify the history');
    expect(await audit.verified(scripts)).toMatch(
      /Verified All \d+ events in \d+ streams .* continue from the last checkpoint, which covers \d+ events/,
    );
  });

  test('makes a pack without internal comments, and checks it', async () => {
    const { page } = is('auditor');
    await (await is('auditor').find(title)).words();
    await page.getByRole('link', { name: 'Evidence pack' }).click();
    const form = new FormPage(page);
    await form.page.getByRole('group', { name: 'Comment added' }).getByLabel('Leave out: Text').check();
    await form.press('Show what will be left out');
    await page.getByRole('alert').getByText('Enter a reason code').waitFor();
    await form.type('Reason code for everything you select that has no code of its own', 'FOI.s36(2)');
    await form.press('Show what will be left out');
    await page.getByRole('row', { name: /Comment added.*Text.*FOI.s36\(2\).*You chose it/ }).waitFor();
    await form.type('Checkpoint that the recipient kept (optional)', String(signed));
    const zip = await downloadFrom(page, () => form.press('Make the pack'));
    const audit = await is('auditor').auditing();
    const { verification, withheld } = verifyZip(zip, readTrust({ ...NO_TRUST, keys: [await audit.key()] }));
    expect(verification).toMatchObject({ verdict: 'anchored', withheld: 1, divergences: [] });
    expect(withheld).toMatchObject([{ pointer: '/data/text', code: 'FOI.s36(2)' }]);
    expect(Buffer.from(zip).includes('data/previous-checkpoint')).toBe(true);
    expect(Buffer.from(zip).includes('mind the annex')).toBe(false);
    expect(Buffer.from(zip).includes('A plan was published.')).toBe(true);
  });

  test('finds disclosures and refusals by person, and from an event of the log its history', async () => {
    const { page } = is('auditor');
    const id = new URL((await is('auditor').find(title)).address).pathname.split('/').at(-1) ?? '';
    const audit = await is('auditor').auditing();
    await audit.list('Accesses');
    await page.getByRole('row', { name: new RegExp(`Hanna Lind.*An evidence pack.*${id}`) }).waitFor();
    const refused = await service.as('scheduler').command(id, 'reopen', { reason: 'Not mine to do.' });
    expect(refused.status).toBe(403);
    await is('auditor').auditing();
    await audit.list('Refusals');
    const row = page.getByRole('row', { name: new RegExp(`Reopen.*${id}`) });
    await row.getByRole('link', { name: 'Events in the request' }).click();
    await page.getByRole('row', { name: /Request refused/ }).waitFor();
    const results = page.locator('#results');
    for (const list of ['accesses?subject', 'log?actor']) {
      await page.goto(`/audit/${list}=hanna%20LIND`);
      expect(new URL(page.url()).search).not.toContain('LIND');
      await results
        .getByRole('row', { name: /Hanna Lind/ })
        .first()
        .waitFor();
    }
    await page.goto('/audit/refusals?subject=Nobody+Here');
    await results.getByText('No one has the name or subject Nobody Here.').waitFor();
    await page.goto(`/audit/packs?record=${encodeURIComponent(title)}`);
    await page.getByRole('link', { name: title }).first().waitFor();
    await page.goto(`/audit/log?recommendation=${id}&type=RecommendationCompleted`);
    await page.getByRole('link', { name: new RegExp(`^${id}, event \\d+`) }).click();
    const history = await HistoryPage.at(page, title);
    expect(await history.state()).toMatch(/^Complete since/);
    expect(await history.event(await history.after())).toMatch(/Role approver/);
  });
});

describe('the service, run and read without scripts', () => {
  const id = 'late';
  const title = 'Told of late';
  let administrator: SignedIn;
  let manager: SignedIn;
  let operations: OperationsPage;

  beforeAll(async () => {
    const where = { browser, address: service.address, scripts: false };
    administrator = await SignedIn.as('Sam Fisher', where);
    manager = await SignedIn.as('Ruth Adeyemi', where);
    const today = londonDate(Date.now());
    const report = { name: 'A report', publishedOn: addDays(today, -400) };
    const inspector = service.as('inspector');
    const deadlines = [{ dueOn: addDays(today, -30) }, { dueOn: addDays(today, 7) }];
    await inspector.issue({ id, title, recipients: ['kent'], report, deadlines });
  });
  afterAll(async () => {
    await administrator.leave();
    await manager.leave();
  });

  test('an administrator sweeps, and sees the failed deliveries', async () => {
    hook.answer = (_, response) => response.writeHead(500).end();
    operations = await OperationsPage.open(administrator);
    await operations.press('Run a deadline sweep');
    await operations.until('Failed', /^[1-9]/);
    expect(await operations.words()).toContain('responded with HTTP 500');
    expect(await operations.words()).toContain('“Try again” restarts the delivery of a failed message');
  });

  test('has it tried again, and it is delivered', async () => {
    const before = hook.requests.length;
    const unanswered: ServerResponse[] = [];
    hook.answer = (_, response) => void unanswered.push(response);
    await operations.press(/^Try again/);
    await operations.until('Waiting', /^[1-9]/);
    expect(await operations.words()).toMatch(/Waiting messages.*tracker, by webhook/);
    hook.answer = (_, response) => response.writeHead(204).end();
    for (const response of unanswered) response.writeHead(204).end();
    for (let dead = 0; dead < 5 && (await operations.count('Failed')) > 0; dead += 1)
      await operations.press(/^Try again/);
    await operations.until('Failed', /^0$/);
    await operations.until('Waiting', /^0$/);
    expect(hook.requests.slice(before).map(({ body }) => body)).toEqual(
      expect.arrayContaining([expect.stringContaining(id)]),
    );
  });

  test('a manager sees late records by place, and a list of the same number', async () => {
    const { page } = manager;
    await manager.go('Statistics');
    await page.getByText('The figures as a table: deadlines that fell due').click();
    const figure = page.getByRole('link', { name: /^\d+ late when entered: kent$/ }).first();
    const counted = Number(/^\d+/.exec((await figure.textContent()) ?? '')?.[0]);
    expect(counted).toBeGreaterThan(0);
    await figure.click();
    await page.getByRole('heading', { level: 1, name: 'Deadlines' }).waitFor();
    expect(await page.locator('main tbody tr').count()).toBe(counted);
    expect(await page.getByRole('main').textContent()).toContain(title);
  });

  test('and exports the figures, as a file and on paper', async () => {
    const { page } = manager;
    await manager.go('Statistics');
    const address = await page
      .getByRole('link', { name: /\(CSV\) ?: Deadlines that fell due$/ })
      .getAttribute('href');
    const file = await page.request.get(new URL(address ?? '', page.url()).href);
    expect([file.status(), file.headers()['content-type']]).toEqual([
      200,
      expect.stringMatching(/^text\/csv/),
    ]);
    expect(await file.text()).toMatch(/^[\w,]+\r?\n(?:.*\r?\n)*.*kent/);
    await page.emulateMedia({ media: 'print' });
    const plots = await page.locator('.docket-plot:has(.docket-plot__table)').count();
    expect(plots).toBeGreaterThan(2);
    expect(await page.locator('.docket-plot table:visible').count()).toBe(plots);
    expect(await page.locator('nav:visible, form:visible').count()).toBe(0);
    await page.emulateMedia({ media: 'screen' });
  });
});
