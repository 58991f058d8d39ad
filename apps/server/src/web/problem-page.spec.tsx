import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { renderToString } from 'preact-render-to-string';
import { PageBrowser } from '#test/support/pages';
import { startService } from '#test/support/service';
import type { RunningService } from '#test/support/service';
import { answerOf } from '../api/problems.ts';
import { PastNotReadyError } from '#lives/past-not-ready';
import { QueryTooSlowError } from '#projections/limited-reads';
import { ProblemView } from './problem-page.tsx';

describe('the page of a problem', () => {
  let service: RunningService;
  let browser: PageBrowser;
  beforeAll(async () => {
    service = await startService();
    browser = new PageBrowser(service.address);
    await browser.signIn('demo-inspector');
    await service.as('inspector').issue({ id: 'r-1' });
  });
  afterAll(() => service.stop());

  test.each(['/recommendations?status=complete', '/recommendations/r-1?done=2'])(
    'says that a change is saved if the page does not show it yet: %s',
    async (path) => {
      const page = await browser.get(`${path}&minPosition=1000000`);
      expect(page).toMatchObject({ status: 503, heading: 'This page is not ready yet' });
      expect(page.words('main p')[0]).toBe(
        'Your change is saved, but this page does not show it yet. Try again in a few seconds.',
      );
      expect(page.link('Try again')).toBe(page.address);
    },
  );

  test.each(['/recommendations/%', '/%ff'])(
    'is shown for an address that cannot be read: %s',
    async (path) => {
      const page = await browser.get(path);
      expect(page).toMatchObject({ status: 400, title: 'The request is malformed – Docket' });
      expect(page.find('header a[href="/account"], nav a[href="/account"]')).not.toBeNull();
    },
  );

  test('contains no links to other services', async () => {
    const page = await browser.get('/.//elsewhere.example/x?knownAt=2026-01-01');
    expect(page.link('Show the current state')).toBe('/');
  });

  test('shows how far the past has been read, and loads itself again', () => {
    const { problem, headers } = answerOf(new PastNotReadyError(40));
    expect(problem).toMatchObject({ status: 503, type: 'urn:docket:problem:past-not-ready', progress: 40 });
    expect(headers).toEqual({ 'retry-after': '1' });
    const page = renderToString(
      <ProblemView
        heading=""
        code="past-not-ready"
        problem={problem}
        address="/statistics"
        publicUrl={null}
        requestId="one"
      />,
    );
    expect(page).toContain('<progress max="100" value="40" aria-label="History read">40%</progress>');
  });

  test('says how to make a search cheaper', () => {
    const { problem } = answerOf(new QueryTooSlowError(2_000));
    const address = '/recommendations?q=the';
    const page = renderToString(
      <ProblemView
        heading=""
        code="query-too-slow"
        problem={problem}
        address={address}
        publicUrl={null}
        requestId="one"
      />,
    );
    expect(page).toContain('add a filter, such as a body, a status or a deadline');
    expect(page).toContain(`<a class="govuk-link" href="${address}">Try again</a>`);
  });
});
