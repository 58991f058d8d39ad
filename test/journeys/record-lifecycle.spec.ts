import { beforeAll, describe, expect, it } from '@jest/globals';
import { closeWithoutAction } from '../support/closing.ts';
import { recommendation, refusal, startService } from '../support/service.ts';
import type { Client, RunningService } from '../support/service.ts';

let service: RunningService;
let inspector: Client;
let approver: Client;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  approver = service.as('approver');
  const owner = { subject: 'o', name: 'Olive Oakes', organisations: ['wiltshire', 'kent'] };
  await service.as('administrator').post('/api/people', owner);
});

const issued = async (given?: object): Promise<string> =>
  (await inspector.issue(given)).json.recommendations[0]?.id as string;

const beingProgressed = async (): Promise<string> => {
  const id = await issued();
  expect(await inspector.command(id, 'start-progress')).toMatchObject({ status: 200 });
  return id;
};

const closureRequested = async (): Promise<string> => {
  const id = await beingProgressed();
  const asked = await inspector.command(id, 'request-closure', { statement: 'The plan is published.' });
  expect(asked).toMatchObject({ status: 200 });
  return id;
};

const closed = async (): Promise<string> => {
  const id = await closureRequested();
  expect(await approver.command(id, 'approve-closure', { statement: 'Agreed.' })).toMatchObject({
    status: 200,
  });
  return id;
};

/** A payload that each command of the review takes. */
const BODIES: Readonly<Record<string, object>> = {
  'start-progress': {},
  'return-to-review': { reason: 'r' },
  'add-comment': { text: 't' },
  'request-closure': { statement: 's' },
  'withdraw-closure': {},
  'refuse-closure': { reason: 'r' },
  'approve-closure': { statement: 's' },
  'decide-no-further-action': { reason: 'merged', statement: 's' },
  supersede: { by: 'another', statement: 's' },
  reopen: { reason: 'r' },
  'assign-recipient': { recipient: 'kent' },
  'assign-owner': { owner: 'o' },
  'submit-evidence': { items: [{ name: 'n', sha256: '0'.repeat(64) }] },
  'accept-evidence': {},
  'reject-evidence': { reason: 'r' },
  'set-deadline': { dueOn: '2030-01-31' },
  'confirm-deadline': { deadlineId: 'd1', dueOn: '2030-01-31' },
  'dismiss-deadline': { deadlineId: 'd1' },
  'request-extension': { dueOn: '2030-01-31', reason: 'r' },
  'grant-extension': {},
  'refuse-extension': { reason: 'r' },
  'publish-response': { position: 'action-taken', text: 't' },
  'amend-text': { text: 't', reason: 'r' },
  'redact-comment': { eventId: '6f9619ff-8b86-5011-b42d-00c04fc964ff', reason: 'r' },
};

/** The payload, with what must be of this record or another one. */
async function bodyFor(id: string, command: string): Promise<object | undefined> {
  if (command === 'supersede') return { ...BODIES[command], by: await issued() };
  if (command !== 'redact-comment') return BODIES[command];
  const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
  return { ...BODIES[command], eventId: items[0]?.eventId };
}

