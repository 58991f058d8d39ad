import type { Days, SeenHistory } from '#use-cases/records/see-history';
import { PARAMETER_MESSAGES } from '#use-cases/parameter-messages';
import { Button, Link } from '../components/button.tsx';
import { Input } from '../components/fields.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import type { ListProblems } from '../lists/list-address.ts';
import type { Position } from '../record/record-addresses.ts';
import type { ShownRecord } from '../record/shown-page.ts';

/** The fields of the history's forms. */
export const FIELDS = ['version', 'effectiveOn', 'knownAt', 'since', 'until'] as const;
type FieldName = (typeof FIELDS)[number];

/** What was typed, with the problems. */
export interface RefusedPosition {
  readonly typed: Readonly<Record<FieldName, string | undefined>>;
  readonly problems: ListProblems;
}

export interface Replayed {
  readonly shown: ShownRecord;
  readonly seen: SeenHistory;
  readonly position: Position;
  /** The days whose events are listed. */
  readonly days: Days;
  /** Null if the position is valid. */
  readonly refused: RefusedPosition | null;
  /** The event whose details are open. */
  readonly at: number | null;
}

/** Forms to move by event and along both axes of time, and to list the events between two days. */
export const ReplayControls = (replayed: Replayed): Element => (
  <section class="docket-replay docket-not-on-paper" aria-labelledby="position">
    <h2 class="govuk-heading-m" id="position">
      Step through the history
    </h2>
    <EventForm {...replayed} />
    <Form {...replayed} button="Show the record">
      <Field of="effectiveOn" label="As at the end of" hint={DATE_HINT} {...replayed} />
      <Field
        of="knownAt"
        label="As recorded by"
        hint={`Shows only what was recorded by the end of this day. ${DATE_HINT}`}
        {...replayed}
      />
    </Form>
    <Form {...replayed} button="Show the events">
      <Field of="since" label="Events from" hint={DATE_HINT} {...replayed} />
      <Field of="until" label="Events to" hint={DATE_HINT} {...replayed} />
    </Form>
  </section>
);

const DATE_HINT = 'For example, 15 June 2016';

function EventForm(replayed: Replayed): Element {
  const { shown, seen } = replayed;
  const { version: at } = seen.record;
  const to = (version: number, words: string) =>
    version >= 1 &&
    version <= seen.last && (
      <Link href={shown.addresses.replay({ version })}>{`${words}: event ${version}`}</Link>
    );
  return (
    <div>
      <Form {...replayed} button="Show the record">
        <Input
          name="version"
          label={`Event number (1 to ${seen.last})`}
          classes="govuk-input--width-5"
          inputmode="numeric"
          value={replayed.refused?.typed.version ?? at}
          errorMessage={refusalOf('version', replayed)}
        />
      </Form>
      <nav class="docket-replay__steps" aria-label="Events">
        {to(at - 1, 'Previous event')}
        {to(at + 1, 'Next event')}
      </nav>
    </div>
  );
}

const Field = ({
  of,
  label,
  hint,
  ...replayed
}: Replayed & { readonly of: FieldName; readonly label: string; readonly hint: string }): Element => (
  <Input
    name={of}
    label={label}
    hint={hint}
    classes="govuk-input--width-20"
    spellcheck={false}
    autocapitalize="none"
    value={replayed.refused?.typed[of] ?? { ...replayed.position, ...replayed.days }[of]}
    errorMessage={refusalOf(of, replayed)}
  />
);

/** A GET form drops the query of its action, so `from` is a hidden field. */
function Form({
  shown,
  button,
  children,
}: Pick<Replayed, 'shown'> & { readonly button: string; readonly children: Content }): Element {
  const { pathname, searchParams } = new URL(shown.addresses.replay({}), 'http://here.invalid');
  const from = searchParams.get('from');
  return (
    <form method="get" action={pathname} class="docket-replay__row">
      {children}
      {from !== null && <input type="hidden" name="from" value={from} />}
      <Button classes="govuk-button--secondary">{button}</Button>
    </form>
  );
}

export const EVENT_OR_DATE = 'Enter an event number or a date, not both';
export const DAYS_IN_ORDER = 'The last day must be the first day or later';

/** Returns the error of a field, if any. */
export function refusalOf(name: string, { refused, seen }: Replayed): string | undefined {
  const problem = refused?.problems.find(({ pointer }) => pointer === `/${name}`);
  if (problem === undefined) return undefined;
  if (problem.detail === EVENT_OR_DATE || problem.detail === DAYS_IN_ORDER) return problem.detail;
  if (problem.detail === PARAMETER_MESSAGES.future) return 'The date must be today or in the past';
  if (name === 'version') return `Enter an event number between 1 and ${seen.last}`;
  if (name !== 'knownAt') return 'Enter a real date, like 15 June 2016';
  return 'Enter a date, like 15 June 2016, or a date and time, like 2016-06-15T14:05:00Z';
}
