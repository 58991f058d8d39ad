import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { PageBrowser } from '#test/support/pages';
import type { OpenedPage } from '#test/support/pages';
import { startService } from '#test/support/service';
import type { Client, RunningService } from '#test/support/service';
import { DEADLINE_WORDS, stateTitle, wordsFor } from '../words.ts';

const TEXT =
  'By 30 June 2020 the force should publish a plan.\n\nWithin six months of publication it should have trained its officers.';
/** The rows of a record's card. */
const CARD = '.docket-card .govuk-summary-list__row';
const INTERNAL = 'Ann thinks otherwise.';

let service: RunningService;
let inspector: Client;
let forceLead: Client;
let inspecting: PageBrowser;
let leading: PageBrowser;

const issue = async (body: object = {}): Promise<string> =>
  (await inspector.issue(body)).json.recommendations[0]?.id ?? '';
const pageOf = (id: string, more = ''): string => `/recommendations/${id}${more}`;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector', { subject: 'ann' });
  forceLead = service.as('force-lead', { subject: 'lee', organisations: ['wiltshire'] });
  inspecting = new PageBrowser(service.address);
  leading = new PageBrowser(service.address);
  await inspecting.signIn('demo-inspector');
  await leading.signIn('demo-force-lead');
  await inspector.import(readFileSync('test/fixtures/730.txt'), '?recipient=wiltshire');
});

afterAll(() => service.stop());