describe('a recommendation to one body', () => {
  it('is issued under the id that was given, and found at its Location', async () => {
    const sent = recommendation({ id: 'R.one_1' });
    const answer = await inspector.post('/api/recommendations', sent);
    expect(answer).toMatchObject({
      status: 201,
      headers: { location: '/api/recommendations/R.one_1' },
      json: { recommendations: [{ id: 'R.one_1', version: 1, status: 'awaiting-review' }] },
    });
    const record = await inspector.get(answer.headers.location as string);
    expect(record).toMatchObject({
      status: 200,
      headers: { etag: expect.stringMatching(/^"1-\d{4}-\d{2}-\d{2}"$/) },
      json: {
        id: 'R.one_1',
        title: sent.title,
        text: sent.text,
        recipient: 'wiltshire',
        status: 'awaiting-review',
        state: {
          progress: 'awaiting-review',
          closure: 'none',
          evidence: 'none',
          response: 'not-required',
          deadline: 'none',
        },
        version: 1,
        lifecycle: { name: 'inspection-recommendation', version: 1 },
        report: sent.report,
        deadlines: [],
        owner: null,
        anomalies: [],
      },
    });
  });

  it('gets an id where none was given', async () => {
    const { id: _id, ...sent } = recommendation();
    const answer = await inspector.post('/api/recommendations', sent);
    const id = answer.json.recommendations[0]?.id as string;
    expect(id).not.toBe('');
    expect(answer.headers.location).toBe(`/api/recommendations/${id}`);
    expect(await inspector.get(`/api/recommendations/${id}`)).toMatchObject({ status: 200 });
  });

  it('has the deadlines that were given, and one for the response, 55 days after publication', async () => {
    const id = await issued({
      deadlines: [{ dueOn: '2020-06-30' }, { dueOn: '2020-09-30' }],
      responseRequired: true,
      lifecycle: 'inspection-recommendation',
    });
    expect((await inspector.get(`/api/recommendations/${id}`)).json).toMatchObject({
      version: 5,
      state: { response: 'due', deadline: 'escalated' },
      deadlines: [
        { kind: 'action', dueOn: '2020-06-30', firstDueOn: '2020-06-30', state: 'escalated' },
        { kind: 'action', dueOn: '2020-09-30', firstDueOn: '2020-09-30', state: 'escalated' },
        { kind: 'response', dueOn: '2020-03-01', firstDueOn: '2020-03-01', state: 'escalated' },
      ],
    });
  });

  it('is effective today where its report is still to be published', async () => {
    const today = Temporal.Now.plainDateISO('Europe/London');
    const publishedOn = today.add({ days: 40 }).toString();
    const id = await issued({ report: { name: 'Next year', publishedOn } });
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    // The day may have changed since it was read.
    expect([today.toString(), today.add({ days: 1 }).toString()]).toContain(items[0]?.effectiveOn);
  });

  it('cannot be issued twice under one id, and the refusal says where the first one is', async () => {
    const id = await issued();
    expect(await inspector.post('/api/recommendations', recommendation({ id }))).toMatchObject(
      refusal(409, 'id-already-used', { location: `/api/recommendations/${id}` }),
    );
    expect((await inspector.get(`/api/recommendations/${id}`)).json.version).toBe(1);
  });
});

describe('a recommendation to several bodies', () => {
  it('becomes a record each, found together at its Location', async () => {
    const answer = await inspector.issue({ id: 'joint', recipients: ['avon', 'dorset', 'wiltshire'] });
    expect(answer.json.recommendations).toEqual([
      { id: 'joint.avon', version: 1, status: 'awaiting-review' },
      { id: 'joint.dorset', version: 1, status: 'awaiting-review' },
      { id: 'joint.wiltshire', version: 1, status: 'awaiting-review' },
    ]);
    expect(answer.headers.location).toBe('/api/recommendations?issue=joint');
    const list = await inspector.get(`/api/recommendations?issue=joint&minPosition=${answer.json.position}`);
    expect(list.json.items.map(({ id }) => id).sort()).toEqual([
      'joint.avon',
      'joint.dorset',
      'joint.wiltshire',
    ]);
  });

  it('lives a life of its own in each of its records', async () => {
    await inspector.issue({ id: 'apart', recipients: ['avon', 'dorset'] });
    await inspector.command('apart.avon', 'start-progress');
    expect((await inspector.get('/api/recommendations/apart.avon')).json.status).toBe('being-progressed');
    expect((await inspector.get('/api/recommendations/apart.dorset')).json.status).toBe('awaiting-review');
  });

  it('uses its own id up, though no record has it', async () => {
    await inspector.issue({ id: 'held', recipients: ['avon', 'dorset'] });
    expect(await inspector.get('/api/recommendations/held')).toMatchObject(refusal(404, 'not-found'));
    expect(await inspector.post('/api/recommendations', recommendation({ id: 'held' }))).toMatchObject(
      refusal(409, 'id-already-used', { location: '/api/recommendations?issue=held' }),
    );
    const again = recommendation({ id: 'held', recipients: ['essex', 'kent'] });
    expect(await inspector.post('/api/recommendations', again)).toMatchObject(
      refusal(409, 'id-already-used'),
    );
  });

  it('is issued to none of them where one of its records is there already', async () => {
    await inspector.issue({ id: 'taken.dorset' });
    const answer = await inspector.post(
      '/api/recommendations',
      recommendation({ id: 'taken', recipients: ['avon', 'dorset', 'kent'] }),
    );
    expect(answer).toMatchObject(
      refusal(409, 'id-already-used', { location: '/api/recommendations/taken.dorset' }),
    );
    expect(await inspector.get('/api/recommendations/taken.avon')).toMatchObject({ status: 404 });
    expect(await inspector.get('/api/recommendations/taken.kent')).toMatchObject({ status: 404 });
  });

  it('is not issued under the id of a record', async () => {
    const id = await issued();
    const several = recommendation({ id, recipients: ['avon', 'dorset'] });
    expect(await inspector.post('/api/recommendations', several)).toMatchObject(
      refusal(409, 'id-already-used', { location: `/api/recommendations/${id}` }),
    );
  });
});

