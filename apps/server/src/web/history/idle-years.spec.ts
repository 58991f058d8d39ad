import { expect, test } from '@jest/globals';
import { idleTime } from './events-view.tsx';

test.each([
  ['2016-02-01', '2017-01-31', 0, []],
  ['2016-02-01', '2017-02-01', 1, ['2016-12-31']],
  ['2018-08-14', '2022-08-14', 4, ['2018-12-31', '2019-12-31', '2020-12-31', '2021-12-31']],
  // In the order of recording, an effective date can be earlier than the one before.
  ['2022-08-14', '2018-08-14', 0, []],
] as const)('from %s to %s there are %i idle years', (from, to, years, ends) => {
  const idle = idleTime(from, to);
  expect([idle?.years ?? 0, idle?.ends ?? []]).toEqual([years, ends]);
});
