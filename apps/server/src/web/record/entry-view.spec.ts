import { describe, expect, test } from '@jest/globals';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { RecordKind } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { entryOf, ALL_OF_IT } from './entry-view.tsx';

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

const entry = (item: Partial<TimelineItem>, isOnPaper = false) =>
  entryOf({ item: { ...comment, ...item }, kind, reading: ALL_OF_IT, isOnPaper, linkTo: () => null });

describe('an entry of a history', () => {
  test.each<readonly [string, Partial<TimelineItem>]>([
    ['ann, force lead', {}],
    ['Imported from a register by ann', { role: null }],
    ['ann, by import', { role: null, type: 'RegisterRecordImported' }],
    ['Recorded automatically', { role: null, actor: 'docket:sweep', type: 'DeadlinePassed' }],
  ])('names its person: %s', (byline, item) => {
    expect(entry(item).byline).toBe(byline);
  });

  test('has the time of its record, and both dates where they differ, and always on paper', () => {
    const dates = ({ date, byline }: ReturnType<typeof entry>) => [date, byline];
    expect(dates(entry({}))).toEqual(['30 June 2026 at 11:05', 'ann, force lead']);
    expect(dates(entry({}, true))).toEqual([
      'Effective 30 June 2026',
      'ann, force lead · recorded 30 June 2026 at 11:05',
    ]);
    // After midnight in London, where the day differs from UTC.
    expect(dates(entry({ recordedAt: '2026-06-30T23:30:00.000Z' }))).toEqual([
      'Effective 30 June 2026',
      'ann, force lead · recorded 1 July 2026 at 00:30',
    ]);
  });

  test('names body and owner as pages do, and marks erased texts', () => {
    expect(entry({ headline: 'Recommendation issued to kent', recipient: 'kent' }).title).toBe(
      'Recommendation issued to kent',
    );
    expect(entry({ headline: 'Owner assigned: unknown', owner: null }).title).toBe(
      'Owner assigned: [redacted]',
    );
  });
});
