import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { ActionForm, Refused, VERSION_FIELD } from '../forms/action-form.tsx';
import { payloadOf } from '../forms/fields.ts';
import type { Field, FieldChoice } from '../forms/fields.ts';
import type { Shown } from '../forms/form-errors.ts';
import { headingOf, partsOf, textHeading } from '../kind-parts.ts';
import { bodyName } from '../names.ts';
import { recordAddress } from '../page-paths.ts';
import { headlineOf } from '../record/entry-view.tsx';
import { NextView } from '../work/find-next.tsx';
import type { NextInQueue } from '../work/find-next.tsx';
import { commandPurpose, commandTitle, REDACTED, countWords } from '../words.ts';
import { ChooseEvent, Consequences, OtherShown, toChoose, BriefEvents } from './choose-first.tsx';
import type { Refusal } from './refusal.ts';
import { commandAddress } from './see-subject.ts';
import type { SeenForm } from './see-subject.ts';
import type { RecordKind } from '#lifecycle/kind';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { Details, InsetText, NotificationBanner, SummaryList } from '../components/blocks.tsx';
import { lifecycles } from '#state-machines/lifecycles';
import { longDate } from '../dates.ts';
import { forPeople, rolesInWords } from '../forms/for-people.ts';
import type { FormValues } from '../form-values.ts';

export const titleOf = ({ command, lifecycle }: SeenForm): string => commandTitle(command, lifecycle);

interface CommandPage extends Shown {
  readonly form: SeenForm;
  readonly fields: readonly Field[];
  readonly formKey: string | null;
  /** The version of the record that was shown. */
  readonly version: number;
  readonly refusal?: Refusal | undefined;
  /** The next record in the queue that the user came from. */
  readonly next: NextInQueue | null;
}

export function CommandPageView(page: CommandPage): Element {
  const { form, fields, errors, refusal } = page;
  const { own } = form;
  // An error that belongs to no field is shown above the form.
  const isOfForm = refusal === undefined || refusal.isStale || errors.length > 0;
  const all = isOfForm ? errors : [{ field: null, message: refusal.sentence }];
  return (
    <div class="govuk-grid-row">
      <div class="govuk-grid-column-two-thirds">
        {own.allowed && <Refused errors={all} fields={fields} />}
        <span class="govuk-caption-l">{calledIn(form)}</span>
        <h1 class="govuk-heading-l">{titleOf(form)}</h1>
        {refusal?.isStale === true && <SinceYouLooked form={form} values={page.values} />}
        {own.allowed ? <Allowed {...page} /> : <NotPossible {...page} />}
      </div>
    </div>
  );
}

const calledIn = ({ record, reference: { kind, id } }: SeenForm): string =>
  [
    headingOf(record),
    ...(partsOf(kind.name).title === null ? [] : [id]),
    ...(record.recipient === null ? [] : [bodyName(record.recipient)]),
  ].join(', ');

/** Names bodies and people in choices of entries. Only valid during rendering. */
function withNames(fields: readonly Field[], { timeline }: SeenForm): readonly Field[] {
  const named = (choice: FieldChoice): FieldChoice => {
    const item = timeline.find(({ eventId }) => eventId === choice.value);
    return item === undefined || item.headline !== choice.text
      ? choice
      : { ...choice, text: headlineOf(item) };
  };
  return fields.map((field): Field => {
    if (field.kind === 'choice') return { ...field, choices: field.choices.map(named) };
    return field.kind === 'chosen' && field.is ? { ...field, is: named(field.is) } : field;
  });
}

const NotPossible = ({ form, fields, values, refusal, next }: CommandPage): Element => (
  <>
    <NotAllowed form={form} refusal={refusal} />
    {next && <NextView {...next} kind={form.reference.kind} today={form.today} linkClass="govuk-link" />}
    {refusal !== undefined && <WhatWasTyped fields={fields} values={values} />}
  </>
);

function Allowed(page: CommandPage): Element {
  const { form, fields, values, errors, formKey, refusal, next } = page;
  const { command, lifecycle, redaction } = form;
  const choice = toChoose(form);
  if (choice !== null) return <ChooseEvent form={form} errors={errors} choice={choice} />;
  return (
    <>
      <p class="govuk-body">{commandPurpose(command, lifecycle)}</p>
      <Material form={form} />
      <OtherShown form={form} />
      {redaction !== null && <Consequences form={form} />}
      <ActionForm
        action={commandAddress(form, command)}
        formKey={formKey}
        version={page.version}
        fields={withNames(fields, form)}
        values={values}
        errors={errors}
        button={refusal?.isStale === true ? 'Send again' : titleOf(form)}
        isWarning={redaction !== null}
        more={
          <>
            <OtherDecision form={form} />
            <Link href={recordAddress(form.reference, form.from)}>Cancel</Link>
            {next?.next && <Link href={next.next.href}>Skip this one</Link>}
          </>
        }
      />
    </>
  );
}

