import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { ActionForm, Refused } from '../forms/action-form.tsx';
import type { Field, FieldChoice } from '../forms/fields.ts';
import type { Shown } from '../forms/form-errors.ts';
import { headingOf, partsOf } from '../kind-parts.ts';
import { bodyName } from '../names.ts';
import { recordAddress } from '../list-paths.ts';
import { headlineOf } from '../record/entry-view.tsx';
import type { NextInQueue } from '../work/find-next.ts';
import { NextView } from '../work/next-view.tsx';
import { commandPurpose, commandTitle } from '../words.ts';
import { ChooseEvent, Consequences, OtherShown, toChoose } from './choose-first.tsx';
import { Material, OtherDecision } from './material.tsx';
import { NotAllowed, SinceYouLooked, WhatWasTyped } from './not-done.tsx';
import type { Refusal } from './refusal.ts';
import { commandAddress } from './see-subject.ts';
import type { SeenForm } from './see-subject.ts';

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

/** Returns the record's title, reference and body. */
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
