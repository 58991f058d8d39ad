import { dayNumber } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import type { Axis, DayAxis, SeenHistory } from '#use-cases/records/see-history';
import { Button, Link } from '../components/button.tsx';
import { Input } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import { longDate, longInstant } from '../dates.ts';
import type { Position } from '../record/record-addresses.ts';
import { PARAMETER_MESSAGES } from '#use-cases/parameter-messages';
import type { ListProblems } from '../lists/list-address.ts';
import type { ShownRecord } from '../record/shown-page.ts';

/** Forms to move by event and along both axes of time. With scripts, sliders fill in the forms. */
export const ReplayControls = (replayed: Replayed): Element => (
  <section class="docket-replay docket-not-on-paper" aria-labelledby="position">
    <h2 class="govuk-heading-m" id="position">
      Step through the history
    </h2>
    <EventForm {...replayed} />
    <DatesForm {...replayed} />
  </section>
);

function EventForm(replayed: Replayed): Element {
  const { shown, seen, refused } = replayed;
  const { versions } = seen.axes;
  const to = (version: number | null, words: string) =>
    version === null ? null : { href: shown.addresses.replay({ version }), words, text: `event ${version}` };
  return (
    <Form action={shown.addresses.replay({})}>
      <div class="docket-replay__row">
        <Input
          name="version"
          label={`Event number (1 to ${versions.last})`}
          classes="govuk-input--width-5"
          inputmode="numeric"
          value={refused?.typed.version ?? versions.at}
          errorMessage={refusalOf('version', replayed)}
        />
        <Button classes="govuk-button--secondary">Show the record</Button>
        {/* Shown by the script. */}
        <button type="button" class="govuk-button govuk-button--secondary" data-play hidden>
          Play
        </button>
      </div>
      <Slider
        of="version"
        label="Events"
        axis={versions}
        text={`Event ${versions.at} of ${versions.last}`}
        ticks={[]}
      />
      <Steps
        of="version"
        name="Events"
        links={[to(versions.previous, 'Previous event'), to(versions.next, 'Next event')]}
      />
    </Form>
  );
}

function DatesForm(replayed: Replayed): Element {
  const { shown, seen, position } = replayed;
  const { dates, known } = seen.axes;
  const days = { shown, position, text: longDate };
  return (
    <Form action={shown.addresses.replay({})}>
      <div class="docket-replay__pair">
        <div>
          <DayField name="effectiveOn" hint="For example, 15 June 2016" replayed={replayed} />
          <DaySlider of="effectiveOn" label="Effective date" axis={dates} />
          <DaySteps {...days} axis={dates} of="effectiveOn" />
        </div>
        <div>
          <DayField
            name="knownAt"
            hint="Shows only what was recorded by the end of this day. For example, 15 June 2016"
            replayed={replayed}
          />
          <DaySlider of="knownAt" label="Recorded by" axis={known} />
          <DaySteps {...days} axis={known} of="knownAt" text={longInstant} />
        </div>
      </div>
      <Button classes="govuk-button--secondary">Show the record</Button>
    </Form>
  );
}

const DayField = ({
  name,
  hint,
  replayed,
}: {
  readonly name: 'effectiveOn' | 'knownAt';
  readonly hint: string;
  readonly replayed: Replayed;
}): Element => (
  <Input
    name={name}
    label={POSITION_LABELS[name]}
    hint={hint}
    classes="govuk-input--width-20"
    spellcheck={false}
    autocapitalize="none"
    value={replayed.refused?.typed[name] ?? replayed.position[name]}
    errorMessage={refusalOf(name, replayed)}
  />
);

/** A GET form drops the query of its action, so `from` is a hidden field. */
function Form({ action, children }: { readonly action: string; readonly children: Element[] }): Element {
  const { pathname, searchParams } = new URL(action, 'http://here.invalid');
  const from = searchParams.get('from');
  return (
    <form method="get" action={pathname} class="docket-replay__form">
      {children}
      {from !== null && <input type="hidden" name="from" value={from} />}
    </form>
  );
}

interface SliderOptions {
  /** The field that the slider fills in. */
  readonly of: string;
  readonly label: string;
  readonly axis: Axis<number>;
  /** The position in words. */
  readonly text: string;
  readonly ticks: readonly number[];
  readonly isDays?: boolean;
}

/** Shown by the script. */
function Slider({ of, label, axis, text, ticks, isDays = false }: SliderOptions): Element {
  const [id, list] = [`${of}-slider`, `${of}-ticks`];
  return (
    <div class="docket-replay__slider" hidden>
      <label class="govuk-visually-hidden" for={id}>
        {label}
      </label>
      <input
        type="range"
        id={id}
        data-replay={of}
        data-days={isDays ? '' : undefined}
        min={axis.first}
        max={axis.last}
        value={axis.at}
        list={ticks.length === 0 ? undefined : list}
        aria-valuetext={text}
      />
      {ticks.length > 0 && (
        <datalist id={list}>
          {ticks.map((tick) => (
            <option value={tick} />
          ))}
        </datalist>
      )}
    </div>
  );
}

