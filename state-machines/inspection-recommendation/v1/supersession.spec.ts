import { describe, expect, test } from '@jest/globals';
import { recordStream } from '../kind.ts';
import { supersedesRecorded } from './supersession.ts';

describe('the note on a successor', () => {
  test('given a record, names it', () => {
    expect(supersedesRecorded('fire-2', recordStream('fire-1'))).toEqual({
      type: 'SupersedesRecorded',
      data: { supersedes: 'fire-1' },
      streamId: recordStream('fire-2'),
    });
  });

  test('given a stream that belongs to no record, throws', () => {
    expect(() => supersedesRecorded('fire-2', 'person-kim')).toThrow(
      'Stream person-kim is not a record’s stream, and only records can be superseded',
    );
  });
});
