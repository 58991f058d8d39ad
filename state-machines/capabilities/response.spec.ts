import { expect, test } from '@jest/globals';
import { combined } from '#lifecycle/capability';
import { small, smallRecord } from '#test/support/small-record';
import { deadlines } from './dated-work.ts';
import { recipients } from './recipients.ts';
import { response, RESPONSE } from './response.ts';

const responding = response({ roles: ['force-lead', 'inspector'] });
const addressing = recipients({ kind: small, first: 'SmallBegun' });
const dating = deadlines({
  ...{
    kind: small,
    first: 'SmallBegun',
    regions: responding.regions,
    open: { region: 'work', in: ['open'] },
  },
  ...{ response: RESPONSE, roles: { decide: ['inspector'], request: ['inspector'] } },
});
const answer = { position: 'action-taken', text: 'Done.', publishedElsewhere: 'Online' };

/** A record on which a response is due by a day. */
const begun = async () => {
  const capability = combined(addressing, dating, responding);
  const required = [
    { type: 'ResponseRequired', data: {} },
    { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'response', dueOn: '2026-12-01' } },
  ];
  return smallRecord(capability, { text: 'A text.', recipient: 'kent' }, { due: dating.due }, required);
};

test('given a response is due, then it is published, settles its deadline, and once', async () => {
  const record = await begun();
  expect(responding.summary.answer((await record.state()).value)).toBe('due');
  expect(await record.give('publish-response', answer)).toEqual(['ResponsePublished']);
  const { value, facts } = await record.state();
  expect(responding.summary.answer(value)).toBe('given');
  expect(dating.due(facts, '2027-12-31')).toEqual([]);
  expect(await record.give('publish-response', answer)).toBe('not-published');
});

test('given it comes after its day, then it is marked as late', async () => {
  const record = await begun();
  expect(await record.give('publish-response', answer, { on: '2026-12-02' })).toEqual([
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
  expect(await record.give('publish-response', body, call)).toBe(code);
});
