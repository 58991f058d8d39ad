import { describe, expect, test } from '@jest/globals';
import type { RecordKind } from '#lifecycle/kind';
import { kinds, recordOf } from '#state-machines/record-streams';
import { recordAddress, breadcrumbFor } from './page-paths.ts';

const [kind] = kinds.all as [RecordKind];

describe('the link back to a list', () => {
  test.each([
    ['/recommendations?status=complete&q=a%20plan', 'Recommendations'],
    ['/deadlines?kind=action', 'Deadlines'],
    ['/', 'Work'],
  ])('given a visit from %s, then the record links back there', (from, text) => {
    const address = new URL(recordAddress(recordOf('730'), from), 'http://here.invalid');
    expect(address.pathname).toBe('/recommendations/730');
    expect(breadcrumbFor(kind, address.searchParams.get('from') ?? undefined)).toEqual({ text, href: from });
  });

  test.each([
    [undefined],
    ['//elsewhere.example/'],
    ['https://elsewhere.example/recommendations'],
    ['/api/recommendations'],
    ['/recommendations/730'],
    ['javascript:alert(1)'],
    [['/deadlines', '/']],
  ])('given %j is no list of this service, then it links to the register', (from) => {
    expect(breadcrumbFor(kind, from)).toEqual({ text: 'Recommendations', href: '/recommendations' });
  });

  test('given an address that is too long to pass on, then the link omits it', () => {
    expect(recordAddress(recordOf('730'), `/recommendations?q=${'a'.repeat(3_000)}`)).toBe(
      '/recommendations/730',
    );
  });
});
