import { describe, expect, test } from '@jest/globals';
import { combineCapabilities } from '#lifecycle/capability';
import { small, smallRecord, smallSummary } from '#test/support/small-record';
import { deadlines } from './dated-work.ts';
import { recipients } from './recipients.ts';
import { response, RESPONSE } from './response.ts';

const responding = response({ kind: small, roles: ['force-lead', 'inspector'] });
const WORK = { work: { initial: 'open', states: { open: { on: { SmallDone: 'done' } }, done: {} } } };
const addressing = recipients({ kind: small, first: 'SmallBegun' });
const options = {
  ...{
    kind: small,
    first: 'SmallBegun',
    regions: { ...WORK, ...responding.regions },
    open: { region: 'work', in: ['open'] },
  },
  ...{ response: RESPONSE, roles: { decide: ['inspector'], request: ['inspector', 'force-lead'] } },
};
const dating = deadlines(options);
const answer = { position: 'action-taken', text: 'Done.', publishedElsewhere: 'Online' };

/** Returns a record on which a response is due by a day. */
const begun = async (dated = dating) => {
  const capability = combineCapabilities(addressing, dated, responding);
  const required = [
    { type: 'ResponseRequired', data: {} },
    { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'response', dueOn: '2026-12-01' } },
  ];
  return smallRecord(
    capability,
    { text: 'A text.', recipient: 'kent' },
    { due: dated.due, dates: dated.dates },
    required,
  );
};

test('given a response is due, then it is published, settles its deadline, and once', async () => {
  const record = await begun();
  expect(responding.summary.answer((await record.state()).value)).toBe('due');
  expect(await record.sendCommand('publish-response', answer)).toEqual(['ResponsePublished']);
  const { value, facts } = await record.state();
  expect(responding.summary.answer(value)).toBe('given');
  expect(dating.due(facts, '2027-12-31')).toEqual([]);
  expect(await record.sendCommand('publish-response', answer)).toBe('not-published');
});

test('given it comes after its day, then it is marked as late', async () => {
  const record = await begun();
  expect(await record.sendCommand('publish-response', answer, { on: '2026-12-02' })).toEqual([
    ...['DeadlineApproaching', 'DeadlinePassed', 'ResponsePublished'],
  ]);
  expect((await record.stored()).at(-1)?.data).toMatchObject({ dueOn: '2026-12-01', late: true });
});

test.each([
  ['by another role', answer, { as: 'approver' }, 'role-not-permitted'],
  ['by the staff without where', { ...answer, publishedElsewhere: undefined }, {}, 'published-elsewhere'],
])('given one %s, then it is refused', async (_, { publishedElsewhere, ...said }, call, code) => {
  const record = await begun();
  const body = { ...said, ...(publishedElsewhere !== undefined && { publishedElsewhere }) };
  expect(await record.sendCommand('publish-response', body, call)).toBe(code);
});

describe('a response whose date two people can change', () => {
  const extending = deadlines({ ...options, kinds: { response: { isExtendable: true } } });
  const more = { dueOn: '2026-12-20', reason: 'An election.' };
  const forceLead = { by: 'lea', as: 'force-lead', organisations: ['kent'] };

  test('given its date is extended, then it is due later, and is not withdrawn', async () => {
    const record = await begun(extending);
    expect(await record.sendCommand('request-extension', more, forceLead)).toEqual(['ExtensionRequested']);
    expect(await record.sendCommand('grant-extension')).toEqual(['DeadlineExtended']);
    expect(await record.facts()).toMatchObject({
      deadlines: [{ dueOn: '2026-12-20', firstDueOn: '2026-12-01' }],
    });
    expect(await record.sendCommand('withdraw-deadline', { deadlineId: 'd1', reason: 'x' })).toBe(
      'has-deadline',
    );
  });

  test('given it is published, then its requests lapse, also for lists, and no more can be made', async () => {
    const record = await begun(extending);
    await record.sendCommand('request-extension', more, forceLead);
    await record.sendCommand('publish-response', answer);
    expect(await record.sendCommand('grant-extension')).toBe('extension-pending');
    expect(await record.sendCommand('request-extension', more, forceLead)).toBe('has-deadline');
    const { value } = await record.state();
    const summary = smallSummary(combineCapabilities(addressing, extending, responding));
    const stored = await record.stored();
    const [request, published] = stored.slice(-2);
    const folded = (events: typeof stored) =>
      events.reduce(
        (before, event) => summary.from(summary.kept(summary.after(before, event, value))),
        summary.initial,
      );
    expect(summary.waits?.['extension']?.persons(folded(stored), value)).toBeNull();
    // A view can fold the request after the event that settled it.
    const inView = folded([...stored.slice(0, -2), published!, request!]);
    expect(summary.waits?.['extension']?.persons(inView, value)).toBeNull();
  });

  test('given the law sets it, then no one extends it', async () => {
    expect(await (await begun()).sendCommand('request-extension', more, forceLead)).toBe('has-deadline');
  });
});
