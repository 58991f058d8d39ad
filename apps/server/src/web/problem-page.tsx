import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SentProblem } from '../api/problems.ts';
import type { Element } from './components/macro-options.ts';
import { forPeople, rolesWanted } from './forms/for-people.ts';
import { signInAddress } from './page-paths.ts';
import { sendPage } from './send-page.tsx';

/** Answers with a problem as a page, with its code, so that it can be told, and a way forward. */
export async function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: SentProblem,
): Promise<void> {
  const heading = HEADINGS[problem.status] ?? problem.title;
  const content = <ProblemView heading={heading} problem={problem} request={request} />;
  await sendPage(request, reply, { title: [heading], content }, problem.status);
}

const HEADINGS: Readonly<Record<number, string>> = {
  401: 'Sign in to go on',
  404: 'Page not found',
  500: 'Sorry, there is a problem with the service',
  503: 'Sorry, the service is busy',
};

function ProblemView(given: {
  readonly heading: string;
  readonly problem: SentProblem;
  readonly request: FastifyRequest;
}): Element {
  const { heading, problem, request } = given;
  return (
    <>
      <h1 class="govuk-heading-l">{heading}</h1>
      <Told problem={problem} request={request} />
      <WayForward problem={problem} request={request} />
      <p class="govuk-body-s">
        If you ask for help, say: <code>{problem.type.split(':').at(-1)}</code>, <code>{request.id}</code>
      </p>
    </>
  );
}

function Told({ problem, request }: { problem: SentProblem; request: FastifyRequest }): Element {
  const { status, detail } = problem;
  if (status === 404) return isOfThePast(request) ? <NotThen /> : <NotFound />;
  return <p class="govuk-body">{rolesWanted(detail) === null ? `${detail}.` : forPeople(detail)}</p>;
}

/** Whether a view of the past is asked for. */
const isOfThePast = ({ url }: FastifyRequest): boolean => /[?&](?:effectiveOn|knownAt)=/.test(url);

/** It may be there now; whether it is, this does not tell. */
const NotThen = (): Element => (
  <p class="govuk-body">
    There was no such page in the view of the past that you ask for: a recommendation may have been issued
    later, or not been known yet.
  </p>
);

const NotFound = (): Element => (
  <>
    <p class="govuk-body">If you typed the address, check that it is right.</p>
    <p class="govuk-body">
      A recommendation can only be seen by those whom it concerns: it may be of another body than yours.
    </p>
  </>
);

function WayForward({ problem, request }: { problem: SentProblem; request: FastifyRequest }): Element {
  if (problem.status === 401)
    return (
      <p class="govuk-body">
        <a class="govuk-link" href={signInAddress('/')}>
          Sign in
        </a>
      </p>
    );
  if (problem.status === 404 && isOfThePast(request))
    return (
      <p class="govuk-body">
        <a class="govuk-link" href={request.url.replace(/\?.*/s, '')}>
          See it as it stands now
        </a>
      </p>
    );
  if (problem.status === 503)
    return (
      <p class="govuk-body">
        <a class="govuk-link" href={request.url}>
          Try again
        </a>
      </p>
    );
  return (
    <p class="govuk-body">
      <a class="govuk-link" href="/recommendations">
        Find a recommendation
      </a>
    </p>
  );
}
