import { readFileSync } from 'node:fs';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import { DEADLINE, formAt, FORM_CASES, StagedForms } from './command-forms.ts';
import { PageBrowser } from './pages.ts';
import type { OpenedPage } from './pages.ts';
import type { RunningService } from './service.ts';
import { eventually } from './service-child.ts';

const MAIN_FORM = 'main form[method=post]';

/** A service with records, and people who use it without scripts. */
export class PagesAtHand {
  readonly service: RunningService;
  readonly forms: StagedForms;
  readonly #browsers = new Map<string, PageBrowser>();

  constructor(service: RunningService, members: object = {}) {
    this.service = service;
    this.forms = new StagedForms(service, members);
  }

  /** Returns the browser of a role's development person. */
  async as(role: string): Promise<PageBrowser> {
    const known = this.#browsers.get(role);
    if (known !== undefined) return known;
    const browser = new PageBrowser(this.service.address);
    await browser.signIn(`demo-${role}`);
    this.#browsers.set(role, browser);
    return browser;
  }

  async get(role: string, path: string): Promise<OpenedPage> {
    return (await this.as(role)).get(path);
  }

  signedOut(): PageBrowser {
    return new PageBrowser(this.service.address);
  }
}

/** Brings a page into a state through the pages, without scripts. */
type PageState = (at: PagesAtHand) => Promise<OpenedPage>;

const RECORD = readFileSync('test/fixtures/730.txt', 'utf8');
const ODD = RECORD.replace('[comment]', '[comment]\t').replace('[/on]', '[/on');
const TEXT =
  'By 30 June 2020 the force should publish a plan.\n\nWithin six months of publication it should have trained its officers.';
const TYPED = {
  title: 'Publish an action plan',
  text: 'By 30 June 2098 every force should publish an action plan, and review it by the end of 2099.',
  recipients: 'wiltshire',
  'report-name': 'Regional Organised Crime Units',
};

/** Returns a record with a long history and a pending request. */
async function busy({ forms, service }: PagesAtHand): Promise<string> {
  const id = await forms.issueRecord({
    ...{ id: `${'i'.repeat(55)}-${crypto.randomUUID().slice(0, 8)}`, text: TEXT, responseRequired: true },
    ...DEADLINE,
  });
  const stranger = service.as('inspector', { subject: 'p'.repeat(255) });
  await stranger.command(id, 'assign-owner', { owner: 'p'.repeat(255) });
  await forms.as('inspector').command(id, 'add-comment', { text: 'Between us.', visibility: 'internal' });
  await forms.as('inspector').command(id, 'start-progress', {});
  await forms.as('force-lead').command(id, 'submit-evidence', {
    items: [
      {
        name: 'a'.repeat(500),
        sha256: 'a'.repeat(64),
        size: 12,
        url: `https://example.org/${'u'.repeat(1_900)}`,
      },
    ],
  });
  await forms.as('force-lead').command(id, 'request-extension', {
    deadlineId: 'd1',
    dueOn: '2099-03-31',
    reason: 'w'.repeat(200),
  });
  await forms.as('inspector').command(id, 'request-closure', { statement: 'Done.' });
  return id;
}

async function closeRecord({ forms }: PagesAtHand): Promise<string> {
  const id = await forms.issueRecord({ title: 'Closed, with something erased' });
  await forms
    .as('force-lead')
    .command(id, 'add-comment', { text: 'A name that must go', visibility: 'public' });
  const eventId = (await forms.eventsOf(id)).at(-1)?.eventId ?? '';
  const erased = { eventId, pointers: ['/data/text'], reason: 'It names a witness.' };
  await forms.as('approver').command(id, 'redact-comment', erased);
  await forms.close(id);
  return id;
}

/** Creates an inspector's record with a requested closure, which is refused by default. */
async function sentBack({ forms }: PagesAtHand, state = 'refused'): Promise<void> {
  const id = await forms.issueRecord({ title: 'Count every seized weapon' });
  await forms.as('inspector').command(id, 'assign-owner', { owner: 'demo-inspector' });
  let last = await forms.as('inspector').command(id, 'request-closure', { statement: 'All was done.' });
  if (state === 'refused')
    last = await forms.as('approver').command(id, 'refuse-closure', { reason: 'Half of it was done.' });
  await forms.as('inspector').get(`/api/recommendations?minPosition=${last.json.position}`);
}

async function importRecord(at: PagesAtHand): Promise<string> {
  await at.forms
    .as('inspector')
    .post('/api/imports?recipient=wiltshire', RECORD, { 'content-type': 'text/plain' });
  return '/recommendations/730';
}

