import { beforeAll, describe, expect, it } from '@jest/globals';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';

interface Notice {
  readonly id: string;
  readonly kind: string;
  readonly about: { readonly kind: string; readonly id: string; readonly eventId: string };
  readonly title: string | null;
  readonly text: string;
  readonly at: string;
  readonly read: boolean;
  readonly settled: boolean;
}

const KIND = 'inspection-recommendation';
let service: RunningService;
let ann: Client;
let ben: Client;
let ruth: Client;
let rex: Client;
let forceLead: Client;
let other: Client;
/** The position of the last response. Reads of the inbox wait for it. */
let last = '0';

beforeAll(async () => {
  service = await startService();
  const named = (role: string, subject: string, organisations: readonly string[] = []) =>
    service.as(role, { subject, organisations });
  [ann, ben] = [named('inspector', 'ann'), named('inspector', 'ben')];
  [ruth, rex] = [named('approver', 'ruth'), named('approver', 'rex')];
  [forceLead, other] = [named('force-lead', 'lea', ['wiltshire']), named('force-lead', 'otto', ['kent'])];
});

async function expectDone(answer: Promise<Answer>): Promise<Answer> {
  const response = await answer;
  expect(response.status).toBeLessThan(300);
  last = response.json.position;
  return response;
}

const issueRecord = async (more: object = {}): Promise<string> =>
  (await expectDone(ann.issue(more))).json.recommendations[0]?.id as string;

async function inbox(who: Client, query = ''): Promise<readonly Notice[]> {
  const { json, status, text } = await who.get(`/api/inbox?minPosition=${last}&limit=200${query}`);
  expect([status, text]).toEqual([200, text]);
  return json.items as unknown as readonly Notice[];
}

const of = async (who: Client, id: string, query = '') =>
  (await inbox(who, query)).filter(({ about }) => about.id === id);
const kindsOf = async (who: Client, id: string, query = '') =>
  (await of(who, id, query)).map(({ kind }) => kind);

describe('a closure that comes back', () => {
  it('notifies deciders and the requester; others have it settled then', async () => {
    const id = await issueRecord();
    await expectDone(ann.command(id, 'assign-owner', { owner: 'ann' }));
    await expectDone(ann.command(id, 'request-closure', { statement: 'All of it was done.' }));
    const [notice] = await of(ruth, id);
    expect(notice).toMatchObject({
      ...{ kind: 'closure-requested', read: false, settled: false },
      about: { kind: KIND, id, eventId: notice?.id, version: expect.any(Number) },
      text: expect.stringMatching(/closure.* by ann: All of it was done\./i),
    });
    expect(await kindsOf(rex, id)).toEqual(['closure-requested']);
    // People get no notice of their own actions, or of records that they may not see.
    expect(await kindsOf(ann, id)).toEqual([]);
    expect(await kindsOf(ben, id)).toEqual([]);
    expect(await kindsOf(forceLead, id)).toEqual(['issued']);

    await expectDone(ruth.command(id, 'refuse-closure', { reason: 'The plan is not there.' }));
    expect(await of(ann, id)).toEqual([
      expect.objectContaining({
        kind: 'closure-refused',
        text: 'Closure refused by ruth: The plan is not there.',
        title: expect.any(String),
        read: false,
      }),
    ]);
    expect(await of(rex, id)).toMatchObject([{ kind: 'closure-requested', settled: true, read: true }]);
    expect(await kindsOf(rex, id, '&unread=true')).toEqual([]);
    expect(await kindsOf(forceLead, id)).toEqual(['issued']);

    // The first request stays settled after another one.
    await expectDone(ann.command(id, 'request-closure', { statement: 'Now it is there.' }));
    expect((await of(rex, id)).map(({ settled }) => settled)).toEqual([false, true]);
    await expectDone(rex.command(id, 'approve-closure', { statement: 'Seen.' }));
    expect(await kindsOf(ann, id)).toEqual(['closure-approved', 'closure-refused']);
    expect(await kindsOf(forceLead, id)).toEqual(['closure-approved', 'issued']);
    expect((await of(ruth, id)).map(({ settled }) => settled)).toEqual([true, true]);
  });
});