describe('the page of an imported record', () => {
  let page: OpenedPage;
  beforeAll(async () => {
    page = await inspecting.get(pageOf('730', '?from=%2Frecommendations%3Fstatus%3Dcomplete'));
  });

  test('shows its title and text, and links back to the previous list', () => {
    expect(page.status).toBe(200);
    expect(page.title).toMatch(/^Recommendation – .*\(730\) – Docket$/);
    const breadcrumb = page.find('.govuk-breadcrumbs a');
    expect(breadcrumb?.getAttribute('href')).toBe('/recommendations?status=complete');
  });

  test('marks the deadline where it was found, and shows its state', () => {
    expect(page.words('mark')).toEqual([expect.stringMatching(/^By 30 June 2016 \(deadline 30 June 2016, /)]);
    const [due, kind, state, extension] = page.words('#deadline-d1 td');
    expect(due).toBe('30 June 2016');
    expect(kind).toMatch(/The recommendation$/);
    expect(extension).toMatch(/None$/);
    expect(state).toMatch(/Long overdue, [\d,]+ days late$/);
  });

  test('shows its transitions in words and as a picture', () => {
    expect(page.words('.docket-stays li')).toContainEqual(
      expect.stringMatching(/^Awaiting review from 30 November 2015 to 30 September 2016 \(305 days\)$/),
    );
    const labels = page.words('.docket-chart text');
    expect(labels).toContain('Progress started');
    expect(labels.filter((label) => label.startsWith('Recorded'))).toEqual([]);
    expect(page.find('.docket-chart style')).toBeNull();
    expect(page.html).not.toMatch(/ style=/);
  });

  test('lists its history newest first, each entry with an anchor', () => {
    const anchors = page.all('.docket-timeline > li').map((entry) => entry.getAttribute('id'));
    expect(anchors.at(-1)).toMatch(/^event-/);
    const dates = page.words('.docket-timeline__date').map((words) => /\d{4}/.exec(words)?.[0]);
    expect(dates).toEqual(dates.toSorted().reverse());
  });

  test('as it was on a day has a banner, no commands, and nothing to send', async () => {
    const past = await inspecting.get(pageOf('730', '?effectiveOn=2016-06-15'));
    expect(past.words('.govuk-notification-banner__heading')).toEqual([
      'As at the end of 15 June 2016, using what is recorded now',
    ]);
    expect(past.words('#deadline-d1')).toEqual([expect.stringContaining('On track, in 15 days')]);
    expect([past.find('form'), past.find('#commands'), past.find('[data-changes]')]).toEqual([
      null,
      null,
      null,
    ]);
    expect(past.words('.docket-timeline__title').join()).not.toContain('Being progressed');
    expect(past.link('Show the current state')).toBe('/recommendations/730');
  });

  test.each(['?effectiveOn=2015-11-29', '?effectiveOn=2016-06-15&knownAt=2016-06-15'])(
    'is not found before its issue, or before it was known: %s',
    async (view) => {
      const page = await inspecting.get(pageOf('730', view));
      expect(page.status).toBe(404);
      expect((await inspecting.follow(page, 'Show the current state')).address).toBe(pageOf('730'));
    },
  );

  test('refuses an invalid date', async () => {
    expect((await inspecting.get(pageOf('730', '?effectiveOn=yesterday'))).status).toBe(400);
  });

  test('on paper has both dates of every entry and the zone, and nothing to press', async () => {
    const paper = await inspecting.get(pageOf('730', '/print'));
    expect([paper.find('nav'), paper.find('header'), paper.find('form')]).toEqual([null, null, null]);
    expect(paper.words('main p').join()).toContain('Times are UK time.');
    for (const head of paper.words('.docket-timeline__date')) expect(head).toMatch(/^Effective .* \d{4}$/);
    for (const byline of paper.words('.docket-timeline__byline'))
      expect(byline).toMatch(/ · recorded .* \d{4} at \d\d:\d\d$/);
  });

  test.each(['register', 'json', 'csv', 'cloudevents'])(
    'returns the same file as the API: %s',
    async (format) => {
      const file = await inspecting.get(pageOf('730', `/export?format=${format}`));
      const { text } = await inspector.get(`/api/recommendations/730/export?format=${format}`);
      expect(file.html).toBe(text);
      expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="730\./);
    },
  );

  test('has its whole chart as a self-contained picture', async () => {
    const picture = await inspecting.get(pageOf('730', '/statechart.svg'));
    expect(picture.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(picture.html).toContain('<style>');
    expect(picture.html).toContain('StatusRecorded.');
  });
});

describe('the page of a live record', () => {
  test('lets only an inspector settle dates of the text at their places', async () => {
    const id = await issue({ text: TEXT, recipients: ['wiltshire'] });
    const page = await inspecting.get(pageOf(id));
    const [confirm, dismiss] = page.all('.docket-proposal form');
    expect(confirm?.getAttribute('action')).toBe(`${pageOf(id)}/commands/confirm-deadline`);
    expect(dismiss?.getAttribute('action')).toBe(`${pageOf(id)}/commands/dismiss-deadline`);
    const value = (name: string) => confirm?.querySelector(`[name="${name}"]`)?.getAttribute('value');
    expect([value('version'), value('deadlineId'), value('dueOn')]).toEqual(['3', 'd2', '2020-07-06']);
    expect(value('key')).toMatch(/^[0-9a-f-]{36}$/);
    const done = await inspecting.submit(page, '.docket-proposal form');
    expect(done.words('.govuk-notification-banner__heading')).toEqual(['Done: Deadline set: 6 July 2020']);
    expect(done.find('.docket-proposal')).toBeNull();
    const other = await issue({ text: TEXT, recipients: ['wiltshire'] });
    const theirs = await leading.get(pageOf(other));
    expect(theirs.words('.docket-proposal p')).toHaveLength(1);
    expect(theirs.find('.docket-proposal form')).toBeNull();
  });

  test('shows the possible commands, the reasons against the others, and who could use those', async () => {
    const page = await leading.get(pageOf(await issue({ recipients: ['wiltshire'] })));
    expect(page.words('#commands ~ .govuk-button-group a')).toContain('Submit evidence');
    const reasons = page.words('.docket-reasons')[0] ?? '';
    expect(reasons).toMatch(/Only an inspector can:Mark as being progressed/);
    // Each role is listed once, with all its commands.
    expect(reasons.match(/Only an inspector can:/g)).toHaveLength(1);
    expect(reasons).toMatch(
      /^(?:(?!Only an inspector can:).)*Request an extensionThe record has no deadline/,
    );
    expect(reasons).not.toMatch(/start-progress|force-lead/);
  });

  test('shows first the state, then the commands', async () => {
    const id = await issue({ recipients: ['wiltshire'], deadlines: [{ dueOn: '2098-03-31' }] });
    const page = await inspecting.get(pageOf(id));
    expect(page.words(CARD)).toEqual([
      expect.stringMatching(/^StatusAwaiting review since .* \d{4}$/),
      expect.stringMatching(/^Due31 March 2098, in [\d,]+ days$/),
      'Bodywiltshire',
      'OwnerNot assigned',
      'EvidenceNone submitted',
      expect.stringMatching(/^ReportRegional Organised Crime Units, published /),
      expect.stringMatching(/^Issued/),
    ]);
    expect(page.words('main h2')).toEqual([
      'Status',
      'What you can do',
      'What is recommended',
      'Deadlines',
      'History',
      'Print and export',
    ]);
  });

  test("offers first the role's most frequent command in its state", async () => {
    const id = await issue({ recipients: ['wiltshire'] });
    const first = async (browser: PageBrowser) =>
      (await browser.get(pageOf(id))).words('#commands ~ .govuk-button-group a')[0];
    expect(await first(inspecting)).toBe('Mark as being progressed');
    expect(await first(leading)).toBe('Submit evidence');
    await inspector.command(id, 'start-progress');
    expect(await first(inspecting)).toBe('Add a comment');
    await forceLead.command(id, 'submit-evidence', { items: [{ name: 'plan.pdf', sha256: 'a'.repeat(64) }] });
    expect(await first(inspecting)).toBe('Accept the evidence');
    await inspector.command(id, 'accept-evidence');
    expect(await first(inspecting)).toBe('Request closure');
  });

  test('has the note of evidence beside the evidence', async () => {
    const id = await issue({ recipients: ['wiltshire'] });
    const items = [{ name: 'plan.pdf', sha256: 'a'.repeat(64) }];
    await forceLead.command(id, 'submit-evidence', { items, note: 'Page 3 has the plan.' });
    const page = await inspecting.get(pageOf(id));
    expect(page.words('.docket-submission .docket-text')).toEqual(['Page 3 has the plan.']);
    const paper = await inspecting.get(pageOf(id, '/print'));
    const links = paper.all('a[href^="#"]').map((link) => link.getAttribute('href') ?? '');
    expect(links).toContain('#evidence');
    for (const link of links) expect(paper.find(link)).not.toBeNull();
  });

  test('has an evidence pack whose page leads a force lead back only to pages that they may see', async () => {
    const id = await issue({ recipients: ['wiltshire'] });
    const breadcrumbs = (await leading.get(pageOf(id, '/pack'))).all('.govuk-breadcrumbs a');
    const addresses = breadcrumbs.map((link) => link.getAttribute('href') ?? '');
    expect(addresses).toEqual(['/recommendations', pageOf(id)]);
    for (const address of addresses) expect((await leading.get(address)).status).toBe(200);
  });

  test('shows for rejected evidence the reason, and the next step', async () => {
    const id = await issue({ recipients: ['wiltshire'] });
    const items = [{ name: 'plan.pdf', sha256: 'a'.repeat(64) }];
    await forceLead.command(id, 'submit-evidence', { items, note: 'Page 3 has the plan.' });
    await inspector.command(id, 'reject-evidence', { reason: 'It is the plan of last year.' });
    const page = await leading.get(pageOf(id));
    expect(page.words('.docket-submission .docket-text')).toEqual([
      'It is the plan of last year.',
      'Page 3 has the plan.',
    ]);
    expect(page.words('.govuk-inset-text li')).toEqual(['The evidence was rejected. Submit more evidence']);
    expect((await leading.follow(page, 'Submit more evidence')).heading).toBe('Submit evidence');
    expect((await inspecting.get(pageOf(id))).words('.govuk-inset-text a')).toEqual([
      'Evidence rejected',
      'Submit more evidence',
    ]);
    expect(page.words('.docket-came-back')).toEqual([
      expect.stringMatching(/^Evidence rejected by ann on .+: It is the plan of last year\.$/),
    ]);
    await forceLead.command(id, 'submit-evidence', { items });
    expect((await leading.get(pageOf(id))).words('.docket-came-back')).toEqual([]);
    expect((await leading.get(pageOf(id))).words('.govuk-inset-text li')).toEqual([
      'Evidence is waiting for a decision. An inspector must decide this.',
    ]);
  });

  test('shows who refused a closure and why to the requesters, and not to the body, and lets people watch it', async () => {
    const id = await issue({ recipients: ['wiltshire'] });
    await inspector.command(id, 'request-closure', { statement: 'All done.' });
    await service.as('approver').command(id, 'refuse-closure', { reason: 'The plan is not there.' });
    const page = await inspecting.get(pageOf(id));
    expect(page.words('.docket-came-back')).toEqual([
      expect.stringMatching(/^Closure refused by approver on .+: The plan is not there\.$/),
    ]);
    expect((await leading.get(pageOf(id))).words('.docket-came-back')).toEqual([]);
    const watching = await inspecting.submit(page, 'form[action="/inbox/watch"]');
    expect(watching.words('form[action="/inbox/unwatch"] button')).toEqual([
      'Stop watching this recommendation',
    ]);
    const left = await inspecting.submit(watching, 'form[action="/inbox/unwatch"]');
    expect(left.words('form[action="/inbox/watch"] button')).toEqual(['Watch this recommendation']);
  });

  test('distinguishes its deadline from the deadline of its response', async () => {
    const id = await issue({
      recipients: ['wiltshire'],
      responseRequired: true,
      responseDueOn: '2098-02-01',
      deadlines: [{ dueOn: '2098-03-31' }],
    });
    expect((await leading.get(pageOf(id))).words(CARD).slice(1, 3)).toEqual([
      expect.stringMatching(/^Due31 March 2098, in [\d,]+ days$/),
      expect.stringMatching(/^Response due1 February 2098, in [\d,]+ days$/),
    ]);
    expect((await leading.get(pageOf(id, '/history'))).words('#state')[0]).toMatch(
      /Due on 31 March 2098, in [\d,]+ days\. The response is due on 1 February 2098, in [\d,]+ days\. It is for/,
    );
  });

  test('links to the response once it is published', async () => {
    const id = await issue({
      recipients: ['wiltshire'],
      responseRequired: true,
      responseDueOn: '2098-02-01',
    });
    expect((await leading.get(pageOf(id))).words('main a')).not.toContain('Read the response');
    const commissioner = service.as('commissioner', { organisations: ['wiltshire'] });
    const response = { position: 'action-taken', text: 'It is done.' };
    const { version } = (await commissioner.command(id, 'publish-response', response)).json;
    const page = await leading.get(pageOf(id));
    expect(page.link('Read the response')).toContain(`#event-${version}`);
    expect(page.words(`#event-${version} .docket-text`)).toEqual(['It is done.']);
  });

  test('labels internal comments in words, and hides them from the body', async () => {
    const id = await issue({ recipients: ['wiltshire'] });
    await inspector.command(id, 'add-comment', { text: INTERNAL, visibility: 'internal' });
    await inspector.command(id, 'add-comment', { text: 'Well begun.', visibility: 'public' });
    const page = await inspecting.get(pageOf(id));
    expect(page.words('.docket-timeline__title')).toEqual(
      expect.arrayContaining(['Comment Internal', 'Comment Public']),
    );
    expect(page.html).toContain(INTERNAL);
    for (const part of ['', '/print', '/export?format=json', '/export?format=csv']) {
      const theirs = await leading.get(pageOf(id, part));
      expect(theirs.status).toBe(200);
      expect(theirs.html).toContain('Well begun.');
      expect(theirs.html).not.toContain(INTERNAL);
    }
  });

  test('shows texts as texts', async () => {
    const markup = '<script>alert(1)</script><b onclick="x">';
    const id = await issue({ title: markup, text: markup, recipients: ['wiltshire'] });
    await inspector.command(id, 'add-comment', { text: markup, visibility: 'public' });
    const page = await inspecting.get(pageOf(id));
    expect(page.find('b')).toBeNull();
    expect(page.heading).toBe(markup);
    expect(page.words('.docket-timeline__content .docket-text')).toContain(markup);
    expect(page.all('script')).toHaveLength(2);
  });

  test('of another body is not found, whatever is requested', async () => {
    const id = await issue({ recipients: ['kent'] });
    for (const part of [
      '',
      '/print',
      '/export',
      '/statechart.svg',
      '/changes?after=0',
      '?effectiveOn=2020-02-01',
    ])
      expect((await leading.get(pageOf(id, part))).status).toBe(404);
    const [theirs, none] = [await leading.get(pageOf(id)), await leading.get(pageOf('no-such-record'))];
    expect(theirs.words('main p').slice(0, 2)).toEqual(none.words('main p').slice(0, 2));
  });

  test('confirms the command that the viewer just sent, and no command of anyone else', async () => {
    const id = await issue({ recipients: ['wiltshire'] });
    const own = service.as('inspector', { subject: 'demo-inspector' });
    const { version, position } = (await own.command(id, 'start-progress')).json;
    const query = `?minPosition=${position}&done=${version}`;
    const banner = '.govuk-notification-banner--success .govuk-notification-banner__heading';
    expect((await inspecting.get(pageOf(id, query))).words(banner)).toEqual(['Done: Being progressed']);
    expect((await leading.get(pageOf(id, query))).words(banner)).toEqual([]);
    expect((await inspecting.get(pageOf(id, '?done=1'))).words(banner)).toEqual([]);
  });
});

describe('the history of a record', () => {
  test('shows at each point the same as the API', async () => {
    const history = pageOf('730', '/history');
    for (const view of ['effectiveOn=2016-06-15', 'effectiveOn=2016-10-01']) {
      const page = await inspecting.get(`${history}?${view}`);
      const { json } = await inspector.get(`/api/recommendations/730?${view}`);
      expect(page.words('#state')[0]).toContain(stateTitle(json.status));
      expect(page.find('#version')?.getAttribute('value')).toBe(String(json.version));
      const deadline = wordsFor(DEADLINE_WORDS, json.state['deadline'] ?? '');
      expect(page.words('#deadline-d1 td')[2]).toContain(deadline);
    }
    const { json: listed } = await inspector.get('/api/recommendations/730/events');
    const page = await inspecting.get(`${history}?version=${listed.items.length}`);
    const hashes = listed.items.map(({ hash }) => `Hash${hash}`).reverse();
    const rows = page.words('.docket-event .govuk-summary-list__row');
    expect(rows.filter((row) => /^Hash[0-9a-f]/.test(row))).toEqual(hashes);
  });

  test('lists the events between two days, and refuses days in the wrong order', async () => {
    const page = await inspecting.get(pageOf('730', '/history?since=30+Sept+2016&until=2016-09-30'));
    expect(page.words('.docket-timeline__title')).toHaveLength(2);
    expect(page.find('#since')?.getAttribute('value')).toBe('2016-09-30');
    const refused = await inspecting.get(pageOf('730', '/history?since=2016-10-01&until=2016-09-30'));
    expect([refused.status, refused.words('#until-error')]).toEqual([
      400,
      [expect.stringMatching(/The last day must be the first day or later$/)],
    ]);
  });

  test('rejects two positions, and ignores empty fields of a form', async () => {
    const two = await inspecting.get(pageOf('730', '/history?version=1&knownAt=2016-01-01'));
    expect([two.status, two.title.startsWith('Error: ')]).toEqual([400, true]);
    const none = await inspecting.get(pageOf('730', '/history?effectiveOn=yesterday'));
    expect(none.words('#effectiveOn-error')).toEqual([
      expect.stringContaining('Enter a real date, like 15 June 2016'),
    ]);
    expect(none.find('#effectiveOn')?.getAttribute('value')).toBe('yesterday');
    const beyond = await inspecting.get(pageOf('730', '/history?version=99'));
    expect([beyond.status, beyond.words('#version-error')]).toEqual([
      400,
      [expect.stringMatching(/Enter an event number between 1 and \d+$/)],
    ]);
    const asPrinted = await inspecting.get(pageOf('730', '/history?effectiveOn=15%20Sept%202016'));
    expect(asPrinted.find('#effectiveOn')?.getAttribute('value')).toBe('2016-09-15');
    const cleaned = await inspecting.get(pageOf('730', '/history?effectiveOn=2016-06-15&knownAt='));
    expect(cleaned.address).toBe(pageOf('730', '/history?effectiveOn=2016-06-15'));
  });

  test('hides internal values from the body, and says that something is withheld', async () => {
    const id = await issue({ recipients: ['wiltshire'] });
    await inspector.command(id, 'add-comment', { text: INTERNAL, visibility: 'internal' });
    const theirs = await leading.get(pageOf(id, '/history'));
    expect(theirs.words('#event-2 .govuk-body')).toContain('Withheld from you: Text');
    expect(theirs.html).not.toContain(INTERNAL);
    expect((await inspecting.get(pageOf(id, '/history'))).html).toContain(INTERNAL);
  });
});

describe('a long history', () => {
  let id: string;
  const long = 'All of it was read. '.repeat(1_000);
  beforeAll(async () => {
    id = await issue({ recipients: ['wiltshire'] });
    await inspector.command(id, 'add-comment', { text: long, visibility: 'public' });
    for (let count = 1; count <= 60; count += 1)
      await forceLead.command(id, 'add-comment', { text: `No. ${count}`, visibility: 'public' });
  });

  test('is shown page by page, and any event is found by its address', async () => {
    const newest = await inspecting.get(pageOf(id));
    expect(newest.all('.docket-timeline > li')).toHaveLength(50);
    expect(newest.find('.govuk-pagination__prev')).toBeNull();
    const older = newest.find('.govuk-pagination__next a')?.getAttribute('href') ?? '';
    expect(older).toBe(`${pageOf(id)}?page=2#history`);
    const oldest = await inspecting.get(older.replace(/#.*/, ''));
    expect(oldest.all('.docket-timeline > li')).toHaveLength(12);
    expect((await inspecting.get(pageOf(id, '?at=3'))).find('#event-3')).not.toBeNull();
    expect((await inspecting.get(pageOf(id, '?page=999'))).all('.docket-timeline > li')).toHaveLength(12);
    const replayed = await inspecting.get(pageOf(id, '/history?at=3'));
    expect(replayed.all('.docket-timeline__entry')).toHaveLength(12);
    expect(replayed.find('#event-3 details')?.hasAttribute('open')).toBe(true);
  });

  test('cuts long texts, with a link to all of each', async () => {
    const page = await inspecting.get(pageOf(id, '?at=2'));
    const cut = page.find('#event-2 .docket-text')?.textContent ?? '';
    expect(cut.length).toBeLessThan(600);
    const whole = await inspecting.get(page.link('Show all 20,000 characters').replace(/#.*/, ''));
    expect(whole.find('#event-2 .docket-text')?.textContent).toBe(long);
    const paper = await inspecting.get(pageOf(id, '/print'));
    expect(paper.html).toContain(long);
  });
});

describe('a history of many long texts, on paper', () => {
  const TEXTS = 120;
  const digest = (text: string) => hash('sha256', text);

  /** Returns words that compress like prose. */
  function prose(seed: number): string {
    const random = (() => {
      let state = seed + 1;
      return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    })();
    const word = () => Math.floor(random() * 20_000).toString(36);
    return Array.from({ length: 1_600 }, word).join(' ').slice(0, 5_000).trim();
  }

  test('is printed in parts of at most 100 kB, each linked to the next, with every entry once', async () => {
    const id = await issue({ recipients: ['wiltshire'], text: prose(0) });
    for (let count = 1; count <= TEXTS; count += 1)
      await inspector.command(id, 'add-comment', { text: prose(count), visibility: 'public' });
    const texts: string[] = [];
    let address: string | null = pageOf(id, '/print');
    let parts = 0;
    while (address !== null) {
      const part: OpenedPage = await inspecting.get(address);
      parts += 1;
      expect(gzipSync(part.html).length).toBeLessThan(100_000);
      texts.push(...part.words('.docket-timeline__content .docket-text'));
      const next = part
        .all('.docket-not-on-paper a')
        .find((link) => /^Continue with/.test(link.textContent.trim()));
      address = next?.getAttribute('href') ?? null;
      expect(part.find('.docket-recommendation') !== null).toBe(parts === 1);
    }
    expect(parts).toBeGreaterThan(2);
    const newestFirst = Array.from({ length: TEXTS }, (_, index) => prose(TEXTS - index));
    // Compares digests, because whole texts would make a failure unreadable. The issue also contains the
    // text.
    expect(texts.slice(0, TEXTS).map(digest)).toEqual(newestFirst.map(digest));
  });
});

describe('a comment that was corrected', () => {
  test('is found by the links to the text that it replaces, and links to that text', async () => {
    const id = await issue();
    await inspector.command(id, 'add-comment', {
      text: 'The log for April is missing.',
      visibility: 'public',
    });
    const [{ eventId, version } = { eventId: '', version: 0 }] = (
      await inspector.get(`/api/recommendations/${id}/events`)
    ).json.items.filter(({ type }) => type === 'CommentAdded');
    const correction = { eventId, text: 'The log for May is missing.', reason: 'A slip.' };
    expect((await inspector.command(id, 'correct-comment', correction)).status).toBe(200);
    const page = await inspecting.get(pageOf(id, `?at=${version}`));
    expect(page.find(`.docket-timeline__entry #event-${version}`)).not.toBeNull();
    const history = await inspecting.get(page.link('See the replaced entry'));
    expect(history.words(`#event-${version}`)).toEqual([expect.stringMatching(/The log for April/)]);
  });
});