/** What the form is about: the text, and for a decision the request, the evidence and later changes. */
function Material({ form: seen }: { readonly form: SeenForm }): Element {
  const { form, record, redaction, timeline } = seen;
  const { about = [], open = [] } = form;
  return (
    <>
      {form.hasText !== true && redaction === null && partsOf(seen.lifecycle).text !== null && (
        <Details summary={textHeading(seen.lifecycle)}>
          <p class="govuk-body docket-text">{record.text ?? REDACTED}</p>
        </Details>
      )}
      {about.map(({ heading, eventIds, none }) => (
        <Part
          heading={heading}
          kind={seen.reference.kind}
          none={none}
          items={timeline.filter(({ eventId }) => eventIds.includes(eventId))}
        />
      ))}
      <Since form={seen} />
      {open.length > 0 && (
        <section>
          <h2 class="govuk-heading-m">Still outstanding</h2>
          <ul class="govuk-list govuk-list--bullet">
            {open.map((each) => (
              <li>{each}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const Part = (part: {
  readonly heading: string;
  readonly kind: RecordKind;
  readonly items: readonly TimelineItem[];
  readonly none: string;
}): Element => (
  <section>
    <h2 class="govuk-heading-m">{part.heading}</h2>
    {part.items.length === 0 ? (
      <p class="govuk-body">{part.none}</p>
    ) : (
      <BriefEvents items={part.items} kind={part.kind} />
    )}
  </section>
);

function Since({ form: { form, timeline, reference } }: { readonly form: SeenForm }): Element | null {
  const { since } = form;
  if (since === undefined) return null;
  const last = timeline
    .filter(({ eventId }) => since.eventIds.includes(eventId))
    .reduce((latest, { version }) => Math.max(latest, version), 0);
  const items = timeline.filter(({ version }) => version > last);
  return (
    <Part
      heading={`What has changed since ${since.what}`}
      kind={reference.kind}
      items={items}
      none="Nothing has changed."
    />
  );
}

/** A link to the alternative decision. */
function OtherDecision({ form }: { readonly form: SeenForm }): Element | null {
  const other = form.form.otherCommands?.find((name) =>
    form.commands.some(({ command, allowed }) => command === name && allowed),
  );
  if (other === undefined) return null;
  return <Link href={commandAddress(form, other)}>{commandTitle(other, form.lifecycle)} instead</Link>;
}

/** Says why the command is refused and which commands are possible. */
function NotAllowed({
  form,
  refusal,
}: {
  readonly form: SeenForm;
  readonly refusal: Refusal | undefined;
}): Element {
  const { own, command, lifecycle } = form;
  const roles = lifecycles.current(lifecycle).commands[command]?.roles ?? [];
  const reasons = own.because.map(({ detail }) => forPeople(detail, form.lifecycle));
  const sentences = [
    ...new Set(refusal === undefined || refusal.isStale ? reasons : [refusal.sentence, ...reasons]),
  ];
  const instead = form.commands.filter(({ allowed }) => allowed);
  return (
    <>
      <h2 class="govuk-heading-m">
        {refusal === undefined ? 'You cannot do this now' : 'Your change was not made'}
      </h2>
      {sentences.map((sentence) => (
        <p class="govuk-body">{sentence}</p>
      ))}
      <WhoCould roles={roles} reasons={own.because.map(({ code }) => code)} />
      {instead.length > 0 && (
        <>
          <h2 class="govuk-heading-m">What you can do instead</h2>
          <ul class="govuk-list">
            {instead.map((each) => (
              <li>
                <Link href={commandAddress(form, each.command)}>
                  {commandTitle(each.command, form.lifecycle)}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="govuk-body">
        <Link href={recordAddress(form.reference, form.from)}>
          Go to the {form.reference.kind.noun.singular}
        </Link>
      </p>
    </>
  );
}

/** Names who else can act; nothing if the record's state is the reason. */
function WhoCould({
  roles,
  reasons,
}: {
  readonly roles: readonly string[];
  readonly reasons: readonly string[];
}): Element | null {
  if (reasons.includes('separation-of-duties'))
    return (
      <p class="govuk-body">
        Someone else must do this: {rolesInWords(roles)} who was not involved in the decision.
      </p>
    );
  return null;
}

/** Lists the events since the form was loaded. The values are kept. */
function SinceYouLooked(props: { readonly form: SeenForm; readonly values: FormValues }): Element {
  const { form, values } = props;
  const seen = Number(values.text(VERSION_FIELD));
  const items = form.timeline.filter(({ version }) => version > seen);
  return (
    <>
      <NotificationBanner role="alert" attributes={{ tabindex: -1 }}>
        <h2 class="govuk-notification-banner__heading">
          This {form.reference.kind.noun.singular} has changed since you opened it
        </h2>
        <p class="govuk-body">
          Nothing was changed. What you typed is still here.{' '}
          {form.own.allowed && 'Check what has changed, then send the form again.'}
        </p>
      </NotificationBanner>
      <h2 class="govuk-heading-m">{`${countWords(items.length, 'change')} since you opened it`}</h2>
      <BriefEvents items={items} kind={form.reference.kind} />
    </>
  );
}

/** Shows the values that were not sent, so that they can be copied. */
function WhatWasTyped({
  fields,
  values,
}: {
  readonly fields: readonly Field[];
  readonly values: FormValues;
}): Element | null {
  const payload = payloadOf(fields, values);
  const rows = fields.flatMap(({ name, label, kind }) => {
    const value = payload[name];
    if (value === undefined || value === '' || kind === 'yes' || kind === 'named') return [];
    return [{ key: label, value: <span class="docket-text">{valueText(value, kind)}</span> }];
  });
  if (rows.length === 0) return null;
  return (
    <Details summary="What you typed" open>
      <InsetText>It is not saved anywhere else. Copy what you need.</InsetText>
      <SummaryList rows={rows} />
    </Details>
  );
}

function valueText(value: unknown, kind: Field['kind']): string {
  if (kind === 'rows')
    return (value as readonly object[]).map((row) => Object.values(row).join(': ')).join('\n');
  if (kind === 'date')
    return /^\d{4}-\d{2}-\d{2}$/.test(String(value)) && !Number.isNaN(Date.parse(String(value)))
      ? longDate(String(value))
      : String(value);
  return Array.isArray(value) ? value.join(', ') : String(value);
}