describe('unowned news', () => {
  it('notifies users who look after records without an owner, and no one of another body', async () => {
    const id = await issueRecord();
    await expectDone(
      forceLead.command(id, 'add-comment', { text: 'We begin in May.', visibility: 'public' }),
    );
    expect(await of(ben, id)).toMatchObject([
      { kind: 'comment', text: expect.stringContaining('We begin in May.') },
    ]);
    expect(await kindsOf(ann, id)).toEqual(['comment']);
    expect(await kindsOf(other, id)).toEqual([]);
    await expectDone(ann.command(id, 'assign-owner', { owner: 'ben' }));
    await expectDone(forceLead.command(id, 'add-comment', { text: 'It has begun.', visibility: 'public' }));
    expect(await kindsOf(ben, id)).toEqual(['comment', 'owner-assigned', 'comment']);
    expect(await kindsOf(ann, id)).toEqual(['comment']);
  });
});

describe('the news that a reader may not see', () => {
  it('of a record that went to another body, is gone, and the new body is notified', async () => {
    const id = await issueRecord();
    expect(await kindsOf(forceLead, id)).toEqual(['issued']);
    await expectDone(ruth.command(id, 'assign-recipient', { recipient: 'kent', reason: 'It was a slip.' }));
    const [left, ...older] = await of(forceLead, id);
    expect(older).toEqual([]);
    expect(left).toMatchObject({
      ...{ kind: 'recipient-changed', title: null, hasLeft: true },
      text: 'The record moved to another body. You can no longer read it.',
    });
    expect(await kindsOf(other, id)).toEqual(['recipient-changed']);
  });

  it('of an internal comment, does not notify the body, and quotes nothing to anyone', async () => {
    const id = await issueRecord();
    await expectDone(forceLead.command(id, 'assign-owner', { owner: 'lea' }));
    await expectDone(ann.command(id, 'add-comment', { text: 'Between us.', visibility: 'internal' }));
    expect(await kindsOf(forceLead, id)).toEqual(['issued']);
    await expectDone(ben.command(id, 'assign-owner', { owner: 'ben', reason: 'He knows it.' }));
    await expectDone(ann.command(id, 'add-comment', { text: 'Between you and me.', visibility: 'internal' }));
    const [notice] = await of(ben, id);
    expect(notice).toMatchObject({ kind: 'comment' });
    expect(JSON.stringify(await inbox(ben))).not.toContain('Between');
  });

  it('of a text redacted meanwhile, reveals nothing of it', async () => {
    const id = await issueRecord();
    const { json } = await expectDone(
      forceLead.command(id, 'add-comment', {
        text: 'My telephone is in the hymn book.',
        visibility: 'public',
      }),
    );
    const { eventId } = json.events[0]!;
    expect((await of(ben, id))[0]?.text).toContain('hymn book');
    await expectDone(ruth.command(id, 'redact-comment', { eventId, reason: 'Personal.' }));
    expect(await kindsOf(ben, id)).toEqual(['comment']);
    expect(JSON.stringify(await inbox(ben))).not.toContain('hymn book');
  });
});

describe('watching', () => {
  it("notifies of a record's news from then on, as far as it may be read, until it ends", async () => {
    const id = await issueRecord();
    await expectDone(ann.command(id, 'assign-owner', { owner: 'ann' }));
    const path = `/api/watches/${KIND}/${id}`;
    const put = (who: Client) => service.request('PUT', path, { token: who.token });
    expect(await put(ben)).toMatchObject({ status: 204 });
    expect(await put(ben)).toMatchObject({ status: 204 });
    expect((await ben.get('/api/watches')).json.items).toEqual([
      { kind: KIND, id, since: expect.any(String) },
    ]);
    expect(await put(other)).toMatchObject(refusal(404, 'not-found'));
    expect((await other.get('/api/watches')).json.items).toEqual([]);
    expect(await kindsOf(ben, id)).toEqual([]);
    await expectDone(
      forceLead.command(id, 'submit-evidence', { items: [{ name: 'Plan', sha256: 'a'.repeat(64) }] }),
    );
    // A person who watches a record and may decide gets one notice.
    expect(await kindsOf(ben, id)).toEqual(['evidence-submitted']);
    await expectDone(ann.command(id, 'add-comment', { text: 'Thank you.', visibility: 'public' }));
    expect(await kindsOf(ben, id)).toEqual(['comment', 'evidence-submitted']);
    expect(await service.request('DELETE', path, { token: ben.token })).toMatchObject({ status: 204 });
    expect(await kindsOf(ben, id)).toEqual(['evidence-submitted']);
    const unknown = `/api/watches/${KIND}/nothing-there`;
    expect(await service.request('PUT', unknown, { token: ben.token })).toMatchObject(
      refusal(404, 'not-found'),
    );
  });
});