function DaySlider({
  axis,
  ...rest
}: Pick<SliderOptions, 'of' | 'label'> & { readonly axis: DayAxis }): Element {
  const day = axis.at.includes('T') ? londonDate(axis.at) : axis.at;
  const numbers = {
    at: dayNumber(day),
    first: dayNumber(axis.first),
    last: dayNumber(axis.last),
    previous: null,
    next: null,
  };
  return <Slider {...rest} axis={numbers} text={longDate(day)} ticks={axis.ticks.map(dayNumber)} isDays />;
}

interface DayStepsOptions extends Pick<Replayed, 'shown' | 'position'> {
  readonly axis: DayAxis;
  readonly of: 'effectiveOn' | 'knownAt';
  readonly text: (value: string) => string;
}

/** Links to the nearest changes on one axis; the other axis is kept. */
function DaySteps({ shown, position, axis, of, text }: DayStepsOptions): Element {
  const { effectiveOn, knownAt } = position;
  const to = (value: string | null, words: string) => {
    if (value === null) return null;
    const there: Position = { effectiveOn, knownAt, [of]: value };
    return { href: shown.addresses.replay(there), words, text: text(value) };
  };
  const links = [to(axis.previous, 'Previous change'), to(axis.next, 'Next change')];
  return <Steps of={of} name={of === 'effectiveOn' ? 'Effective dates' : 'Recording dates'} links={links} />;
}

interface Step {
  readonly href: string;
  readonly words: string;
  readonly text: string;
}

const Steps = ({
  of,
  name,
  links,
}: {
  readonly of: string;
  readonly name: string;
  readonly links: readonly (Step | null)[];
}): Element => (
  <nav class="docket-replay__steps" aria-label={name} data-swap={`${of}-steps`}>
    {links.map((link) => link && <Link href={link.href}>{`${link.words}: ${link.text}`}</Link>)}
  </nav>
);

/** An invalid position, with the problems. */
export interface RefusedPosition {
  readonly typed: Readonly<Record<'version' | 'effectiveOn' | 'knownAt', string | undefined>>;
  readonly problems: ListProblems;
}

const POSITION_LABELS = {
  effectiveOn: 'As at the end of',
  knownAt: 'As recorded by',
} as const;

export const EVENT_OR_DATE = 'Enter an event number or a date, not both';

/** Returns the error of a field, if any. */
export function refusalOf(name: string, { refused, seen }: Replayed): string | undefined {
  const problem = refused?.problems.find(({ pointer }) => pointer === `/${name}`);
  if (problem === undefined) return undefined;
  if (problem.detail === EVENT_OR_DATE) return problem.detail;
  if (problem.detail === PARAMETER_MESSAGES.future) return 'The date must be today or in the past';
  if (name === 'version') return `Enter an event number between 1 and ${seen.axes.versions.last}`;
  if (name === 'effectiveOn') return 'Enter a real date, like 15 June 2016';
  return 'Enter a date, like 15 June 2016, or a date and time, like 2016-06-15T14:05:00Z';
}

export interface Replayed {
  readonly shown: ShownRecord;
  readonly seen: SeenHistory;
  readonly position: Position;
  /** The drawing of the statechart; null if it cannot be drawn. */
  readonly picture: string | null;
  /** Null if the position is valid. */
  readonly refused: RefusedPosition | null;
  /** The event whose details are open. */
  readonly at: number | null;
}

export function CompareLinks({ shown: { addresses }, seen, position, refused }: Replayed): Element | null {
  if (refused !== null) return null;
  const { versions } = seen.axes;
  const here = pointOf(seen, position);
  const last = `v${versions.last}`;
  const links = [
    ...(position.version !== undefined && versions.previous !== null
      ? [{ to: { from: `v${versions.previous}`, to: here ?? last }, words: 'What this event changed' }]
      : []),
    ...(here !== null && here !== last
      ? [{ to: { from: here, to: last }, words: 'What has changed since' }]
      : []),
    { to: here === null ? {} : { point: here }, words: 'Compare this point with another' },
  ];
  return (
    <ul class="govuk-list docket-links docket-not-on-paper">
      {links.map(({ to, words }) => (
        <li>
          <Link href={addresses.compare(to)}>{words}</Link>
        </li>
      ))}
    </ul>
  );
}

/** Returns the point as comparisons write it; null for now, and for a point on both axes of time. */
function pointOf(
  { chart }: Replayed['seen'],
  { version, effectiveOn, knownAt }: Replayed['position'],
): string | null {
  if (version !== undefined) return `v${version}`;
  if (knownAt === undefined) return effectiveOn ?? null;
  return effectiveOn === undefined ? chart.view.knownAt : null;
}
