import type { TimelineItem } from '#read-models/timeline/timeline';
import type { ErasableEvent } from '#use-cases/records/see-redaction';
import { Button, Link } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { Radios } from '../components/choices.tsx';
import { smallLegend } from '../components/fields.tsx';
import { SummaryList, WarningText } from '../components/blocks.tsx';
import { longDate } from '../dates.ts';
import { errorAt } from '../forms/form-errors.ts';
import type { FormError } from '../forms/form-errors.ts';
import { valueWords } from '../member-values.tsx';
import { bodyName } from '../names.ts';
import { countWords, REDACTED, stateTitle, cut } from '../words.ts';
import { commandAddress } from './see-subject.ts';
import type { SeenForm } from './see-subject.ts';
import type { RecordKind } from '#lifecycle/kind';
import { headlineOf, whenOf, whoOf } from '../record/entry-view.tsx';

/** A GET form drops the query of its action, so the return address is a hidden field. */
const FromField = ({ form: { from } }: { readonly form: SeenForm }): Element | null =>
  from === undefined ? null : <input type="hidden" name="from" value={from} />;

/** The record that replaces this one. */
export function OtherShown({ form: { other } }: { readonly form: SeenForm }): Element | null {
  if (other === null) return null;
  return (
    <SummaryList
      rows={[
        { key: 'Replaced by', value: other.title ?? REDACTED },
        { key: 'Reference', value: other.id },
        { key: 'Body', value: other.recipient === null ? 'Not set' : bodyName(other.recipient) },
        { key: 'Status', value: stateTitle(other.status) },
        {
          key: 'Deadlines',
          value: other.deadlines.map(({ dueOn }) => longDate(dueOn)).join('; ') || 'None',
        },
      ]}
    />
  );
}

const SHOWN_MAX = 50;

/** Returns the choice of an event that must be made before the form is shown; null if none is needed. */
export function toChoose(seen: SeenForm): ToChoose | null {
  const { form, redaction, timeline, chosen } = seen;
  const first = form.first && {
    ...form.first,
    events: timeline
      .filter(({ eventId }) => form.first?.eventIds.includes(eventId))
      .map((item) => ({ ...item, pointers: [] })),
  };
  const choice = redaction === null ? first : { ...ERASED, events: redaction.events };
  const isChosen = choice?.events.some(({ eventId }) => eventId === chosen.text(choice.member)) ?? true;
  return isChosen ? null : (choice ?? null);
}

interface ToChoose {
  readonly member: string;
  /** In stream order. */
  readonly events: readonly ErasableEvent[];
  readonly legend: string;
  readonly none: string;
}

const ERASED = {
  member: 'eventId',
  legend: 'Which text do you want to erase?',
  none: 'There is no text that you can erase.',
};

interface ChooseOptions {
  readonly form: SeenForm;
  readonly errors: readonly FormError[];
  readonly choice: ToChoose;
}

export function ChooseEvent({ form, errors, choice }: ChooseOptions): Element {
  const { member, events: all, legend, none } = choice;
  const byId = new Map(form.timeline.map((item) => [item.eventId, item]));
  const before = Number(form.chosen.get('before') ?? Infinity);
  const events = all.filter(({ version }) => version < before).toReversed();
  const shown = events.slice(0, SHOWN_MAX);
  if (shown.length === 0) return <p class="govuk-body">{none}</p>;
  return (
    <form method="get" action={commandAddress(form, form.command)}>
      <FromField form={form} />
      <Radios
        name={member}
        fieldset={smallLegend(legend)}
        errorMessage={errorAt(errors, member)}
        items={shown.map((event) => choiceOf(event, byId.get(event.eventId)))}
      />
      <div class="govuk-button-group">
        <Button>Continue</Button>
        {events.length > shown.length && (
          <Link href={olderThan(form, shown.at(-1)?.version ?? 1)}>Older entries</Link>
        )}
      </div>
    </form>
  );
}

function olderThan({ from }: SeenForm, version: number): string {
  const query = new URLSearchParams({ before: String(version), ...(from !== undefined && { from }) });
  return `?${query.toString()}`;
}

function choiceOf(
  { eventId, type, pointers }: ErasableEvent,
  item: TimelineItem | undefined,
): { readonly value: string; readonly content: string; readonly hint: string } {
  const excerpt = item?.text == null ? pointers.map(valueWords).join(', ') : cut(item.text, BEGINNING);
  const hint = item === undefined ? excerpt : `${longDate(item.effectiveOn)}: ${excerpt}`;
  return { value: eventId, content: item?.headline ?? type, hint };
}

const BEGINNING = 120;

/** Warns what a redaction erases, because it cannot be undone. */
export function Consequences({ form }: { readonly form: SeenForm }): Element {
  const { timeline, chosen, redaction } = form;
  const item = timeline.find(({ eventId }) => eventId === chosen.text('eventId'));
  const erasedWith = redaction?.erasedWith ?? [];
  return (
    <>
      <WarningText>
        The text will be permanently removed from the history, searches and exports. It cannot be restored.
      </WarningText>
      <h2 class="govuk-heading-m">The text</h2>
      {item === undefined ? (
        <p class="govuk-body">The history does not show this event.</p>
      ) : (
        <BriefEvent item={item} kind={form.reference.kind} />
      )}
      <p class="govuk-body">
        The history still shows that a text was written, when and by whom, and the reason that you enter.
      </p>
      <h2 class="govuk-heading-m">Other places with this text</h2>
      <GoesToo form={form} erasedWith={erasedWith} />
    </>
  );
}

function GoesToo({
  form,
  erasedWith,
}: {
  readonly form: SeenForm;
  readonly erasedWith: readonly ErasableEvent[];
}): Element {
  if (erasedWith.length === 0)
    return <p class="govuk-body">This text does not appear anywhere else in this record.</p>;
  const byId = new Map(form.timeline.map((item) => [item.eventId, item]));
  return (
    <>
      <p class="govuk-body">
        {`The text is also in ${countWords(erasedWith.length, 'other event')}. If you erase all of it, the following will also be erased:`}
      </p>
      <ul class="govuk-list govuk-list--bullet">
        {erasedWith.map(({ eventId, type, version, pointers }) => (
          <li>
            {`${byId.get(eventId)?.headline ?? type} (event ${version}): ${pointers.map(valueWords).join(', ')}`}
          </li>
        ))}
      </ul>
    </>
  );
}

export const BriefEvents = ({
  items,
  kind,
}: {
  readonly items: readonly TimelineItem[];
  readonly kind: RecordKind;
}): Element => (
  <ul class="govuk-list docket-events">
    {items.map((item) => (
      <li>
        <BriefEvent item={item} kind={kind} />
      </li>
    ))}
  </ul>
);

function BriefEvent({ item, kind }: { readonly item: TimelineItem; readonly kind: RecordKind }): Element {
  const { text, visibility, evidence = [] } = item;
  return (
    <>
      <p class="govuk-body govuk-!-margin-bottom-1">
        <strong>{headlineOf(item)}</strong>
        {visibility === 'internal' && ' (internal)'}
      </p>
      <div class="govuk-hint govuk-!-margin-bottom-1">
        {whoOf(item, kind)}
        <br />
        {whenOf(item)}
      </div>
      {evidence.length > 0 && (
        <ul class="govuk-list govuk-list--bullet">
          {evidence.map((name) => (
            <li>{name ?? REDACTED}</li>
          ))}
        </ul>
      )}
      {text !== undefined && <p class="govuk-body docket-text">{text ?? REDACTED}</p>}
    </>
  );
}
