import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PageBrowser } from '#test/support/pages';
import type { OpenedPage } from '#test/support/pages';
import { startService } from '#test/support/service';
import type { RunningService } from '#test/support/service';

const FORM = 'main form[method=post]';

describe("an inspector's day", () => {
  let service: RunningService;
  let inspector: PageBrowser;

  beforeAll(async () => {
    service = await startService();
    inspector = new PageBrowser(service.address);
    await inspector.signIn('demo-inspector');
  });
  afterAll(() => service.stop());

  const backLinkOf = (page: OpenedPage) => page.find('.govuk-breadcrumbs a')?.getAttribute('href');

  const issueRecord = async (more: object = {}): Promise<string> =>
    (await service.as('inspector').issue(more)).json.recommendations[0]?.id ?? '';

  test('a comment is shown to no one until its visibility is chosen', async () => {
    const id = await issueRecord();
    const form = await inspector.get(`/recommendations/${id}/commands/add-comment`);
    const refused = await inspector.submit(form, FORM, { text: 'They are slow; ring them.' });
    expect(refused).toMatchObject({ status: 400 });
    expect(refused.words('.govuk-error-summary li')).toEqual(['Choose who can read it']);
    const done = await inspector.submit(refused, FORM, { visibility: 'internal' });
    expect(done.words('#event-2 .govuk-tag, .docket-timeline .govuk-tag')).toContain('Internal');
  });

  test('a link leads back to the previous list after a command', async () => {
    const id = await issueRecord();
    const list = '/recommendations?queue=without-owner';
    const record = await inspector.get(`/recommendations/${id}?from=${encodeURIComponent(list)}`);
    const form = await inspector.follow(record, 'Assign an owner');
    expect(backLinkOf(form)).toBe(list);
    const refused = await inspector.submit(form, FORM, { owner: '' });
    expect(refused).toMatchObject({ status: 400 });
    expect(await inspector.follow(refused, 'Cancel')).toMatchObject({ address: record.address });
    const done = await inspector.submit(refused, FORM, { owner: 'demo-inspector' });
    expect(done.words('.govuk-notification-banner__heading')).toEqual(['Done: Owner assigned: Ines Okafor']);
    expect(backLinkOf(done)).toBe(list);
  });

  test('an owner is a known person or a new name', async () => {
    const forceLead = service.as('force-lead', { subject: 'lead', organisations: ['wiltshire'] });
    const id = await issueRecord();
    await forceLead.command(id, 'add-comment', { text: 'Begun.', visibility: 'public' });
    const form = await inspector.get(`/recommendations/${id}/commands/assign-owner`);
    expect(form.all('[name=owner]').map((choice) => choice.getAttribute('value'))).toEqual(
      expect.arrayContaining(['demo-inspector', 'lead', '']),
    );
    const refused = await inspector.submit(form, FORM, { owner: '' });
    expect(refused.words('.govuk-error-summary li')).toEqual(['Choose or enter the owner']);
    const twice = await inspector.submit(refused, FORM, { owner: 'lead', 'owner-other': 'Sgt Smyth' });
    expect(twice.words('.govuk-error-summary li')).toEqual([
      'Choose someone from the list or enter someone else, not both',
    ]);
    expect(twice.find('#owner-other')?.getAttribute('value')).toBe('Sgt Smyth');
    const unknown = await inspector.submit(twice, FORM, { owner: '', 'owner-other': 'Sgt Smyth' });
    expect(unknown.status).toBe(422);
    expect(unknown.words('.govuk-error-summary li')).toEqual([
      expect.stringContaining('No one has the subject or name Sgt Smyth.'),
    ]);
    const administrator = new PageBrowser(service.address);
    await administrator.signIn('demo-administrator');
    const operations = await administrator.get('/operations');
    const short = await administrator.submit(operations, '#enter-person', {
      ...{ subject: 'smith', organisations: 'wiltshire, kent' },
    });
    expect(short).toMatchObject({ status: 400 });
    expect(short.words('.govuk-error-summary li')).toEqual(['Enter the name']);
    const entered = await administrator.submit(short, '#enter-person', { name: 'Sgt Smith' });
    expect(entered.words('.govuk-notification-banner__heading')).toEqual([
      'Sgt Smith can be assigned as an owner',
    ]);
    const done = await inspector.submit(unknown, FORM, { owner: '', 'owner-other': 'sgt smith' });
    expect(done.words('.govuk-notification-banner__heading')).toEqual(['Done: Owner assigned: Sgt Smith']);
    const chosen = await inspector.get(`/recommendations/${id}/commands/assign-owner?owner=lead`);
    expect(chosen.find('[name=owner][checked]')?.getAttribute('value')).toBe('lead');
  });

  test('one button assigns a recommendation to a user who may name an owner', async () => {
    const id = await issueRecord();
    const page = await inspector.get(`/recommendations/${id}`);
    const done = await inspector.submit(page, '#commands ~ .govuk-button-group form');
    expect(done.words('.govuk-notification-banner__heading')).toEqual(['Done: Owner assigned: Ines Okafor']);
    expect(done.words('main a, main button')).not.toContain('Assign to me');
    const second = new PageBrowser(service.address);
    await second.signIn('demo-inspector-2');
    // Reassigning needs a reason.
    const form = await second.follow(await second.get(`/recommendations/${id}`), 'Assign to me');
    expect(form.find('[name=owner][checked]')?.getAttribute('value')).toBe('demo-inspector-2');
    const assigned = await second.submit(form, FORM, { reason: 'She is on leave.' });
    expect(assigned.words('.govuk-notification-banner__heading')).toEqual(['Done: Owner assigned: Tom Hale']);
  });

  test('a decision is made with the recommendation at hand', async () => {
    const id = await issueRecord({ text: 'Count every seized weapon.' });
    const forceLead = service.as('force-lead', { subject: 'lead', organisations: ['wiltshire'] });
    await forceLead.command(id, 'submit-evidence', { items: [{ name: 'plan.pdf', sha256: 'a'.repeat(64) }] });
    const form = await inspector.get(`/recommendations/${id}/commands/accept-evidence`);
    expect(form.words('main details .docket-text')).toEqual(['Count every seized weapon.']);
  });

  test('the form of a closure decision lists the open items', async () => {
    const text = 'Every force should publish an action plan by the end of 2098.';
    const id = await issueRecord({ text, responseRequired: true, responseDueOn: '2098-01-31' });
    await service.as('inspector').command(id, 'request-closure', { statement: 'Done.' });
    const approver = new PageBrowser(service.address);
    await approver.signIn('demo-approver');
    const form = await approver.get(`/recommendations/${id}/commands/approve-closure`);
    expect(form.words('main section .govuk-list--bullet li')).toEqual([
      'The response, due on 31 January 2098, has not been published.',
      '1 date from the text not yet confirmed or dismissed.',
    ]);
  });

  describe('a queue of closures', () => {
    const FORM_OF = (id: string) => `/recommendations/${id}/commands/approve-closure`;
    let approver: PageBrowser;

    /** Creates closures that wait for a decision, the earliest deadline first. */
    const requestClosures = async (count: number, body = 'kent'): Promise<string[]> => {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) {
        const deadlines = [{ dueOn: `209${index}-03-31` }];
        const id = await issueRecord({ title: `Closure ${index}`, recipients: [body], deadlines });
        const requested = await service
          .as('inspector')
          .command(id, 'request-closure', { statement: 'Done.' });
        await service.as('inspector').get(`/api/recommendations?minPosition=${requested.json.position}`);
        ids.push(id);
      }
      return ids;
    };
    const nextIn = (page: OpenedPage) =>
      page.words('main p').find((words) => /^(?:Next in|There is nothing else)/.test(words));
    const approve = (form: OpenedPage) =>
      approver.submit(form, FORM, { statement: 'Seen.' }, 'Approve closure');

    beforeAll(async () => {
      approver = new PageBrowser(service.address);
      await approver.signIn('demo-approver');
    });

    test('is decided form by form, and nothing is offered once it is empty', async () => {
      const [first = '', second = '', third = ''] = await requestClosures(3);
      const list = '/recommendations?queue=closures-to-decide&recipient=kent&sort=dueOn';
      const record = await approver.follow(await approver.get(list), 'Closure 0');
      const form = await approver.follow(record, 'Approve closure');
      expect(form.address).toBe(`${FORM_OF(first)}?from=${encodeURIComponent(list)}`);
      const done = await approve(form);
      expect(nextIn(done)).toMatch(
        /^Next in “Closures to decide”: Closure 1, \S+, kent \(due in [\d,]+ days\)$/,
      );
      const next = await approver.follow(done, 'Closure 1');
      expect(next.address).toBe(`${FORM_OF(second)}?from=${encodeURIComponent(list)}`);
      const last = await approver.follow(await approve(next), 'Closure 2');
      const empty = await approve(last);
      expect(empty.address).toMatch(new RegExp(`^/recommendations/${third}\\?`));
      expect(nextIn(empty)).toBe('There is nothing else for you in “Closures to decide”. Go back');
    });

    test('skips records that someone else decided before or after its form was opened', async () => {
      const [first = '', second = '', third = '', fourth = ''] = await requestClosures(4);
      const refuse = (id: string) =>
        service.as('approver', { subject: 'another' }).command(id, 'refuse-closure', { reason: 'Not yet.' });
      const work = await approver.get('/');
      const record = await approver.get(
        work
          .all('a')
          .map((link) => link.getAttribute('href') ?? '')
          .find((href) => href.includes(`/${first}?`)) ?? '',
      );
      expect(record.find('.govuk-breadcrumbs a')?.textContent).toBe('Work');
      const form = await approver.follow(record, 'Approve closure');
      await refuse(second);
      const done = await approve(form);
      const next = await approver.follow(done, 'Closure 2');
      expect(next.address).toContain(FORM_OF(third));
      await refuse(third);
      const late = await approve(next);
      expect(late.status).toBe(412);
      const other = await approver.follow(late, 'Closure 3');
      expect(other.address).toContain(FORM_OF(fourth));
      expect(nextIn(await approver.get(`/recommendations/${third}`))).toBeUndefined();
    });

    test('is offered again without the skipped records, until the list is reopened', async () => {
      const [first = '', second = '', third = ''] = await requestClosures(3, 'essex');
      const list = '/recommendations?queue=closures-to-decide&recipient=essex&sort=dueOn';
      const form = await approver.get(`${FORM_OF(first)}?from=${encodeURIComponent(list)}`);
      const next = await approver.follow(form, 'Skip this one');
      expect(next.address).toContain(FORM_OF(second));
      const done = await approve(next);
      const last = await approver.follow(done, 'Closure 2');
      expect(last.address).toContain(FORM_OF(third));
      const refused = await approver.submit(last, FORM, { statement: '' }, 'Approve closure');
      expect(refused.find(`a[href*="${FORM_OF(first)}"]`)).toBeNull();
      const empty = await approve(last);
      expect(nextIn(empty)).toBe('There is nothing else for you in “Closures to decide”. Go back');
      const back = empty.all('main p a').find((link) => link.textContent === 'Go back');
      const again = await approver.get(back?.getAttribute('href') ?? '');
      expect(again.address).toBe(list);
      expect(again.words('main a.docket-title')).toContain('Closure 0');
    });

    test('is not offered after arriving from elsewhere', async () => {
      const [first = ''] = await requestClosures(2);
      for (const from of [
        '/deadlines',
        '/recommendations?queue=overdue-by-far',
        '//elsewhere.example/?queue=overdue',
      ]) {
        const form = await approver.get(
          `/recommendations/${first}/commands/add-comment?from=${encodeURIComponent(from)}`,
        );
        const done = await approver.submit(form, FORM, { text: 'Noted.', visibility: 'public' });
        expect(done.find('.govuk-notification-banner')).not.toBeNull();
        expect(nextIn(done)).toBeUndefined();
      }
    });
  });

  describe('a closure that was refused', () => {
    const inboxOf = async () => {
      const page = await inspector.get('/inbox?unread=true');
      return { page, items: page.words('.docket-notice__text') };
    };
    let id: string;

    beforeAll(async () => {
      id = await issueRecord({ title: 'Count them', recipients: ['wiltshire'] });
      const clients = { inspector: service.as('inspector'), approver: service.as('approver') };
      await clients.inspector.command(id, 'assign-owner', { owner: 'demo-inspector' });
      await clients.inspector.command(id, 'request-closure', { statement: 'Done.' });
      const answer = await clients.approver.command(id, 'refuse-closure', { reason: 'Not all of it.' });
      await clients.inspector.get(`/api/recommendations?minPosition=${answer.json.position}`);
    });

    test('is on the work page, with who refused it and why, until it changes', async () => {
      const sentBack = async () =>
        (await inspector.get('/'))
          .words('.docket-sent-back li')
          .filter((words) => words.includes('Count them'));
      expect(await sentBack()).toEqual([
        expect.stringMatching(/^\S+: Count themClosure refused by \S+: Not all of it\.$/),
      ]);
      const requested = await service
        .as('inspector')
        .command(id, 'request-closure', { statement: 'Now all.' });
      await service.as('inspector').get(`/api/recommendations?minPosition=${requested.json.position}`);
      expect(await sentBack()).toEqual([]);
    });

    test('is news with the body and the names of people, and marking it keeps the place', async () => {
      const { page, items } = await inboxOf();
      expect(items[0]).toMatch(/^Closure requested by \S+: Now all\.$/);
      expect(items).toContainEqual(expect.stringMatching(/^Owner assigned: you, by \S+$/));
      expect(page.words('.docket-notice__at span')).toContain('wiltshire');
      const after = await inspector.submit(page, '.docket-notice__at form');
      expect([after.address, (await inboxOf()).items]).toEqual(['/inbox?unread=true', items.slice(1)]);
    });
  });

  test('a group of notices can be excluded from mail', async () => {
    const settings = await inspector.get('/inbox/choices');
    const saved = await inspector.submit(settings, 'form[action="/inbox/choices"]', {
      topics: ['decisions', 'changes'],
    });
    expect(saved.words('.govuk-notification-banner__heading')).toEqual(['Your settings are saved']);
    const boxes = (where: string) =>
      saved.all(`[name=topics]${where}`).map((box) => box.getAttribute('value'));
    expect([boxes('[checked]'), boxes(':not([checked])')]).toEqual([['decisions', 'changes'], ['deadlines']]);
  });

  test('an extension shows the date that it replaces', async () => {
    const id = await issueRecord({ deadlines: [{ dueOn: '2098-03-31' }] });
    const forceLead = service.as('force-lead', { subject: 'lead', organisations: ['wiltshire'] });
    await forceLead.command(id, 'request-extension', { dueOn: '2099-03-31', reason: 'More time is needed.' });
    const record = await inspector.get(`/recommendations/${id}`);
    expect(record.words('.govuk-inset-text li')).toEqual([
      expect.stringMatching(/^An extension from 31 March 2098 to 31 March 2099 was requested/),
    ]);
    const form = await inspector.follow(record, 'Make a decision');
    expect(form.words(`${FORM} p`)).toContain('Extension: From 31 March 2098 to 31 March 2099');
  });
});
