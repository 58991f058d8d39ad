/**
 * The whole history of a record, with a client generated from the OpenAPI document, as another organisation's program.
 * It is compiled as strictly as this project, and prints its results for `generated-client.long.spec.ts`.
 */
import { createClient } from './client/client/index.js';
import * as docket from './client/index.js';
import type { Envelope, Problem } from './client/index.js';

const { DOCKET_URL: baseUrl = '', DOCKET_TOKENS: tokens = '{}' } = process.env;
const tokenOf = JSON.parse(tokens) as { readonly [name: string]: string | undefined };
const clientOf = (name: string) => createClient({ baseUrl, auth: () => tokenOf[name] });
const [ann, ben, forceLead] = [clientOf('ann'), clientOf('ben'), clientOf('forceLead')];

/** Returns a response's data, or throws an error with its problem. */
function dataOf<Data>(answer: {
  readonly data?: Data | undefined;
  readonly error?: Problem | undefined;
}): Data {
  if (answer.error !== undefined) throw new Error(`${answer.error.type}: ${answer.error.detail}`);
  if (answer.data === undefined) throw new Error('There was neither an answer nor a problem');
  return answer.data;
}

/** Returns advice about a problem; the compiler checks that every one is handled. */
function advice(problem: Problem | undefined): string {
  if (problem === undefined) return 'none';
  switch (problem.type) {
    case 'urn:docket:problem:invalid-payload':
      return `mend ${(problem.errors ?? []).map(({ pointer }) => pointer).join(', ')}`;
    case 'urn:docket:problem:version-mismatch':
      return `read version ${problem.currentVersion ?? '?'} again`;
    case 'urn:docket:problem:command-not-allowed':
      return `do one of ${(problem.allowedCommands ?? []).join(', ')}`;
    case 'urn:docket:problem:separation-of-duties':
      return 'ask another person';
    default:
      return problem.detail;
  }
}

/** Returns an event in words. Its data depend on its type. */
function sentence(event: Envelope): string {
  switch (event.type) {
    case 'CommentAdded':
      return `${event.data.visibility}: ${event.data.text ?? '(erased)'}`;
    case 'DeadlineSet':
      return `due ${event.data.dueOn}`;
    case 'EvidenceSubmitted':
      return event.data.items
        .map(({ name, sha256 }) => `${name ?? '(erased)'} ${sha256.slice(0, 4)}`)
        .join(', ');
    case 'RecommendationCompleted':
      return `decided on ${(event.data.decides ?? []).length}`;
    default:
      return event.type;
  }
}

const path = { id: 'generated' };
const problems: string[] = [];

const issued = dataOf(
  await docket.issue({
    client: ann,
    headers: { 'Idempotency-Key': 'issue-generated' },
    body: {
      id: path.id,
      title: 'Custody records',
      text: 'The force should keep custody records.',
      recipients: ['avon'],
      report: { name: 'PEEL 2026', publishedOn: '2026-01-05' },
      deadlines: [{ dueOn: '2099-06-30' }],
    },
  }),
);
const invalid = await docket.issue({
  client: ann,
  body: { title: ' ', text: '', recipients: [], report: { name: 'x', publishedOn: 'y' } },
});
problems.push(advice(invalid.error));

dataOf(
  await docket.addComment({
    client: ann,
    path,
    body: { text: 'All forces were asked.', visibility: 'public' },
  }),
);
dataOf(await docket.addComment({ client: ann, path, body: { text: 'Ann is ill.', visibility: 'internal' } }));
const progress = dataOf(await docket.startProgress({ client: ann, path, headers: { 'If-Match': '"4"' } }));
const late = await docket.returnToReview({
  client: ann,
  path,
  headers: { 'If-Match': '"4"' },
  body: { reason: 'Too early.' },
});
problems.push(advice(late.error));