describe('marks', () => {
  it('are of some notices, or of all up to one, and are the reader’s own', async () => {
    const gil = service.as('inspector', { subject: 'gil' });
    const id = await issueRecord();
    for (const text of ['One.', 'Two.', 'Three.'])
      await expectDone(forceLead.command(id, 'add-comment', { text, visibility: 'public' }));
    const [third, second, first] = (await of(gil, id)) as [Notice, Notice, Notice];
    const reads = async () => (await of(gil, id)).map(({ read }) => read);
    expect(await reads()).toEqual([false, false, false]);
    expect(await gil.post('/api/inbox/read', { ids: [third.id] })).toMatchObject({ status: 200 });
    expect(await reads()).toEqual([true, false, false]);
    expect(await gil.post('/api/inbox/read', { until: second.id })).toMatchObject({ status: 200 });
    expect(await reads()).toEqual([true, true, true]);
    expect(await gil.post('/api/inbox/read', { until: third.at })).toMatchObject({
      status: 200,
      json: { unread: 0 },
    });
    expect(await kindsOf(gil, id, '&unread=true')).toEqual([]);
    expect((await of(ben, id)).map(({ read }) => read)).toEqual([false, false, false]);
    // Future notices are not marked as read, and notices of other people look like unknown ones.
    expect(await gil.post('/api/inbox/read', { until: '9999-12-31T00:00:00Z' })).toMatchObject({
      status: 200,
    });
    await expectDone(forceLead.command(id, 'add-comment', { text: 'Four.', visibility: 'public' }));
    expect((await of(gil, id)).map(({ read }) => read)).toEqual([false, true, true, true]);
    const answers = await Promise.all(
      [third.id, 'nothing'].map((unknown) => other.post('/api/inbox/read', { ids: [unknown] })),
    );
    expect(answers.map(({ status, json }) => [status, json.detail])).toEqual(
      Array(2).fill([400, '/ids/0 is not one of your notices']),
    );
    for (const body of [
      {},
      { ids: [first.id], until: first.at },
      { ids: ['nothing'] },
      { until: 'yesterday' },
    ])
      expect(await gil.post('/api/inbox/read', body)).toMatchObject(refusal(400, 'invalid-payload'));
  });
});

describe('the choice of messages', () => {
  it('is a digest of everything by default, and refuses unknown groups', async () => {
    const put = (body: object) => service.request('PUT', '/api/me/notices', { token: ann.token, body });
    expect((await ann.get('/api/me/notices')).json).toMatchObject({
      ...{ channels: ['email'], digest: 'daily', muted: [] },
      groups: ['decisions', 'deadlines', 'changes'].map(
        (group) => expect.objectContaining({ group }) as unknown,
      ),
    });
    const choice = { channels: ['email'], digest: 'at-once', muted: ['changes'] };
    expect(await put(choice)).toMatchObject({ status: 200, json: choice });
    expect((await ann.get('/api/me/notices')).json).toMatchObject(choice);
    expect((await ben.get('/api/me/notices')).json).toMatchObject({ digest: 'daily' });
    for (const wrong of [
      { ...choice, muted: ['comment'] },
      { ...choice, digest: 'never' },
      { digest: 'daily' },
    ])
      expect(await put(wrong)).toMatchObject(refusal(400, 'invalid-payload'));
    expect((await ann.get('/api/me/notices')).json).toMatchObject(choice);
  });
});
