import { describe, expect, test } from '@jest/globals';
import { recordStream } from '../../record-streams.ts';
import { supersededBy } from './supersession.ts';

const payload = { by: 'fire-2', statement: 'Both are one.' };

describe('superseding', () => {
  test('given a record, the note on its successor names it', () => {
    expect(supersededBy(payload, recordStream('fire-1'))).toEqual([
      {
        type: 'NoFurtherActionDecided',
        data: { reason: 'superseded', statement: 'Both are one.', supersededBy: 'fire-2' },
      },
      { type: 'SupersedesRecorded', data: { supersedes: 'fire-1' }, streamId: recordStream('fire-2') },
    ]);
  });

  test('given a stream that is no record’s, nothing is decided, rather than a note that names none', () => {
    expect(() => supersededBy(payload, 'person-kim')).toThrow(
      "Stream person-kim is no record's, and only a record is superseded",
    );
  });
});
