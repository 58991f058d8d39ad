import type { OutboxItem } from '#notifications/outbox/outbox-list';
import { STORES } from '#platform/stores';
import type { ProjectionStatus } from '#projections/projection-status';
import type { OperationsSeen } from '../../see-operations.ts';
import { Button, Link } from '../components/button.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { SummaryList, WarningText } from '../components/blocks.tsx';
import { longDate, longInstant } from '../dates.ts';
import { StackedTable } from '../lists/stacked-table.tsx';
import { Mark } from '../forms/post-form.tsx';
import { countWords, formatCount } from '../words.ts';
import { FormValues } from '../form-values.ts';
import { EnterPersonForm } from './enter-person-view.tsx';
import { Messages } from './messages-view.tsx';
import { Address, Heading, sizeWords } from './parts.tsx';

interface OperationsOptions {
  readonly seen: OperationsSeen;
  readonly projections: readonly ProjectionStatus[];
  /** The newest messages that failed for good, and those still to be delivered. */
  readonly dead: readonly OutboxItem[];
  readonly waiting: readonly OutboxItem[];
}

export const OperationsView = ({ seen, projections, dead, waiting }: OperationsOptions): Element => (
  <>
    <h1 class="govuk-heading-l">Operations</h1>
    <Clock clock={seen.clock} />
    <Store seen={seen} />
    <ReadModels projections={projections} />
    <Sweeps sweep={seen.sweep} />
    <Messages outbox={seen.outbox} dead={dead} waiting={waiting} />
    <Checkpoints checkpoints={seen.checkpoints} />
    <Heading id="people">People</Heading>
    <EnterPersonForm values={new FormValues()} errors={[]} />
    <Processes processes={seen.processes} />
    <Errors errors={seen.errors} />
  </>
);

const Store = ({ seen: { store, readModels } }: Pick<OperationsOptions, 'seen'>): Element => (
  <>
    <Heading id="store">Store</Heading>
    <SummaryList
      rows={[
        { key: 'Kind', value: STORES[store.kind].words },
        { key: 'Address', value: <Address of={store.address} /> },
        { key: 'Size', value: sizeWords(store.bytes) },
        { key: 'Last position', value: store.position },
        { key: 'Read models', value: <Address of={readModels.address} /> },
        { key: 'Size of the read models', value: sizeWords(readModels.bytes) },
      ]}
    />
  </>
);

/** A button with its explanation, which screen readers announce with it. */
const ExplainedAction = (props: {
  readonly action: string;
  readonly id: string;
  readonly explanation: string;
  readonly children: string;
}): Element => (
  <form method="post" action={props.action}>
    <Mark />
    <p class="govuk-body" id={props.id}>
      {props.explanation}
    </p>
    <Button
      classes="govuk-button--secondary"
      attributes={{ 'aria-describedby': props.id }}
      preventDoubleClick
    >
      {props.children}
    </Button>
  </form>
);

/** Shown only while the clock is not trusted. */
const Clock = ({ clock: { now, jump } }: Pick<OperationsSeen, 'clock'>): Content =>
  jump !== null && (
    <>
      <Heading id="clock">Clock</Heading>
      <WarningText>{jump}</WarningText>
      <ExplainedAction
        action="/operations/clock"
        id="clock-does"
        explanation={`Confirm only if the time is now ${longInstant(now)}. This is recorded in your name. From then on, everything is recorded with this clock.`}
      >
        Confirm the clock
      </ExplainedAction>
    </>
  );

const sweptWords = (last: OperationsSeen['sweep']['last']): string => {
  if (last === null) return 'Never';
  const at = longInstant(last.finishedAt);
  return last.failed
    ? `${at}: it failed. See the process’s log`
    : `${at}: ${countWords(last.recorded, 'event')} recorded`;
};

const Sweeps = ({ sweep }: Pick<OperationsSeen, 'sweep'>): Element => (
  <>
    <Heading id="sweeps">Deadline sweeps</Heading>
    <SummaryList
      rows={[
        { key: 'Last run', value: sweptWords(sweep.last) },
        { key: 'Covered up to', value: sweep.last?.coveredTo ? longDate(sweep.last.coveredTo) : 'None yet' },
        { key: 'Days not covered', value: sweep.lagDays === null ? 'Not known' : String(sweep.lagDays) },
        {
          key: 'Next run',
          value: sweep.nextRun === null ? 'Not scheduled in this process' : longInstant(sweep.nextRun),
        },
      ]}
    />
    {sweep.nextRun !== null && (
      <ExplainedAction
        action="/operations/sweep"
        id="sweep-does"
        explanation="Records deadlines that are approaching, overdue or long overdue, and notifies people. It starts immediately."
      >
        Run a deadline sweep
      </ExplainedAction>
    )}
  </>
);

const Checkpoints = ({ checkpoints }: Pick<OperationsSeen, 'checkpoints'>): Element => {
  const { size, lookedAt, refusal } = checkpoints;
  return (
    <>
      <Heading id="checkpoints">Checkpoints</Heading>
      {refusal !== null && <WarningText>{`The log is not signed: ${refusal}`}</WarningText>}
      <SummaryList
        rows={[
          { key: 'Signed so far', value: size === null ? 'Nothing' : countWords(Number(size), 'event') },
          {
            key: 'Last checked by this process',
            value: lookedAt === null ? 'Never' : longInstant(lookedAt),
          },
        ]}
      />
      <ExplainedAction
        action="/operations/checkpoints"
        id="sign-does"
        explanation="Signs the log if there are new events, and records the signature in the log permanently."
      >
        Sign the log
      </ExplainedAction>
    </>
  );
};

