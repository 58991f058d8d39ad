import { expect, test } from '@jest/globals';
import { commandRow } from './decide.ts';
import type { LifecycleCode } from './lifecycle-definition.ts';
import { plainQueues } from './queue.ts';
import { commandPayload } from './shapes.ts';
import { NO_SUMMARY } from './summary.ts';

const kind = {
  ...{ name: 'letter', stream: 'letter', path: 'letters', noun: { singular: 'letter', plural: 'letters' } },
  roles: { staff: ['clerk', 'head'], body: ['reader'] },
};
const row = (roles: readonly string[]) =>
  commandRow({
    ...{ summary: 'Decides.', payload: commandPayload('DecidePayload', {}), roles },
    emits: { all: ['Decided'] },
    events: () => [],
  });
const queuesOf = (decidedBy?: readonly string[]) => {
  const wait = { ...(decidedBy && { decidedBy }), persons: () => null };
  const code: Pick<LifecycleCode, 'summary'> = { summary: { ...NO_SUMMARY, waits: { answer: wait } } };
  return plainQueues(kind, code, {
    agree: row(['head']),
    refuse: row(['head', 'reader']),
    file: row(['clerk']),
  });
};

test('an open item is for its deciders; without deciding commands, for the staff', () => {
  expect(queuesOf(['agree', 'refuse'])).toMatchObject({ answer: { roles: ['head', 'reader'] } });
  expect(queuesOf(['file'])).toMatchObject({ answer: { roles: ['clerk'] } });
  expect(queuesOf()).toMatchObject({ answer: { roles: ['clerk', 'head'] } });
});