describe('a command', () => {
  it('answers with what it recorded, where the record is now, and its new ETag', async () => {
    const id = await issued();
    const answer = await inspector.command(id, 'start-progress');
    expect(answer).toMatchObject({
      status: 200,
      headers: { etag: expect.stringMatching(/^"2-\d{4}-\d{2}-\d{2}"$/) },
      json: {
        id,
        version: 2,
        status: 'being-progressed',
        state: { progress: 'being-progressed', closure: 'none', deadline: 'none' },
        events: [{ type: 'ProgressStarted', version: 2 }],
      },
    });
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    expect(items.map(({ eventId }) => eventId)).toContain(answer.json.events[0]?.eventId);
    expect(items.at(-1)?.position).toBe(answer.json.position);
  });

  it('is seen at once by who reads the record, its events, its timeline and its commands', async () => {
    const id = await issued();
    for (let version = 2; version < 12; version += 1) {
      await inspector.command(id, 'add-comment', { text: `Comment ${version}` });
      const [record, events, timeline] = await Promise.all([
        inspector.get(`/api/recommendations/${id}`),
        inspector.get(`/api/recommendations/${id}/events`),
        inspector.get(`/api/recommendations/${id}/timeline`),
      ]);
      expect(record.json.version).toBe(version);
      expect(events.json.items).toHaveLength(version);
      expect(timeline.json.items).toHaveLength(version);
    }
    await inspector.command(id, 'start-progress');
    const { commands } = (await inspector.get(`/api/recommendations/${id}/commands`)).json;
    expect(commands.find(({ command }) => command === 'start-progress')?.allowed).toBe(false);
  });

  it('takes the date on which its fact holds', async () => {
    const id = await issued();
    await inspector.command(id, 'start-progress', { effectiveOn: '2020-02-29' });
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    expect(items.at(-1)).toMatchObject({ type: 'ProgressStarted', effectiveOn: '2020-02-29' });
  });

  it('may come without a body where its payload is empty', async () => {
    const id = await issued();
    const empty = await inspector.post(`/api/recommendations/${id}/commands/start-progress`, '', {
      'content-type': 'application/json',
    });
    expect(empty).toMatchObject({ status: 200, json: { version: 2 } });
  });

  it('carries the correlation id of its request into the event and the answer', async () => {
    const id = await issued();
    const correlationId = '5d3f1b0c-8a52-4f57-9d0c-3c0f4a2d9b11';
    const answer = await inspector.command(id, 'start-progress', {}, { 'x-correlation-id': correlationId });
    expect(answer.headers['x-correlation-id']).toBe(correlationId);
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    expect(items.at(-1)).toMatchObject({ correlationId });
  });
});

