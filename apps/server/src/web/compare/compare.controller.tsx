import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { isNoVersionMessage, PARAMETER_MESSAGES } from '#use-cases/parameter-messages';
import { problemOf } from '#use-cases/problems';
import { compareRecord, compareRecords } from '#use-cases/records/compare-points';
import type { Comparison } from '#use-cases/records/compare-points';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { visibleState } from '#use-cases/records/visible-record';
import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { withArticle } from '#lifecycle/words';
import { identityOf } from '../../api/authentication.ts';
import { waitForRecord } from '../../api/fresh-reads.ts';
import { pointOf } from '../../api/request-values.ts';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { RECORDS } from '../../parts.ts';
import { withTypedDates, longDate, longInstant } from '../dates.ts';
import { parseOrRedirect, listProblems } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import { sendPage } from '../send-page.tsx';
import { breadcrumbFor } from '../page-paths.ts';
import { recordName, countWords, lowerFirst, moveTitle } from '../words.ts';
import type { JsonValue } from '#event-sourcing/envelope';
import { isPlainDate } from '#lifecycle/plain-date';
import { Button, Link } from '../components/button.tsx';
import { ErrorSummary } from '../components/blocks.tsx';
import { Input } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import { StackedTable } from '../lists/stacked-table.tsx';
import { idsOfItems, memberWords, valueWords, WordChanges } from './member-words.tsx';

const POINT_WORDS = { from: 'earlier', to: 'later' } as const;

/** Replaces an API message with the error of a field. */
function inWords({ pointer, detail }: ListProblems[number]): ListProblems[number] {
  const point = `${pointer === '/from' ? POINT_WORDS.from : POINT_WORDS.to} point`;
  if (detail === PARAMETER_MESSAGES.order)
    return { pointer, detail: 'The earlier point must be before the later point' };
  if (detail === PARAMETER_MESSAGES.future)
    return { pointer, detail: `The ${point} must be today or in the past` };
  if (isNoVersionMessage(detail)) return { pointer, detail: `The ${point} must be an event of this record` };
  return { pointer, detail: `Enter a date, like 15 June 2016, or an event number for the ${point}` };
}

/** Parameters whose values are points. */
const POINTS = ['from', 'to', 'point'];

