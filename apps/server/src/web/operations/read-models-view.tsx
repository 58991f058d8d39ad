import type { ProjectionStatus } from '#projections/projection-status';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { longInstant } from '../dates.ts';
import { StackedTable } from '../lists/stacked-table.tsx';
import { countWords } from '../words.ts';

const isRebuilding = ({ state, rebuildRequested, rebuild }: ProjectionStatus): boolean =>
  state !== 'stuck' && (rebuildRequested === true || rebuild !== undefined);

/** The read models. A running rebuild is refreshed by script, or by a link. */
export function ReadModels({ projections }: { readonly projections: readonly ProjectionStatus[] }): Element {
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
  return `${events.toLocaleString('en-GB')} of ${countWords(total, 'event')} applied, ${percentage}%`;
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