async function checkedImport(at: PagesAtHand, pasted: string): Promise<OpenedPage> {
  const browser = await at.as('inspector');
  const page = await browser.get('/imports/new');
  return browser.submit(page, MAIN_FORM, { pasted }, 'Check the file');
}

/** Opens a form, changes the record, and sends the form. */
async function stale(at: PagesAtHand, by: string): Promise<OpenedPage> {
  const id = await at.forms.issueRecord();
  const browser = await at.as('inspector');
  const page = await browser.get(formAt(id, 'request-closure'));
  if (by === 'approver') await at.forms.close(id);
  else
    await at.forms
      .as('force-lead')
      .command(id, 'add-comment', { text: 'Wait for the annex.', visibility: 'public' });
  return browser.submit(page, MAIN_FORM, { outcome: 'complete', statement: 'All is done.' });
}

async function sessionEnded(at: PagesAtHand): Promise<OpenedPage> {
  const id = await at.forms.issueRecord();
  const page = await at.get('inspector', formAt(id, 'add-comment'));
  return at.signedOut().submit(page, MAIN_FORM, { text: 'Long thought of' });
}

async function issueForm(at: PagesAtHand, typed: Readonly<Record<string, string>>, button: string) {
  const browser = await at.as('inspector');
  return browser.submit(await browser.get('/recommendations/new'), MAIN_FORM, typed, button);
}

async function calendarLink(at: PagesAtHand): Promise<OpenedPage> {
  const browser = await at.as('force-lead');
  return browser.submit(await browser.get('/deadlines/calendar'), `${MAIN_FORM}:last-of-type`);
}

async function keptSearch(at: PagesAtHand): Promise<OpenedPage> {
  const browser = await at.as('approver');
  const page = await browser.get('/recommendations?status=complete');
  await browser.submit(page, '#keep-search', { name: 'Complete ones' });
  return browser.get('/account');
}

async function noName(at: PagesAtHand): Promise<OpenedPage> {
  const browser = await at.as('approver');
  return browser.submit(await browser.get('/recommendations?status=awaiting-review'), '#keep-search');
}

/** Requests a pack whose selected values have no reason. */
async function packWithoutCode(at: PagesAtHand): Promise<OpenedPage> {
  const browser = await at.as('auditor');
  const page = await browser.get(`/recommendations/${await busy(at)}/pack`);
  const [first] = page.all('input[name=leave-out]');
  return browser.submit(page, MAIN_FORM, { 'leave-out': first?.getAttribute('value') ?? '' });
}

async function packChosen(at: PagesAtHand): Promise<OpenedPage> {
  const id = await busy(at);
  return at.get(
    'auditor',
    `/recommendations/${id}/pack/check?withhold=internal&withhold=1:/data/text=FOI.s31`,
  );
}

async function auditAfter(at: PagesAtHand, form: string): Promise<OpenedPage> {
  const browser = await at.as('auditor');
  return browser.submit(await browser.get('/audit'), `form[action="${form}"]`);
}

/** A webhook address at which nothing listens. */
const HOOK = { url: 'http://127.0.0.1:9/hook' };

async function webhookAdded(at: PagesAtHand, typed: Record<string, string>): Promise<OpenedPage> {
  const browser = await at.as('administrator');
  return browser.submit(await browser.get('/operations/webhooks'), '#add-webhook', typed);
}

async function webhookWithDeliveries(at: PagesAtHand): Promise<OpenedPage> {
  await webhookAdded(at, { ...HOOK, reads: 'inspectorate' });
  await busy(at);
  const browser = await at.as('administrator');
  const listed = await browser.get('/operations/webhooks');
  const path = listed.all('main td a').at(-1)?.getAttribute('href') ?? '';
  return eventually(
    () => browser.get(path),
    (page) => page.find('main td') !== null,
  );
}

