import { expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import { TrailItems } from './audit-trail.controller.tsx';

const refusal = {
  command: null,
  code: 'unknown-command',
  guard: null,
  record: null,
  recordKind: null,
  seenVersion: null,
  position: '7',
  recordedAt: '2026-11-24T12:00:00.000Z',
  actor: { subject: 'ann', roles: ['inspector'] },
  correlationId: '0199c0de-0000-7000-8000-000000000001',
};

const actionOf = (item: object): string | undefined => {
  const page = { items: [{ ...refusal, ...item }], nextCursor: null, position: '7' };
  const view = { list: 'refusals', params: new URLSearchParams(), page, people: [] } as const;
  const { document } = parseHTML(`<html><body>${renderToString(<TrailItems {...view} />)}</body></html>`);
  return document.querySelectorAll('tbody td')[2]?.lastChild?.textContent ?? undefined;
};

test('a refusal names its action', () => {
  expect(actionOf({ command: 'add-comment' })).toBe('Add a comment');
  expect(actionOf({})).toBe('Unknown action');
});
