import { expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import { AuditView } from './audit.controller.tsx';

const at = '2026-11-24T12:00:00.000Z';
const checkpoint = {
  origin: 'docket.example/log',
  size: 10_553,
  signedAt: at,
  isTimestamped: false,
  note: '',
};

test('given witnesses, then the page lists how far each has seen the history, and what is not protected', () => {
  const standing = {
    events: 10_560,
    checkpoint,
    unprotected: 5,
    witnesses: [
      { name: 'w1', seen: { size: 10_553, at }, failure: null },
      { name: 'w2', seen: null, failure: 'the witness w2 cannot be reached' },
    ],
    verifierKeys: [],
    refusal: 'the key is gone',
  };
  const html = renderToString(<AuditView standing={standing} verifications={[]} />);
  const { document } = parseHTML(`<html><body>${html}</body></html>`);
  const words = document.body.textContent.replaceAll(/\s+/g, ' ');
  for (const said of [
    'The history is not being signed: the key is gone',
    'The history up to event 10,553 was signed on 24 November 2026 at 12:00 UK time by docket.example/log',
    'The history up to event 10,553 was seen by w1 on 24 November 2026 at 12:00 UK time.',
    'w2 has not seen any recent checkpoint. It did not sign last time: the witness w2 cannot be reached.',
    'Not signed yet: 5 events since then.',
  ])
    expect(words).toContain(said);
});