const evidence = { name: 'records.pdf', sha256: 'a'.repeat(64), mediaType: 'application/pdf' };
dataOf(await docket.submitEvidence({ client: forceLead, path, body: { items: [evidence] } }));
const waiting = dataOf(await docket.record({ client: ann, path }));
const { evidence: submitted } = waiting.pending;
dataOf(
  await docket.acceptEvidence({ client: ann, path, body: submitted ? { decides: submitted.decides } : {} }),
);
const early = await docket.approveClosure({ client: ben, path, body: { statement: 'Done.' } });
problems.push(advice(early.error));
dataOf(await docket.requestClosure({ client: ann, path, body: { statement: 'The records are kept.' } }));
const alone = await docket.approveClosure({ client: ann, path, body: { statement: 'Done.' } });
problems.push(advice(alone.error));

const mayDo = dataOf(await docket.recordCommands({ client: ben, path }));
const closing = mayDo.commands.find(({ command }) => command === 'approve-closure');
const closed = dataOf(await docket.approveClosure({ client: ben, path, body: { statement: 'They are.' } }));

const query = {
  status: ['complete' as const],
  recipient: ['avon'],
  sort: '-updatedOn' as const,
  minPosition: closed.position,
};
const listed = dataOf(await docket.list({ client: forceLead, query }));
const open = dataOf(
  await docket.list({
    client: forceLead,
    query: { ...query, status: ['awaiting-review', 'being-progressed'] },
  }),
);
const due = dataOf(await docket.deadlines({ client: ann, query: { state: 'settled', recipient: 'avon' } }));
const counted = dataOf(await docket.statistics({ client: ann }));
const series = dataOf(
  await docket.series({ client: ann, query: { interval: 'year', from: '2026-01-01', to: '2026-12-31' } }),
);
const asIssued = dataOf(await docket.record({ client: ann, path, query: { effectiveOn: '2026-01-05' } }));
const tooEarly = await docket.record({ client: ann, path, query: { effectiveOn: '2026-01-04' } });
problems.push(advice(tooEarly.error));

const compared = dataOf(
  await docket.compare({ client: forceLead, path, query: { from: 'v5', to: `v${closed.version}` } }),
);

const { items, next } = dataOf(await docket.recordEvents({ client: ann, path, query: { limit: 100 } }));
const timeline = dataOf(await docket.timeline({ client: forceLead, path }));
const chart = dataOf(await docket.statechart({ client: ann, path, headers: { Accept: 'application/json' } }));

// This record of another kind has the same id and events of the same type.
const locker = { place: 'Cell 4', contents: 'A wallet.', nextCheck: '2099-06-30' };
const registered = dataOf(await docket.lockerIssue({ client: ann, body: { ...locker, id: path.id } }));
const comment = { text: 'She came.', visibility: 'public' } as const;
dataOf(await docket.lockerAddComment({ client: ben, path, body: comment }));
const emptied = dataOf(await docket.lockerEmptyLocker({ client: ann, path, body: {} }));
const history = dataOf(await docket.lockerRecordEvents({ client: ann, path }));
const lockers = dataOf(await docket.lockerList({ client: ben, query: { minPosition: emptied.position } }));
const me = dataOf(await docket.me({ client: forceLead }));

process.stdout.write(
  JSON.stringify({
    issued: issued.recommendations.map(({ id, version, status }) => ({ id, version, status })),
    progress: progress.state.progress,
    canClose: closing?.allowed === true && closing.because.length === 0,
    closed: { status: closed.status, closure: closed.state.closure, deadline: closed.state.deadline },
    listed: listed.items.map(({ id, title, status }) => ({ id, title, status })),
    open: open.items.length,
    due: due.items.map(({ dueOn, daysLeft }) => ({ dueOn, daysLeft })),
    counted: [counted.byStatus.complete, counted.byAge['0-30'], series.items[0]?.byStatus.complete],
    asIssued: { status: asIssued.status, deadlines: asIssued.deadlines.map(({ state }) => state) },
    compared: compared.changes.map(
      ({ path: of, before, after }) => `${of}: ${String(before)} → ${String(after)}`,
    ),
    events: items.map(sentence),
    next,
    timeline: timeline.items.map(({ headline }) => headline),
    chart:
      typeof chart === 'string' ? chart : chart.regions.map(({ region, current }) => `${region} ${current}`),
    locker: {
      registered: registered.lockers.map(({ version }) => version),
      events: history.items.map(sentence),
      listed: lockers.items.map(({ id, status }) => ({ id, status })),
    },
    me: { subject: me.subject, organisations: me.organisations },
    problems,
  }),
);
