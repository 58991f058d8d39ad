import type { TimelineItem } from '#read-models/timeline/timeline';
import type { ErasableEvent } from '#use-cases/records/see-redaction';
import { Button } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { Radios } from '../components/radios.tsx';
import { SummaryList } from '../components/summary-list.tsx';
import { WarningText } from '../components/warning-text.tsx';
import { longDate } from '../dates.ts';
import { errorAt } from '../forms/form-errors.ts';
import type { FormError } from '../forms/form-errors.ts';
import { bodyName } from '../names.ts';
import { counted, REDACTED, stateTitle } from '../words.ts';
import { ownComments } from './command-fields.ts';
import type { Subject } from './command-fields.ts';
import { commandAddress } from './see-subject.ts';
import type { SeenForm } from './see-subject.ts';
import { ToldEvent } from './told-events.tsx';
import { valueWords } from './value-words.ts';

interface ChooseOptions {
  readonly form: SeenForm;
  readonly errors: readonly FormError[];
}

/** A form that asks takes nothing of its address with it. */
const WayBack = ({ form: { from } }: { readonly form: SeenForm }): Element | null =>
  from === undefined ? null : <input type="hidden" name="from" value={from} />;

/** The recommendation that takes the place of this one, by its title. */
export function SuccessorShown({ form }: { readonly form: SeenForm }): Element | null {
  const { successor } = form.subject;
  if (successor === null) return null;
  return (
    <SummaryList
      rows={[
        { key: 'Replaced by', value: successor.title ?? REDACTED },
        { key: 'Id', value: successor.id },
        { key: 'Body', value: successor.recipient === null ? 'None' : bodyName(successor.recipient) },
        { key: 'Status', value: stateTitle(successor.status) },
        {
          key: 'Deadlines',
          value: successor.deadlines.map(({ dueOn }) => longDate(dueOn)).join('; ') || 'None',
        },
      ]}
    />
  );
}

/** As many events as a list to choose from can hold. */
const SHOWN_MAX = 50;

/** Whether an event holds a text that is there to be erased. */
export const isErasable = (redaction: Subject['redaction'], eventId: string): boolean =>
  redaction?.events.some((event) => event.eventId === eventId) ?? false;

/** Which event's text is erased. */
export const ChooseText = ({ form, errors }: ChooseOptions): Element => (
  <ChooseEvent
    form={form}
    errors={errors}
    events={form.subject.redaction?.events ?? []}
    legend="Which text is to be erased?"
    none="There is no text here that can be erased."
  />
);

/** Which of their comments a person corrects. */
export const ChooseComment = ({ form, errors }: ChooseOptions): Element => (
  <ChooseEvent
    form={form}
    errors={errors}
    events={ownComments(form.subject).map((item) => ({ ...item, pointers: [] }))}
    legend="Which comment do you want to correct?"
    none="There is no comment of yours here that can be corrected."
  />
);

interface ChooseEventOptions extends ChooseOptions {
  /** In stream order. */
  readonly events: readonly ErasableEvent[];
  readonly legend: string;
  readonly none: string;
}

function ChooseEvent({ form, errors, events: all, legend, none }: ChooseEventOptions): Element {
  const told = new Map(form.subject.timeline.map((item) => [item.eventId, item]));
  const before = Number(form.subject.chosen.get('before') ?? Infinity);
  const events = all.filter(({ version }) => version < before).toReversed();
  const shown = events.slice(0, SHOWN_MAX);
  if (shown.length === 0) return <p class="govuk-body">{none}</p>;
  return (
    <form method="get" action={commandAddress(form, form.command)}>
      <WayBack form={form} />
      <Radios
        name="eventId"
        fieldset={{
          legend: { content: legend, classes: 'govuk-fieldset__legend--s' },
        }}
        errorMessage={errorAt(errors, 'eventId')}
        items={shown.map((event) => choiceOf(event, told.get(event.eventId)))}
      />
      <div class="govuk-button-group">
        <Button>Continue</Button>
        {events.length > shown.length && (
          <a class="govuk-link" href={olderThan(form, shown.at(-1)?.version ?? 1)}>
            Older texts
          </a>
        )}
      </div>
    </form>
  );
}

function olderThan({ from }: SeenForm, version: number): string {
  const query = new URLSearchParams({ before: String(version), ...(from !== undefined && { from }) });
  return `?${query.toString()}`;
}

/** An event to choose: what it is, since when it holds, and how its text begins. */
function choiceOf(
  { eventId, type, pointers }: ErasableEvent,
  item: TimelineItem | undefined,
): { readonly value: string; readonly content: string; readonly hint: string } {
  const said = beginning(item?.text) ?? pointers.map(valueWords).join(', ');
  const hint = item === undefined ? said : `${longDate(item.effectiveOn)}: ${said}`;
  return { value: eventId, content: item?.headline ?? type, hint };
}

const BEGINNING = 120;

const beginning = (text: string | null | undefined): string | null =>
  text === null || text === undefined
    ? null
    : text.length > BEGINNING
      ? `${text.slice(0, BEGINNING)}…`
      : text;

/** What a redaction does, before it is asked for: nothing brings a text back. */
export function Consequences({ form }: { readonly form: SeenForm }): Element {
  const { timeline, chosen, redaction } = form.subject;
  const item = timeline.find(({ eventId }) => eventId === chosen.text('eventId'));
  const goesToo = redaction?.goesToo ?? [];
  return (
    <>
      <WarningText>
        What is erased is gone for good, from the history, searches and exports. Nobody can bring it back.
      </WarningText>
      <h2 class="govuk-heading-m">The text</h2>
      {item === undefined ? (
        <p class="govuk-body">An event that the history does not show.</p>
      ) : (
        <ToldEvent item={item} />
      )}
      <p class="govuk-body">
        That something was written, when and by whom stays on record, and so does the reason that you give.
      </p>
      <h2 class="govuk-heading-m">What else goes with it</h2>
      <GoesToo subject={form.subject} goesToo={goesToo} />
    </>
  );
}

function GoesToo({
  subject,
  goesToo,
}: {
  readonly subject: Subject;
  readonly goesToo: NonNullable<Subject['redaction']>['goesToo'];
}): Element {
  if (goesToo.length === 0)
    return <p class="govuk-body">Nothing: it stands nowhere else in this recommendation.</p>;
  const told = new Map(subject.timeline.map((item) => [item.eventId, item]));
  return (
    <>
      <p class="govuk-body">
        {`It also stands in ${counted(goesToo.length, 'other event')}. If you erase all of it, this goes too:`}
      </p>
      <ul class="govuk-list govuk-list--bullet">
        {goesToo.map(({ eventId, type, version, pointers }) => (
          <li key={eventId}>
            {`${told.get(eventId)?.headline ?? type} (event ${version}): ${pointers.map(valueWords).join(', ')}`}
          </li>
        ))}
      </ul>
    </>
  );
}