describe('progress', () => {
  it('starts, returns to review for a reason, and starts again', async () => {
    const id = await beingProgressed();
    expect(await inspector.command(id, 'return-to-review', {})).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '/reason' }] }),
    );
    expect(await inspector.command(id, 'return-to-review', { reason: 'Too early.' })).toMatchObject({
      status: 200,
      json: { status: 'awaiting-review', events: [{ type: 'ReturnedToReview' }] },
    });
    expect(await inspector.command(id, 'start-progress')).toMatchObject({
      status: 200,
      json: { status: 'being-progressed' },
    });
  });

  it('does not start twice, and the refusal says which commands are allowed', async () => {
    const id = await beingProgressed();
    expect(await inspector.command(id, 'start-progress')).toMatchObject(
      refusal(409, 'command-not-allowed', {
        currentVersion: 2,
        allowedCommands: expect.arrayContaining(['return-to-review', 'add-comment', 'request-closure']),
      }),
    );
  });

  it('does not return to review where it has not started', async () => {
    const id = await issued();
    expect(await inspector.command(id, 'return-to-review', { reason: 'None.' })).toMatchObject(
      refusal(409, 'command-not-allowed'),
    );
  });
});

describe('closure', () => {
  it('takes two people: one asks, another approves', async () => {
    const id = await closureRequested();
    expect((await inspector.get(`/api/recommendations/${id}`)).json).toMatchObject({
      status: 'being-progressed',
      state: { closure: 'requested' },
    });
    expect(await approver.command(id, 'approve-closure', { statement: 'Agreed.' })).toMatchObject({
      status: 200,
      json: {
        status: 'complete',
        state: { progress: 'complete', closure: 'none' },
        events: [{ type: 'RecommendationCompleted' }],
      },
    });
  });

  it('is not approved or refused by who asked, also in another role', async () => {
    const both = service.as(['inspector', 'approver'], { subject: 'two-hats' });
    const id = await beingProgressed();
    await both.command(id, 'request-closure', { statement: 'Done.' });
    expect(await both.command(id, 'approve-closure', { statement: 'Agreed.' })).toMatchObject(
      refusal(403, 'separation-of-duties'),
    );
    expect(await both.command(id, 'refuse-closure', { reason: 'No.' })).toMatchObject(
      refusal(403, 'separation-of-duties'),
    );
    const onlyApprover = service.as('approver', { subject: 'two-hats' });
    expect(await onlyApprover.command(id, 'approve-closure', { statement: 'Agreed.' })).toMatchObject(
      refusal(403, 'separation-of-duties'),
    );
    expect((await inspector.get(`/api/recommendations/${id}`)).json.state['closure']).toBe('requested');
  });

  it('may be approved by a second person who has both roles', async () => {
    const id = await closureRequested();
    const another = service.as(['inspector', 'approver'], { subject: 'another' });
    expect(await another.command(id, 'approve-closure', { statement: 'Agreed.' })).toMatchObject({
      status: 200,
    });
  });

  it('is withdrawn by who asked, and by nobody else', async () => {
    const id = await closureRequested();
    const another = service.as('inspector', { subject: 'another-inspector' });
    expect(await another.command(id, 'withdraw-closure')).toMatchObject(refusal(403, 'separation-of-duties'));
    expect(await inspector.command(id, 'withdraw-closure')).toMatchObject({
      status: 200,
      json: { state: { closure: 'none' }, events: [{ type: 'ClosureWithdrawn' }] },
    });
    expect(await inspector.command(id, 'withdraw-closure')).toMatchObject(
      refusal(409, 'command-not-allowed'),
    );
  });

  it('leaves progress as it was where it is refused', async () => {
    const id = await closureRequested();
    expect(await approver.command(id, 'refuse-closure', { reason: 'Not yet.' })).toMatchObject({
      status: 200,
      json: { status: 'being-progressed', state: { closure: 'none' }, events: [{ type: 'ClosureRefused' }] },
    });
  });

  it('is not asked for twice', async () => {
    const id = await closureRequested();
    expect(await inspector.command(id, 'request-closure', { statement: 'Again.' })).toMatchObject(
      refusal(409, 'command-not-allowed'),
    );
  });

  it('is not approved where nobody asked', async () => {
    const id = await beingProgressed();
    expect(await approver.command(id, 'approve-closure', { statement: 'Agreed.' })).toMatchObject(
      refusal(409, 'command-not-allowed'),
    );
  });

  it('may be asked for before progress has started', async () => {
    const id = await issued();
    await inspector.command(id, 'request-closure', { statement: 'Done long ago.' });
    expect(await approver.command(id, 'approve-closure', { statement: 'Agreed.' })).toMatchObject({
      status: 200,
      json: { status: 'complete' },
    });
  });
});