/** Compares two points of a record's history, or two records. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id/compare'))
export class ComparePage {
  readonly #access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories' | 'commands'>;

  constructor(@Inject(RECORDS) access: RecordsAccess) {
    this.#access = access;
  }

  @Get()
  async compare(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    const typed = await parseOrRedirect(request, reply, `${pathOf(record)}/compare`);
    if (typed === null) return;
    const params = withTypedDates(typed, POINTS);
    for (const name of POINTS) {
      const version = params.get(name);
      if (version !== null && /^\d{1,9}$/.test(version)) params.set(name, `v${version}`);
    }
    const viewer = identityOf(request);
    // Checks access first: errors in the points must not reveal a record.
    await visibleState(this.#access, viewer, record);
    await waitForRecord(request, this.#access, record);
    const selected = { from: params.get('from'), to: params.get('to'), with: params.get('with') };
    const found = await this.#compare(viewer, record, selected, request.server.clock.now());
    // A single point fills the form and compares nothing.
    const shown = { ...selected, from: selected.from ?? params.get('point') };
    const isRefused = found !== null && 'problems' in found;
    const addresses = new RecordAddresses(record, {});
    const page = {
      title: ['Compare', recordName(record)],
      section: record.kind.path,
      breadcrumbs: [breadcrumbFor(record.kind), { text: recordName(record), href: addresses.now }],
      isRefused,
      content: <CompareView {...{ record, selected: shown, found, addresses }} />,
    } as const;
    await sendPage(reply, page);
  }

  /** Null if nothing is compared yet. */
  async #compare(
    viewer: ReturnType<typeof identityOf>,
    record: RecordReference,
    selected: Compared['selected'],
    now: number,
  ): Promise<Found | null> {
    const { from, to, with: other } = selected;
    if (other !== null) return this.#beside(viewer, [record, { kind: record.kind, id: other }], now);
    if (from === null && to === null) return null;
    const missing = [['from', from] as const, ['to', to] as const].flatMap(([name, value]) =>
      value === null ? [{ pointer: `/${name}`, detail: `Enter the ${POINT_WORDS[name]} point` }] : [],
    );
    if (missing.length > 0) return { problems: missing };
    try {
      const points = { from: pointOf('from', from ?? '', now), to: pointOf('to', to ?? '', now), now };
      return await compareRecord(this.#access, viewer, record, points);
    } catch (error) {
      if (problemOf(error)?.code === 'not-found')
        return {
          problems: [
            { pointer: '/to', detail: 'The later point must be after the record was issued and recorded' },
          ],
        };
      return { problems: listProblems(error).map(inWords) };
    }
  }

  async #beside(
    viewer: ReturnType<typeof identityOf>,
    both: readonly [RecordReference, RecordReference],
    now: number,
  ): Promise<Found> {
    try {
      return { changes: await compareRecords(this.#access, viewer, both, now), events: [] };
    } catch (error) {
      if (problemOf(error)?.code !== 'not-found') throw error;
      return {
        problems: [
          {
            pointer: '/with',
            detail: `Enter the reference of ${withArticle(both[0].kind.noun.singular)} that you can see`,
          },
        ],
      };
    }
  }
}

/** The differences, or the errors of the fields. */
type Found = Comparison | { readonly problems: ListProblems };

interface Compared {
  readonly record: RecordReference;
  readonly selected: Readonly<Record<'from' | 'to' | 'with', string | null>>;
  /** Null if nothing is compared yet. */
  readonly found: Found | null;
  readonly addresses: RecordAddresses;
}

function CompareView(compared: Compared): Element {
  const { record, found } = compared;
  const problems = found !== null && 'problems' in found ? found.problems : [];
  return (
    <>
      <ErrorSummary
        errorList={problems.map(({ pointer, detail }) => ({ content: detail, href: `#${pointer.slice(1)}` }))}
      />
      <span class="govuk-caption-l docket-id">{record.id}</span>
      <h1 class="govuk-heading-l">Compare</h1>
      <Forms {...compared} problems={problems} />
      {found !== null && 'changes' in found && <Difference {...compared} found={found} />}
    </>
  );
}

const LABELS = { from: 'Earlier', to: 'Later', with: 'Reference of the other record' } as const;

const POINT_HINT =
  'Enter a date, like 15 June 2016, a date and time, like 2016-06-15T14:05:00Z, or an event number, like 3';

function Forms({ selected, addresses, problems }: Compared & { readonly problems: ListProblems }): Element {
  const field = (name: keyof typeof LABELS, hint?: string) => {
    const problem = problems.find(({ pointer }) => pointer === `/${name}`);
    return (
      <Input
        name={name}
        label={LABELS[name]}
        hint={hint}
        classes="govuk-input--width-20"
        value={selected[name] ?? undefined}
        spellcheck={false}
        autocapitalize="none"
        errorMessage={problem?.detail}
      />
    );
  };
  return (
    <div class="docket-replay docket-not-on-paper">
      <form method="get" action={addresses.compare()} class="docket-replay__form">
        <h2 class="govuk-heading-m">Compare two points in the history</h2>
        {field('from', POINT_HINT)}
        {field('to')}
        <Button classes="govuk-button--secondary">Compare the points</Button>
      </form>
      <form method="get" action={addresses.compare()} class="docket-replay__form">
        <h2 class="govuk-heading-m">Compare this record with another, both as they are now</h2>
        {field('with')}
        <Button classes="govuk-button--secondary">Compare the records</Button>
      </form>
    </div>
  );
}

function Difference({
  record,
  selected,
  found,
  addresses,
}: Compared & { readonly found: Comparison }): Element {
  const isOfTwo = selected.with !== null;
  const [before, after] = isOfTwo
    ? [recordName(record), recordName({ kind: record.kind, id: selected.with })]
    : [pointWords(selected.from), pointWords(selected.to)];
  // Title and text have sections of their own.
  const texts = found.changes.filter(({ path }) => path === 'title' || path === 'text');
  const named = new Set(found.changes.map(({ path }) => idsOfItems(path)));
  const listed = found.changes.filter(
    ({ path }) => !isOfItself(path, isOfTwo) && !isPlace(path) && !named.has(path),
  );
  const others = listed.filter((change) => !texts.includes(change));
  const isNew = !isOfTwo && found.changes.some(({ path, before: was }) => path === 'version' && was === null);
  const words = (path: string, value: JsonValue) =>
    isNew && value === null ? 'None' : valueWords(path, value);
  return (
    <>
      <h2 class="govuk-heading-m">Differences</h2>
      <p class="govuk-body">
        {listed.length === 0
          ? `There are no differences between ${lowerFirst(before)} and ${lowerFirst(after)}.`
          : 'Everything else is the same.'}
      </p>
      <Histories {...{ record, selected, addresses, names: [before, after] }} />
      {others.length > 0 && (
        <StackedTable
          caption="Differences"
          columns={['What', before, after]}
          rows={others.map(({ path, before: was, after: is }) => [
            <strong>{memberWords(path)}</strong>,
            words(path, was),
            words(path, is),
          ])}
        />
      )}
      {texts.map(({ path, before: was, after: is }) => (
        <section>
          <h2 class="govuk-heading-m">{memberWords(path)}</h2>
          {typeof was === 'string' && typeof is === 'string' ? (
            <WordChanges before={was} after={is} names={[before, after]} />
          ) : (
            <StackedTable
              caption={memberWords(path)}
              columns={[before, after]}
              rows={[[words(path, was), words(path, is)]]}
            />
          )}
        </section>
      ))}
      {found.events.length > 0 && <Between events={found.events} addresses={addresses} />}
    </>
  );
}

/** Links to the compared points in the history. */
function Histories({
  selected: { from, to, with: other },
  record,
  addresses,
  names,
}: Pick<Compared, 'selected' | 'record' | 'addresses'> & {
  readonly names: readonly [string, string];
}): Element {
  const links =
    other === null
      ? [historyAt(addresses, from), historyAt(addresses, to)]
      : [addresses.replay({}), new RecordAddresses({ kind: record.kind, id: other }, {}).replay({})];
  return (
    <ul class="govuk-list docket-not-on-paper">
      {links.map(
        (href, index) =>
          href !== null && (
            <li>
              <Link href={href}>
                {other === null
                  ? `The record ${lowerFirst(names[index] ?? '')}`
                  : `History of ${lowerFirst(names[index] ?? '')}`}
              </Link>
            </li>
          ),
      )}
    </ul>
  );
}

/** Null before the record was issued. */
function historyAt(addresses: RecordAddresses, point: string | null): string | null {
  const version = versionIn(point);
  if (version !== null) return version === 0 ? null : addresses.replay({ version }, {}, version);
  if (point === null) return null;
  return addresses.replay(isPlainDate(point) ? { effectiveOn: point } : { knownAt: point });
}

/** Positions of dates within a text are not compared. */
const isPlace = (path: string): boolean => path.includes('.source.');

/** These members always differ between two records. */
const isOfItself = (path: string, isOfTwo: boolean): boolean =>
  isOfTwo && (path === 'id' || path === 'version' || path.startsWith('pending.'));

/** Null if the point is a day or an instant. */
function versionIn(point: string | null): number | null {
  const [, version] = /^v(\d+)$/.exec(point ?? '') ?? [];
  return version === undefined ? null : Number(version);
}

function pointWords(point: string | null): string {
  const version = versionIn(point);
  if (version !== null) return version === 0 ? 'Before it was issued' : `After event ${version}`;
  if (point === null) return '';
  return isPlainDate(point) ? `At the end of ${longDate(point)}` : `As recorded by ${longInstant(point)}`;
}

/** The history lists all. */
const EVENTS_MAX = 100;

function Between({
  events,
  addresses,
}: {
  readonly events: Comparison['events'];
  readonly addresses: RecordAddresses;
}): Element {
  return (
    <section>
      <h2 class="govuk-heading-m">{countWords(events.length, 'event')} in between</h2>
      <ul class="govuk-list">
        {events.slice(0, EVENTS_MAX).map(({ version, type, effectiveOn }) => (
          <li>
            <Link href={addresses.replay({ version }, {}, version)}>Event {version}</Link>
            {`: ${moveTitle(type)}, effective ${longDate(effectiveOn)}`}
          </li>
        ))}
        {events.length > EVENTS_MAX && <li>and {events.length - EVENTS_MAX} more</li>}
      </ul>
    </section>
  );
}
