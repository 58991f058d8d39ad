import { describe, expect, test } from '@jest/globals';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { RecordKind } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { entryOf } from './entry-view.tsx';

const [kind] = kinds.all as [RecordKind];

const comment: TimelineItem = {
  eventId: 'e-1',
  version: 2,
  type: 'CommentAdded',
  effectiveOn: '2026-06-30',
  recordedAt: '2026-06-30T10:05:00.000Z',
  actor: 'ann',
  role: 'force-lead',
  headline: 'Comment',
  text: 'Done.',
  visibility: 'public',
  status: 'being-progressed',
};

const entry = (given: Partial<TimelineItem>, isOnPaper = false) =>
  entryOf({ item: { ...comment, ...given }, kind, textMax: 100, isOnPaper, linkTo: () => null });

describe('an entry of a history', () => {
  test.each<readonly [string, Partial<TimelineItem>]>([
    ['ann, force lead', {}],
    ['From a register, imported by ann', { role: null }],
    ['ann, by import', { role: null, type: 'RegisterRecordImported' }],
    ['Noticed by the deadline sweep', { role: null, actor: 'docket:sweep', type: 'DeadlinePassed' }],
  ])('says who it is by: %s', (byline, given) => {
    expect(entry(given).byline).toBe(byline);
  });

  test('tells both dates where they differ, and always on paper', () => {
    const [same, both] = [
      '30 June 2026 at 11:05 UK time',
      'Holds from 30 June 2026, recorded 30 June 2026 at 11:05 UK time',
    ];
    expect(entry({}).date).toBe(same);
    expect(entry({}, true).date).toBe(both);
    // Past midnight in London, where it is a day later than in UTC.
    expect(entry({ recordedAt: '2026-06-30T23:30:00.000Z' }).date).toBe(
      'Holds from 30 June 2026, recorded 1 July 2026 at 00:30 UK time',
    );
  });

  test('names body and owner as pages do, and says what is erased', () => {
    expect(entry({ headline: 'Recommendation issued to kent', recipient: 'kent' }).title).toBe(
      'Recommendation issued to kent',
    );
    expect(entry({ headline: 'Owner named: not known', owner: null }).title).toBe('Owner named: [redacted]');
  });
});