const KINDS: Readonly<Record<string, string>> = { server: 'Service', scheduler: 'Scheduler' };

const Processes = ({ processes }: Pick<OperationsSeen, 'processes'>): Element => (
  <>
    <Heading id="processes">Processes</Heading>
    <StackedTable
      caption="Processes that use these read models"
      none="No process has reported yet."
      columns={['Process', 'Kind', 'Version', 'Started', 'Status']}
      rows={processes.map(({ host, pid, kind, version, since, lastSeen, isHeardOf }) => [
        `${host}, process ${pid}`,
        KINDS[kind] ?? kind,
        version,
        longInstant(since),
        isHeardOf ? 'Running' : `No report since ${longInstant(lastSeen)}`,
      ])}
    />
  </>
);

const Errors = ({ errors }: Pick<OperationsSeen, 'errors'>): Element => (
  <>
    <Heading id="errors">Recent errors in this process</Heading>
    <p class="govuk-body">For details, search the process’s log for the correlation ID.</p>
    <StackedTable
      caption="Errors, newest first"
      none="None since it started."
      columns={['When', 'Error', 'Where', 'Correlation ID']}
      rows={errors.map(({ at, name, code, route, projection, correlationId }) => [
        longInstant(at),
        [name, code].filter((each) => each !== null).join(', ') || 'Unnamed error',
        route ?? projection ?? 'In the background',
        correlationId === null ? 'None' : <Address of={correlationId} />,
      ])}
    />
  </>
);

/** Requests confirmation before a rebuild. */
export const ConfirmRebuild = ({ name }: { readonly name: string }): Element => (
  <>
    <h1 class="govuk-heading-l">{`Rebuild ${name}`}</h1>
    <p class="govuk-body">
      All events in the log are applied to a new copy of the read model. The copy is compared with the current
      rows and then replaces them, even if they differ.
    </p>
    <p class="govuk-body">
      The service stays available. If the log is long, a rebuild can take several minutes. It uses one
      processor, and as much extra disk space as the read model.
    </p>
    <form method="post" action={`/operations/read-models/${encodeURIComponent(name)}/rebuild`}>
      <Mark />
      <Button preventDoubleClick>Rebuild the read model</Button>
    </form>
    <p class="govuk-body">
      <Link href="/operations#read-models">Cancel</Link>
    </p>
  </>
);

const isRebuilding = ({ state, rebuildRequested, rebuild }: ProjectionStatus): boolean =>
  state !== 'stuck' && (rebuildRequested === true || rebuild !== undefined);

/** The read models. A running rebuild is refreshed by script, or by a link. */
function ReadModels({ projections }: { readonly projections: readonly ProjectionStatus[] }): Element {
  const isAnyRebuilding = projections.some(isRebuilding);
  return (
    <section
      id="read-models"
      data-goes-on={isAnyRebuilding ? '' : undefined}
      aria-labelledby="read-models-heading"
    >
      <h2 class="govuk-heading-m" id="read-models-heading">
        Read models
      </h2>
      <p class="govuk-body">
        Lists, searches and statistics use read models. You can rebuild each of them from the log. Docket asks
        you to confirm first.
      </p>
      {isAnyRebuilding && (
        <p class="govuk-body">
          {'A rebuild is running. '}
          <Link href="/operations#read-models">Refresh the progress</Link>
        </p>
      )}
      <StackedTable
        caption="Read models"
        columns={['Name', 'Version', 'State', 'Behind the log', 'Last rebuild', 'Rebuild']}
        rows={projections.map((each) => [
          each.name,
          String(each.version),
          stateWords(each),
          countWords(each.lag, 'event'),
          lastWords(each),
          <Link
            href={`/operations/read-models/${encodeURIComponent(each.name)}/rebuild`}
            about={` ${each.name}`}
          >
            Rebuild
          </Link>,
        ])}
      />
    </section>
  );
}

function stateWords({ state, error, lag, rebuild, rebuildRequested }: ProjectionStatus): string {
  const why = error === undefined ? '' : `: ${error.detail}`;
  if (state === 'stuck') return `Stopped at the event at position ${error?.position ?? 'unknown'}${why}`;
  if (rebuild !== undefined) return `Being rebuilt: ${progressWords(rebuild)}`;
  if (rebuildRequested === true) return 'Rebuild requested';
  if (error !== undefined) return `Running; the last rebuild failed${why}`;
  return lag === 0 ? 'Up to date' : 'Catching up';
}

function progressWords({ events, total }: NonNullable<ProjectionStatus['rebuild']>): string {
  const percentage = total === 0 ? 100 : Math.floor((100 * events) / total);
  return `${formatCount(events)} of ${countWords(total, 'event')} applied, ${percentage}%`;
}

/** Formats the comparison of the last rebuild with the data that it replaced. */
function lastWords({ lastRebuild }: ProjectionStatus): string {
  if (lastRebuild === undefined) return 'None yet';
  const at = longInstant(lastRebuild.at);
  if (lastRebuild.result === 'equal') return `${at}: no differences`;
  if (lastRebuild.result === 'not-comparable') return `${at}: not compared, because ${lastRebuild.reason}`;
  const tables = lastRebuild.differences.map(({ table, missing, extra, changed }) => {
    return `${table}: ${missing} missing, ${extra} extra, ${changed} changed`;
  });
  return `${at}: with differences. ${tables.join('; ')}`;
}
