import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SentProblem } from '../api/problems.ts';
import type { Element } from './components/macro-options.ts';
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
      {problem.status === 404 ? <NotFound /> : <p class="govuk-body">{problem.detail}.</p>}
      <WayForward problem={problem} request={request} />
      <p class="govuk-body-s">
        If you ask for help, say: <code>{problem.type.split(':').at(-1)}</code>, <code>{request.id}</code>
      </p>
    </>
  );
}

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
