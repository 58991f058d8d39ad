import type { RecordKind } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { listPath } from './way-back.ts';
import { upperFirst, withArticle } from '#lifecycle/words';
import { RECORD } from './words.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SentProblem } from '../api/problems.ts';
import type { Element } from './components/macro-options.ts';
import { forPeople } from './forms/for-people.ts';
import { addressOfOurs, signInAddress } from './page-paths.ts';
import { sendPage } from './send-page.tsx';

/** Responds with an error page that shows the problem's code and a next step. */
export async function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: SentProblem,
): Promise<void> {
  const code = problem.type.split(':').at(-1) ?? '';
  const heading = HEADINGS_OF_CODES[code] ?? HEADINGS[problem.status] ?? problem.title;
  const { publicUrl } = request.server.pages;
  const content = (
    <ProblemView {...{ heading, code, problem, publicUrl }} address={request.url} requestId={request.id} />
  );
  // On a foreign host our links would lead elsewhere.
  const isOnPaper = code === FOREIGN_HOST;
  await sendPage(request, reply, { title: [heading], content, isOnPaper }, problem.status);
}

const FOREIGN_HOST = 'foreign-host';

const HEADINGS: Readonly<Record<number, string>> = {
  401: 'Sign in to go on',
  404: 'Page not found',
  500: 'Sorry, there is a problem with the service',
  503: 'Sorry, the service is busy',
};

const HEADINGS_OF_CODES: Readonly<Record<string, string>> = {
  'invalid-claim': 'Your sign-in cannot be used here',
  'read-model-behind': 'This page is not there yet',
  'query-too-slow': 'This takes too long to find',
};

interface ProblemOptions {
  readonly heading: string;
  readonly code: string;
  readonly problem: SentProblem;
  readonly address: string;
  readonly publicUrl: string | null;
  readonly requestId: string;
}

export const ProblemView = (options: ProblemOptions): Element => (
  <>
    <h1 class="govuk-heading-l">{options.heading}</h1>
    <WhatIsWrong {...options} />
    <WayForward {...options} />
    <p class="govuk-body-s">
      If you ask for help, say: <code>{options.code}</code>, <code>{options.requestId}</code>
    </p>
  </>
);

function WhatIsWrong({ code, problem, address }: ProblemOptions): Element {
  const { status, detail } = problem;
  if (status === 404) return isOfThePast(address) ? <NotThen /> : <NotFound />;
  if (code === 'query-too-slow') return <WhatNarrows />;
  // `minPosition` is only in the address after the user's own change.
  if (code === 'read-model-behind' && /[?&]minPosition=/.test(address))
    return <p class="govuk-body">Your change is kept; this page does not show it yet. Try again shortly.</p>;
  if (code === 'read-model-behind')
    return <p class="govuk-body">What it is made of is being prepared. Try again shortly.</p>;
  return <p class="govuk-body">{forPeople(detail)}</p>;
}

const isOfThePast = (address: string): boolean => /[?&](?:effectiveOn|knownAt)=/.test(address);

/** Must not reveal whether the record exists now. */
const NotThen = (): Element => (
  <p class="govuk-body">
    There was no such page in the view of the past that you ask for: {withArticle(RECORD.singular)} may have
    been issued later, or not been known yet.
  </p>
);

const WhatNarrows = (): Element => (
  <>
    <p class="govuk-body">It was given up, so that others are not held up. It takes less with:</p>
    <ul class="govuk-list govuk-list--bullet">
      <li>one more filter, such as a body, a status or a deadline</li>
      <li>rarer words, or words in quotes, if you search</li>
      <li>fewer days, between a first and a last one</li>
      <li>no day of the past, if what stands now will do</li>
    </ul>
  </>
);

const NotFound = (): Element => (
  <>
    <p class="govuk-body">If you typed the address, check that it is right.</p>
    <p class="govuk-body">
      {upperFirst(withArticle(RECORD.singular))} can only be seen by those whom it concerns: it may be of
      another body than yours.
    </p>
  </>
);

function WayForward({ code, problem, address, publicUrl }: ProblemOptions): Element | null {
  if (code === FOREIGN_HOST)
    return publicUrl === null ? null : (
      <p class="govuk-body">
        <a class="govuk-link" href={publicUrl}>
          Go to {publicUrl}
        </a>
      </p>
    );
  if (problem.status === 401)
    return (
      <p class="govuk-body">
        <a class="govuk-link" href={signInAddress('/')}>
          Sign in
        </a>
      </p>
    );
  if (problem.status === 404 && isOfThePast(address))
    return (
      <p class="govuk-body">
        <a class="govuk-link" href={addressOfOurs(address.replace(/\?.*/s, ''))}>
          See it as it stands now
        </a>
      </p>
    );
  if (problem.status === 503)
    return (
      <p class="govuk-body">
        <a class="govuk-link" href={addressOfOurs(address)}>
          Try again
        </a>
      </p>
    );
  return (
    <p class="govuk-body">
      <a class="govuk-link" href={listPath(kinds.all[0] as RecordKind)}>
        Find {withArticle(RECORD.singular)}
      </a>
    </p>
  );
}
