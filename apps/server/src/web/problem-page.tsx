import type { RecordKind } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';
import { listPath, addressOfOurs, signInAddress } from './page-paths.ts';
import { upperFirst, withArticle } from '#lifecycle/words';
import { RECORD } from './words.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SentProblem } from '../api/problems.ts';
import type { Element } from './components/macro-options.ts';
import { Link } from './components/button.tsx';
import { forPeople } from './forms/for-people.ts';
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
  // On a foreign host, our relative links would point to that host.
  const isOnPaper = code === FOREIGN_HOST;
  if (code === NOT_READY) void reply.header('refresh', RELOAD_SECONDS);
  await sendPage(reply, { title: [heading], content, isOnPaper }, problem.status);
}

const FOREIGN_HOST = 'foreign-host';

/** A page that shows the progress, and loads itself again until the past is there. */
const NOT_READY = 'past-not-ready';
const RELOAD_SECONDS = '1';

const HEADINGS: Readonly<Record<number, string>> = {
  401: 'Sign in to continue',
  404: 'Page not found',
  405: 'Page not found',
  500: 'Sorry, there is a problem with the service',
  503: 'Sorry, the service is busy',
};

const HEADINGS_OF_CODES: Readonly<Record<string, string>> = {
  'invalid-claim': 'Your sign-in cannot be used here',
  'read-model-behind': 'This page is not ready yet',
  'query-too-slow': 'This search takes too long',
  [NOT_READY]: 'This page is being prepared',
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
    <NextStep {...options} />
    <p class="govuk-body-s">
      If you contact support, include: <code>{options.code}</code>, <code>{options.requestId}</code>
    </p>
  </>
);

function WhatIsWrong({ code, problem, address }: ProblemOptions): Element {
  const { status, detail } = problem;
  if (status === 405) return <p class="govuk-body">If you typed the web address, check it is correct.</p>;
  if (status === 404) return isOfThePast(address) ? <NotThen /> : <NotFound />;
  if (code === 'query-too-slow') return <WhatNarrows />;
  if (code === NOT_READY) return <Progress problem={problem} />;
  // `minPosition` is only in the address after the user's own change.
  if (code === 'read-model-behind' && /[?&]minPosition=/.test(address))
    return (
      <p class="govuk-body">
        Your change is saved, but this page does not show it yet. Try again in a few seconds.
      </p>
    );
  if (code === 'read-model-behind')
    return <p class="govuk-body">Its content is being prepared. Try again in a few seconds.</p>;
  return <p class="govuk-body">{forPeople(detail)}</p>;
}

const isOfThePast = (address: string): boolean => /[?&](?:effectiveOn|knownAt)=/.test(address);

/** Must not reveal whether the record exists now. */
const NotThen = (): Element => (
  <p class="govuk-body">
    This page did not exist at the time that you selected. {upperFirst(withArticle(RECORD.singular))} may have
    been issued or recorded later.
  </p>
);

const Progress = ({ problem: { progress = 0 } }: Pick<ProblemOptions, 'problem'>): Element => (
  <>
    <p class="govuk-body">
      The history of the records is being read. This page opens by itself when that is done.
    </p>
    <p class="govuk-body">
      <progress max={100} value={progress} aria-label="History read">
        {`${progress}%`}
      </progress>
      <br />
      {`${progress}% read`}
    </p>
  </>
);

const WhatNarrows = (): Element => (
  <>
    <p class="govuk-body">It was cancelled, so that it does not slow down other users. To make it faster:</p>
    <ul class="govuk-list govuk-list--bullet">
      <li>add a filter, such as a body, a status or a deadline</li>
      <li>search for less common words, or a phrase in quotes</li>
      <li>choose a shorter date range, with a start and an end date</li>
      <li>view the current state instead of a past date</li>
    </ul>
  </>
);

const NotFound = (): Element => (
  <>
    <p class="govuk-body">If you typed the web address, check it is correct.</p>
    <p class="govuk-body">
      You can only see {RECORD.plural} that you have access to. This {RECORD.singular} may be for a different
      body.
    </p>
  </>
);

function NextStep({ code, problem, address, publicUrl }: ProblemOptions): Element | null {
  if (code === FOREIGN_HOST)
    return publicUrl === null ? null : (
      <p class="govuk-body">
        <Link href={publicUrl}>Go to {publicUrl}</Link>
      </p>
    );
  if (problem.status === 401)
    return (
      <p class="govuk-body">
        <Link href={signInAddress('/')}>Sign in</Link>
      </p>
    );
  if (problem.status === 404 && isOfThePast(address))
    return (
      <p class="govuk-body">
        <Link href={addressOfOurs(address.replace(/\?.*/s, ''))}>Show the current state</Link>
      </p>
    );
  if (problem.status === 503)
    return (
      <p class="govuk-body">
        <Link href={addressOfOurs(address)}>Try again</Link>
      </p>
    );
  return (
    <p class="govuk-body">
      <Link href={listPath(kinds.all[0] as RecordKind)}>Find {withArticle(RECORD.singular)}</Link>
    </p>
  );
}