/** Every page in each of its states, except the forms of commands. */
export const PAGE_STATES: Readonly<Record<string, PageState>> = {
  'sign-in': (at) => at.signedOut().get('/sign-in'),
  'signed out': async (at) => {
    const browser = at.signedOut();
    await browser.signIn('demo-auditor');
    return browser.submit(await browser.get('/account'), '#sign-out');
  },
  'signed in again': (at) => at.get('auditor', '/signed-in'),
  'work, nothing waiting': (at) => at.get('administrator', '/'),
  'work of an inspector': async (at) => {
    await busy(at);
    return at.get('inspector', '/');
  },
  'work of an approver': (at) => at.get('approver', '/'),
  'register, empty': (at) => at.get('inspector', '/recommendations?recipient=kent'),
  register: (at) => at.get('inspector', '/recommendations'),
  'register, filtered': (at) =>
    at.get(
      'inspector',
      '/recommendations?status=awaiting-review&status=complete&recipient=wiltshire&sort=title',
    ),
  'register, searched': (at) => at.get('inspector', '/recommendations?q=plan'),
  'register, page by page': (at) => at.get('inspector', '/recommendations?limit=1'),
  'register, as it was': (at) => at.get('inspector', '/recommendations?effectiveOn=2020-02-01'),
  'register, refused': (at) => at.get('inspector', '/recommendations?dueFrom=yesterday&effectiveOn=nothing'),
  'register, a search kept': keptSearch,
  'a search without a name': noName,
  'record, imported': async (at) => at.get('inspector', await importRecord(at)),
  'record, as it was': async (at) => at.get('inspector', `${await importRecord(at)}?effectiveOn=2016-06-15`),
  'record, much waiting': async (at) => at.get('approver', `/recommendations/${await busy(at)}`),
  'record, to an inspector': async (at) => at.get('inspector', `/recommendations/${await busy(at)}`),
  'record, just changed': async (at) => {
    const browser = await at.as('inspector');
    const form = await browser.get(formAt(await at.forms.issueRecord(), 'start-progress'));
    return browser.submit(form, MAIN_FORM);
  },
  'record, closed and erased': async (at) => at.get('inspector', `/recommendations/${await closeRecord(at)}`),
  'record, for printing': async (at) => at.get('inspector', `${await importRecord(at)}/print`),
  'history, at an event': async (at) => {
    const id = await busy(at);
    return at.get('force-lead', `/recommendations/${id}/history?version=4`);
  },
  'history, as it was': async (at) =>
    at.get('auditor', `${await importRecord(at)}/history?effectiveOn=2026-01-01&at=4`),
  'history, days that are none': async (at) =>
    at.get('auditor', `${await importRecord(at)}/history?since=yesterday`),
  'form, stale': (at) => stale(at, 'force-lead'),
  'form, stale and not allowed any more': (at) => stale(at, 'approver'),
  'form, session ended': sessionEnded,
  'form, redaction not chosen': async (at) => {
    const { id } = await at.forms.staged('redact-comment');
    return at.get('approver', formAt(id, 'redact-comment'));
  },
  'form, not theirs': async (at) => at.get('auditor', formAt(await at.forms.issueRecord(), 'add-comment')),
  'form, evidence kept': async (at) => {
    const browser = await at.as('force-lead');
    const page = await browser.get(formAt(await at.forms.issueRecord(), 'submit-evidence'));
    const wrong = { 'items-0-name': 'annex.pdf', 'items-0-sha256': 'no digest' };
    const files = [{ field: 'files', name: 'plan.txt', content: 'The plan' }];
    return browser.submit(page, MAIN_FORM, wrong, undefined, files);
  },
  issue: (at) => at.get('inspector', '/recommendations/new'),
  'issue, dates looked for': (at) => issueForm(at, TYPED, 'Find dates in the text'),
  'issue, refused': (at) =>
    issueForm(at, { recipients: 'Kent Police', 'report-publishedOn-month': '13' }, 'Issue a recommendation'),
  'issue, done to several bodies': (at) =>
    issueForm(
      at,
      {
        ...TYPED,
        recipients: 'wiltshire\r\nkent',
        'report-publishedOn-day': '6',
        'report-publishedOn-month': '1',
        'report-publishedOn-year': '2020',
      },
      'Issue a recommendation',
    ),
  import: (at) => at.get('inspector', '/imports/new'),
  'import, dry run': (at) => checkedImport(at, RECORD.replaceAll('730', '731')),
  'import, with anomalies': (at) => checkedImport(at, ODD.replaceAll('730', '732')),
  'import, refused': (at) => checkedImport(at, ''),
  'import, no record': (at) => checkedImport(at, 'Dear all,\nplease find it attached.\n'),
  deadlines: async (at) => {
    await busy(at);
    return at.get('inspector', '/deadlines');
  },
  'deadlines, filtered': (at) => at.get('inspector', '/deadlines?state=overdue&recipient=kent'),
  'deadlines, refused': (at) => at.get('inspector', '/deadlines?dueFrom=yesterday'),
  statistics: async (at) => {
    await importRecord(at);
    await closeRecord(at);
    return at.get('inspector', '/statistics?from=2015-01-01');
  },
  'statistics, as they were': (at) =>
    at.get('force-lead', '/statistics?effectiveOn=2020-02-01&recipient=wiltshire'),
  'statistics, none': (at) => at.get('inspector', '/statistics?recipient=kent&knownAt=2020-01-01'),
  'statistics, refused': (at) => at.get('inspector', '/statistics?from=yesterday&interval=week'),
  'deadlines, by what became of them': (at) =>
    at.get('inspector', '/deadlines?outcome=stillOpen&effectiveOn=2020-02-01'),
  'calendar links': (at) => at.get('force-lead', '/deadlines/calendar'),
  'calendar link, made': calendarLink,
  operations: (at) => at.get('administrator', '/operations'),
  webhooks: (at) => at.get('administrator', '/operations/webhooks'),
  'webhooks, refused': (at) => webhookAdded(at, { url: 'http://10.0.0.1/', types: 'NoSuchEvent' }),
  'webhooks, added': (at) => webhookAdded(at, { ...HOOK, reads: 'bodies', audience: 'kent' }),
  'webhook, with deliveries': webhookWithDeliveries,
  'operations, for others': (at) => at.get('inspector', '/operations'),
  'audit, nothing verified': (at) => at.get('auditor', '/audit'),
  'audit, being verified': (at) => auditAfter(at, '/audit/verifications'),
  'audit, signed': (at) => auditAfter(at, '/audit/checkpoints'),
  'audit, for others': (at) => at.get('inspector', '/audit'),
  'pack, to choose': async (at) => at.get('auditor', `/recommendations/${await busy(at)}/pack`),
  'pack, to a force lead': async (at) => at.get('force-lead', `/recommendations/${await busy(at)}/pack`),
  'pack, without a code': packWithoutCode,
  'pack, chosen': packChosen,
  accesses: (at) => at.get('auditor', '/audit/accesses'),
  refusals: (at) => at.get('auditor', '/audit/refusals'),
  'refusals, refused': (at) => at.get('auditor', '/audit/refusals?from=yesterday&code=nothing'),
  log: (at) =>
    at.get('auditor', '/audit/log?limit=20&type=RecommendationIssued&type=CheckpointSigned&type=PersonSeen'),
  account: (at) => at.get('force-lead', '/account'),
  inbox: async (at) => {
    await busy(at);
    return at.get('inspector', '/inbox');
  },
  'inbox, empty': (at) => at.get('administrator', '/inbox'),
  'work, with what was sent back': async (at) => {
    await sentBack(at);
    return at.get('inspector', '/');
  },
  'notification settings': (at) => at.get('inspector', '/inbox/choices'),
  'notification settings, saved, with a record that is watched': async (at) => {
    const browser = await at.as('inspector');
    const record = await browser.get(`/recommendations/${await at.forms.issueRecord()}`);
    await browser.submit(record, 'form[action="/inbox/watch"]');
    return browser.submit(await browser.get('/inbox/choices'), 'form[action="/inbox/choices"]');
  },
  'a link of a mail that is not whole': (at) => at.signedOut().get('/unsubscribe?key=x'),
  'form of a decision, reached from a queue': async (at) => {
    for (const _ of ['this one', 'the next one']) await sentBack(at, 'requested');
    const work = await at.get('approver', '/');
    const from = '/?queue=closures-to-decide';
    const link = work.all('a').find((each) => each.getAttribute('href')?.endsWith(encodeURIComponent(from)));
    const [record = ''] = (link?.getAttribute('href') ?? '').split('?');
    return at.get('approver', `${record}/commands/approve-closure?from=${encodeURIComponent(from)}`);
  },
  help: (at) => at.signedOut().get('/help'),
  verifiers: (at) => at.signedOut().get('/verify'),
  accessibility: (at) => at.get('inspector', '/accessibility'),
  'nothing there': (at) => at.get('inspector', '/nothing-here'),
  'another body’s record': async (at) =>
    at.get('force-lead', `/recommendations/${await at.forms.issueRecord({ recipients: ['kent'] })}`),
  'not there yet': (at) => at.get('inspector', '/recommendations?minPosition=1000000'),
  'not for this role': (at) => at.get('auditor', '/recommendations/new'),
};

/** Each command's form as it returns after empty or invalid input: with all its fields and with messages. */
export const FORM_STATES: Readonly<Record<string, PageState>> = Object.fromEntries(
  (Object.keys(commands) as CommandName[]).map((command) => {
    const { by } = FORM_CASES[command];
    const role = by.replace('demo-', '');
    const shown = async (at: PagesAtHand) => {
      const page = await at.get(role, (await at.forms.staged(command)).address);
      const typed = page.all(`${MAIN_FORM} :is(input:not([type]), [type=text], textarea)`);
      const emptied = typed.map((field) => {
        const name = field.getAttribute('name') ?? '';
        return [name, name === 'effectiveOn-day' ? '32' : ''] as const;
      });
      const answer = await (await at.as(role)).submit(page, MAIN_FORM, Object.fromEntries(emptied));
      // A command without required input succeeds.
      return answer.all(MAIN_FORM).length > 0 ? answer : page;
    };
    return [`form of ${command}`, shown] as const;
  }),
);
