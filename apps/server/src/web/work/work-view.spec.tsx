import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import { queuesOf } from '#read-models/queue-conditions';
import type { Viewer } from '#state-machines/access';
import { WorkView } from './work-view.tsx';

/** The words of the link, which name the kind if there are several. */
const OWNED = /^(?:Records|Recommendations) that you own$/;

const linksOf = (role: string): (string | null)[][] => {
  const viewer: Viewer = { subject: 'kim', roles: [role], organisations: ['wiltshire'] };
  const queues = queuesOf(viewer).map(({ kind, name }) => ({ kind: kind.name, name, count: 1, items: [] }));
  const news = { count: 0, sinceLastVisit: 0, sentBack: [] };
  const html = renderToString(<WorkView {...{ viewer, queues, news }} today="2026-03-01" />);
  const links = [...parseHTML(`<html><body>${html}</body></html>`).document.querySelectorAll('a')];
  return links.map((link) => [link.textContent, link.getAttribute('href')]);
};

describe('the work that a user owns', () => {
  test('given a force lead, who has no queue of owned records, then a link points to those records', () => {
    expect(linksOf('force-lead').at(-1)).toEqual([
      expect.stringMatching(OWNED),
      '/recommendations?owner=kim&status=awaiting-review&status=being-progressed&sort=dueOn',
    ]);
  });

  test.each<string>(['inspector', 'commissioner', 'auditor'])(
    'given a user with such a queue, or one who owns nothing, then there is no link: %s',
    (role) => {
      expect(linksOf(role).filter(([words]) => OWNED.test(words ?? ''))).toEqual([]);
    },
  );
});
