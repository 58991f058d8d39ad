import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import type { LogVerification } from '#use-cases/audit/verify-now';
import { Verifications } from './verifications-view.tsx';

const RUNNING: LogVerification = {
  id: '1',
  state: 'running',
  askedBy: 'kim',
  askedAt: '2026-11-24T12:00:00.000Z',
  finishedAt: null,
  events: 5_000,
  total: 20_000,
  found: null,
  failure: null,
};
const divergence = {
  position: '7',
  streamId: 'recommendation-a.b',
  version: 3,
  code: 'hash',
  detail: 'other',
};

function render(...verifications: readonly LogVerification[]) {
  const html = renderToString(<Verifications verifications={verifications} />);
  const { document } = parseHTML(`<html><body>${html}</body></html>`);
  const words = document.body.textContent.replaceAll(/\s+/g, ' ');
  return { words, document };
}

describe('a verification', () => {
  test('given a running verification, then the page shows its progress, reloads, and offers no other verification', () => {
    const { words, document } = render(RUNNING);
    expect(words).toContain('5,000 of about 20,000 events checked, 25%');
    expect(words).toContain('Requested by kim on 24 November 2026 at 12:00 UK time.');
    expect(document.querySelector('#verify')?.hasAttribute('data-goes-on')).toBe(true);
    expect(document.querySelector('form')).toBeNull();
  });

  test('given divergences, then each place is named, and links to the history there', () => {
    const places = Array.from({ length: 100 }, () => divergence);
    const found = {
      streams: 2,
      head: null,
      checkpoint: null,
      divergences: [...places],
      divergenceCount: 130,
    } as const;
    const { words, document } = render({ ...RUNNING, state: 'does-not-hold', found } as LogVerification);
    expect(words).toContain('There are problems in 130 places among 5,000 events.');
    expect(document.querySelector('td a')?.getAttribute('href')).toBe(
      '/recommendations/a.b/history?version=3',
    );
    expect(document.querySelectorAll('tbody tr')).toHaveLength(20);
    expect(words).toContain('The event was changed');
    expect(words).toContain('And 110 more');
  });

  test.each([
    [
      { state: 'failed', failure: 'the disk is away' },
      'The history could not be verified: the disk is away.',
    ],
    [{ state: 'stopped' }, 'The service stopped after it had checked 5,000 events.'],
  ] as const)(
    'given %j, then the page says nothing about the history, and offers another verification',
    (more, said) => {
      const { words, document } = render({ ...RUNNING, ...more });
      expect(words).toContain(said);
      expect(document.querySelector('form')).not.toBeNull();
    },
  );
});
