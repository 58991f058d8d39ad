import type { JsonValue, Pointer } from '#event-sourcing/envelope';
import type { ChoosableEvent, ChoosableValue, PackChoices } from '#use-cases/audit/see-pack-choices';
import { Button } from '../components/button.tsx';
import { Checkboxes } from '../components/choices.tsx';
import { ErrorSummary } from '../components/blocks.tsx';
import { Input, smallLegend } from '../components/fields.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { valueWords } from '../member-values.tsx';
import { longInstant } from '../dates.ts';
import { personName } from '../names.ts';
import { Mark } from '../forms/post-form.tsx';
import { countWords, cut } from '../words.ts';
import { typeInWords } from './log-addresses.ts';
import { FIELDS } from './pack-choices.ts';
import type { Ticked, PackAddresses } from './pack-choices.ts';

interface PackFormOptions {
  readonly id: string;
  readonly choices: PackChoices;
  readonly ticked: Ticked;
  readonly addresses: PackAddresses;
  /** The current page of events, from 1. */
  readonly page: number;
  /** An error of the form as a whole. */
  readonly refusal: string | null;
}

export const EVENTS_ON_PAGE = 50;
/** Longer values are shortened. */
const VALUE_MAX = 400;

export const captionOf = (id: string, { title }: Pick<PackChoices, 'title'>): string =>
  title === null ? id : `${id}: ${title}`;

/** The form to choose what is left out of a pack. */
export function PackForm(options: PackFormOptions): Element {
  const { id, choices, ticked, addresses, page } = options;
  const pages = Math.max(Math.ceil(choices.events.length / EVENTS_ON_PAGE), 1);
  const shown = choices.events.slice((page - 1) * EVENTS_ON_PAGE, page * EVENTS_ON_PAGE);
  const versions = `${shown[0]?.event.version ?? 0}-${shown.at(-1)?.event.version ?? 0}`;
  return (
    <>
      <ErrorSummary errorList={errorsOf(options)} />
      <span class="govuk-caption-l">{captionOf(id, choices)}</span>
      <h1 class="govuk-heading-l">Contents of the evidence pack</h1>
      <p class="govuk-body">
        A pack contains every event of the record. You can leave out text. Each omission needs a reason code,
        such as an exemption in the Freedom of Information Act or the Data Protection Act. The pack shows
        where text is left out, and the reason code. Anyone who receives the pack can check that nothing else
        is missing.
      </p>
      <form method="post" action={addresses.form(page)} novalidate>
        <Mark />
        <input type="hidden" name={FIELDS.versions} value={versions} />
        <Internal {...options} />
        <Codes />
        <Input
          name={FIELDS.code}
          label="Reason code for everything you select that has no code of its own"
          hint="For example, FOI.s40(2). Use 32 characters or fewer: letters, numbers, brackets, full stops and hyphens."
          classes="govuk-input--width-20"
          spellcheck={false}
          autocomplete="off"
          attributes={{ list: CODES_LIST }}
        />
        {pages > 1 && (
          <p class="govuk-body">{`${countWords(choices.events.length, 'event')}; page ${page} of ${pages}.`}</p>
        )}
        {shown.map((event) => (
          <Event event={event} ticked={ticked} />
        ))}
        <div class="govuk-button-group">
          <Button name="go" value="check">
            Show what will be left out
          </Button>
          {page < pages && (
            <Button name="go" value="next" classes="govuk-button--secondary">
              Next page of events
            </Button>
          )}
        </div>
      </form>
      {page > 1 && (
        <Pagination
          landmarkLabel="Pages of events"
          previous={{ href: addresses.form(page - 1), labelText: `${page - 1} of ${pages}` }}
        />
      )}
    </>
  );
}

const errorsOf = ({ ticked, refusal }: PackFormOptions) => [
  ...(refusal === null ? [] : [refusal]),
  ...[...ticked.errors].map(([place, content]) => ({ content, href: `#code-${place}` })),
];

const Internal = ({ choices, ticked }: PackFormOptions): Element =>
  choices.withoutInternal ? (
    <p class="govuk-body">Content that is internal to the inspectorate is always left out of your packs.</p>
  ) : (
    <Checkboxes
      name={FIELDS.internal}
      items={[
        {
          value: 'yes',
          content: 'Leave out all internal content',
          checked: ticked.choose.internal,
          hint: 'This leaves out internal comments and the reasons for redactions. Their reason code will be “internal”.',
        },
      ]}
    />
  );

const CODES_LIST = 'exemptions';

/** Common codes; others can be entered. */
const EXEMPTIONS: readonly (readonly [string, string])[] = [
  ['FOI.s30', 'investigations'],
  ['FOI.s31', 'law enforcement'],
  ['FOI.s38', 'health and safety'],
  ['FOI.s40(2)', 'personal information'],
  ['FOI.s41', 'information provided in confidence'],
  ['FOI.s42', 'legal professional privilege'],
  ['FOI.s43', 'commercial interests'],
  ['DPA.sch2', 'exemptions in the Data Protection Act'],
];

const Codes = (): Element => (
  <datalist id={CODES_LIST}>
    {EXEMPTIONS.map(([code, words]) => (
      <option value={code}>{words}</option>
    ))}
  </datalist>
);

function Event({
  event: { event, values, isRedacted },
  ticked,
}: {
  readonly event: ChoosableEvent;
  readonly ticked: Ticked;
}): Element {
  const { version, type, actor, recordedAt } = event;
  const heading = `${version}. ${typeInWords(type)}`;
  const who = `${personName(actor.subject)}, ${longInstant(recordedAt)}`;
  if (values.length === 0)
    return (
      <section>
        <h2 class="govuk-heading-s">{heading}</h2>
        <p class="govuk-hint">{`${who}. ${isRedacted ? 'The text was redacted.' : 'This event has no text to leave out.'}`}</p>
      </section>
    );
  return (
    <section>
      <Checkboxes
        name={FIELDS.ticked}
        idPrefix={`event-${version}`}
        classes="govuk-checkboxes--small"
        fieldset={smallLegend(<h2 class="govuk-fieldset__heading">{heading}</h2>)}
        hint={who}
        items={values.map((value) => choiceOf(version, value, ticked))}
      />
    </section>
  );
}

function choiceOf(
  version: number,
  { pointer, value, isInternal }: ChoosableValue,
  { choose: chosen, errors }: Ticked,
) {
  const place = `${version}:${pointer}`;
  const words = `${valueWords(pointer)}${isInternal ? ' (internal)' : ''}`;
  return {
    value: place,
    checked: chosen.codes.has(place),
    content: `Leave out: ${words}`,
    hint: <span class="docket-text">{shorten(pointer, value)}</span>,
    conditional: (
      <Input
        name={FIELDS.codeOf(place)}
        label={
          <>
            Reason code<span class="govuk-visually-hidden">{` for ${words} of event ${version}`}</span>
          </>
        }
        value={chosen.codes.get(place)}
        classes="govuk-input--width-10"
        errorMessage={errors.get(place)}
        spellcheck={false}
        autocomplete="off"
        attributes={{ list: CODES_LIST }}
      />
    ),
  };
}

/** An imported file is stored in base64. */
function shorten(pointer: Pointer, value: JsonValue): Content {
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  const text = pointer === '/data/source' ? Buffer.from(written, 'base64').toString() : written;
  return cut(text, VALUE_MAX);
}