describe('no further action', () => {
  it('closes an open record for the reason that another person requested', async () => {
    const id = await issued();
    const decision = { reason: 'covered-by-later-inspection', statement: 'See 2019.' };
    expect(await approver.command(id, 'decide-no-further-action', decision)).toMatchObject(
      refusal(409, 'closure-request-needed'),
    );
    expect(await closeWithoutAction(inspector, approver, id, decision)).toMatchObject({
      status: 200,
      json: { status: 'no-further-action-needed', state: { closure: 'none' } },
    });
    expect(await approver.command(id, 'decide-no-further-action', decision)).toMatchObject(
      refusal(409, 'command-not-allowed'),
    );
  });

  it.each(['superseded', 'merged', 'no-longer-applicable', 'not-accepted', 'withdrawn'])(
    'takes the reason %s',
    async (reason) => {
      const id = await issued();
      expect(await closeWithoutAction(inspector, approver, id, { reason })).toMatchObject({ status: 200 });
    },
  );

  it('takes no other reason', async () => {
    const id = await issued();
    const decision = { reason: 'forgotten', statement: 'Because.' };
    expect(await approver.command(id, 'decide-no-further-action', decision)).toMatchObject(
      refusal(400, 'invalid-payload', { errors: [{ pointer: '/reason' }] }),
    );
  });
});

describe('a closed record', () => {
  it('is opened again by an approver, as being progressed', async () => {
    const id = await closed();
    expect(await approver.command(id, 'reopen', { reason: 'It came back.' })).toMatchObject({
      status: 200,
      json: {
        status: 'being-progressed',
        state: { evidence: 'none' },
        events: [{ type: 'RecommendationReopened' }],
      },
    });
    expect(await approver.command(id, 'reopen', { reason: 'Again.' })).toMatchObject(
      refusal(409, 'command-not-allowed'),
    );
  });

  it('takes comments, and nothing else that needs it open', async () => {
    const id = await closed();
    expect(await inspector.command(id, 'add-comment', { text: 'A late word.' })).toMatchObject({
      status: 200,
    });
    expect(await inspector.command(id, 'start-progress')).toMatchObject(refusal(409, 'command-not-allowed'));
    expect(await inspector.command(id, 'request-closure', { statement: 'x' })).toMatchObject(
      refusal(409, 'command-not-allowed'),
    );
  });
});

describe('an effective date', () => {
  it('is never earlier than the last move, is never to come, and for a note reaches back to the issue', async () => {
    const id = await issued();
    await inspector.command(id, 'start-progress', { effectiveOn: '2020-03-10' });
    const back = (effectiveOn: string) =>
      inspector.command(id, 'return-to-review', { reason: 'Early.', effectiveOn });
    const note = (effectiveOn: string) =>
      inspector.command(id, 'add-comment', { text: 'A note.', effectiveOn });
    const tomorrow = Temporal.Now.plainDateISO('Europe/London').add({ days: 2 }).toString();
    expect(await back('2020-03-09')).toMatchObject(refusal(422, 'effective-date-out-of-order'));
    expect(await back(tomorrow)).toMatchObject(refusal(422, 'effective-date-in-future'));
    expect(await note(tomorrow)).toMatchObject(refusal(422, 'effective-date-in-future'));
    expect(await note('2020-01-05')).toMatchObject(refusal(422, 'effective-date-before-issue'));
    expect(await note('2020-01-06')).toMatchObject({ status: 200 });
    expect(await back('2020-03-10')).toMatchObject({ status: 200 });
  });
});

describe('what may be asked of a record', () => {
  it('is told for every command, with all reasons against it, the role first', async () => {
    const id = await issued();
    const { commands } = (await service.as('auditor').get(`/api/recommendations/${id}/commands`)).json;
    expect(commands.map(({ command }) => command)).toEqual(expect.arrayContaining(Object.keys(BODIES)));
    expect(commands.every(({ allowed }) => !allowed)).toBe(true);
    const codes = Object.fromEntries(
      commands.map(({ command, because }) => [command, because.map(({ code }) => code)]),
    );
    expect(codes).toMatchObject({
      'start-progress': ['role-not-permitted'],
      'return-to-review': ['role-not-permitted', 'command-not-allowed'],
      'add-comment': ['role-not-permitted'],
      'approve-closure': ['role-not-permitted', 'command-not-allowed'],
    });
  });

  it('is what then happens, for every command and role', async () => {
    const organisations = ['wiltshire'];
    const people = (
      [
        'inspector',
        'approver',
        'force-lead',
        'commissioner',
        'auditor',
        'scheduler',
        'administrator',
      ] as const
    ).map((role) => service.as(role, { organisations }));
    for (const reach of [issued, beingProgressed, closureRequested, closed]) {
      for (const person of people) {
        let id = await reach();
        const { commands } = (await person.get(`/api/recommendations/${id}/commands`)).json;
        for (const { command, allowed, because } of commands.filter((each) => each.command in BODIES)) {
          const answer = await person.command(id, command, await bodyFor(id, command));
          expect({ command, ok: answer.status === 200 }).toEqual({ command, ok: allowed });
          // On the next record, so that none changes what the next is asked of.
          if (allowed) id = await reach();
          else expect(answer.json.type).toBe(`urn:docket:problem:${because[0]?.code}`);
        }
      }
    }
  }, 60_000);

  it('tells who asked for the only extension that waits that another must decide, before they try', async () => {
    const { json } = await inspector.issue({ deadlines: [{ dueOn: '2020-06-30' }, { dueOn: '2020-07-31' }] });
    const id = json.recommendations[0]?.id as string;
    const asking = (person: Client, deadlineId: string) =>
      person.command(id, 'request-extension', { deadlineId, dueOn: '2027-01-31', reason: 'Staff.' });
    const told = async () =>
      (await inspector.get(`/api/recommendations/${id}/commands`)).json.commands.filter(({ command }) =>
        ['grant-extension', 'refuse-extension'].includes(command),
      );
    const lead = service.as('force-lead', { subject: 'inspector', organisations: ['wiltshire'] });
    expect(await asking(lead, 'd1')).toMatchObject({ status: 200 });
    for (const each of await told()) {
      expect(each).toMatchObject({ allowed: false, because: [{ code: 'separation-of-duties' }] });
    }
    const before = (await inspector.get(`/api/recommendations/${id}`)).json.version;
    expect(await inspector.command(id, 'grant-extension')).toMatchObject(
      refusal(403, 'separation-of-duties'),
    );
    expect((await inspector.get(`/api/recommendations/${id}`)).json.version).toBe(before);
    const other = service.as('force-lead', { subject: 'another', organisations: ['wiltshire'] });
    expect(await asking(other, 'd2')).toMatchObject({ status: 200 });
    for (const each of await told()) expect(each).toMatchObject({ allowed: true, because: [] });
    expect(await inspector.command(id, 'grant-extension', { deadlineId: 'd1' })).toMatchObject(
      refusal(403, 'separation-of-duties'),
    );
    expect(await inspector.command(id, 'grant-extension', { deadlineId: 'd2' })).toMatchObject({
      status: 200,
    });
  });

  it('tells a second person from the one who asked', async () => {
    const id = await closureRequested();
    const same = service.as('approver', { subject: 'inspector' });
    const { commands } = (await same.get(`/api/recommendations/${id}/commands`)).json;
    expect(commands.find(({ command }) => command === 'approve-closure')).toMatchObject({
      allowed: false,
      because: [{ code: 'separation-of-duties' }],
    });
  });
});
