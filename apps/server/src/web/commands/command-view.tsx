import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import type { Element } from '../components/macro-options.ts';
import { ActionForm, Refused } from '../forms/action-form.tsx';
import type { Field } from '../forms/fields.ts';
import type { Shown } from '../forms/form-errors.ts';
import { recordAddress } from '../way-back.ts';
import { commandPurpose, commandTitle } from '../words.ts';
import { ChooseComment, ChooseText, Consequences, isErasable, SuccessorShown } from './choose-first.tsx';
import { ownComments } from './command-fields.ts';
import { Material } from './material.tsx';
import { NotAllowed, SinceYouLooked, WhatWasTyped } from './not-done.tsx';
import type { Refusal } from './refusal.ts';
import { commandAddress } from './see-subject.ts';
import type { SeenForm } from './see-subject.ts';

export const titleOf = (command: CommandName): string => commandTitle(command);

/** Commands that cannot be taken back, or end something. */
const WARNED: ReadonlySet<CommandName> = new Set(['redact-comment']);

interface CommandPage extends Shown {
  readonly form: SeenForm;
  readonly fields: readonly Field[];
  readonly mark: string | undefined;
  readonly formKey: string;
  /** Of the record, as it was seen. */
  readonly version: number;
  readonly refusal?: Refusal | undefined;
}

const isOwnComment = (subject: SeenForm['subject'], eventId: string): boolean =>
  ownComments(subject).some((comment) => comment.eventId === eventId);

/** A command on a record: its form, or why it cannot be given. */
export function CommandPageView(page: CommandPage): Element {
  const { form, fields, errors, refusal } = page;
  const { command, own } = form;
  // A refusal that is not of the form is told above it, like what has to be mended in it.
  const isOfForm = refusal === undefined || refusal.isStale || errors.length > 0;
  const all = isOfForm ? errors : [{ field: null, message: refusal.sentence }];
  return (
    <div class="govuk-grid-row">
      <div class="govuk-grid-column-two-thirds">
        {own.allowed && <Refused errors={all} fields={fields} />}
        <span class="govuk-caption-l">{form.subject.record.title ?? form.subject.record.id}</span>
        <h1 class="govuk-heading-l">{titleOf(command)}</h1>
        {refusal?.isStale === true && <SinceYouLooked form={form} values={page.values} />}
        {own.allowed ? <Allowed {...page} /> : <NotPossible {...page} />}
      </div>
    </div>
  );
}

const NotPossible = ({ form, fields, values, refusal }: CommandPage): Element => (
  <>
    <NotAllowed form={form} refusal={refusal} />
    {refusal !== undefined && <WhatWasTyped fields={fields} values={values} />}
  </>
);

function Allowed(page: CommandPage): Element {
  const { form, fields, values, errors, mark, formKey, refusal } = page;
  const { command, subject } = form;
  if (command === 'correct-comment' && !isOwnComment(subject, values.text('eventId')))
    return <ChooseComment form={form} errors={errors} />;
  if (command === 'redact-comment' && !isErasable(subject.redaction, values.text('eventId')))
    return <ChooseText form={form} errors={errors} />;
  return (
    <>
      <p class="govuk-body">{commandPurpose(command, subject.record.lifecycle.name)}</p>
      <Material form={form} />
      {command === 'supersede' && <SuccessorShown form={form} />}
      {command === 'redact-comment' && <Consequences form={form} />}
      <ActionForm
        action={commandAddress(form, command)}
        mark={mark}
        formKey={formKey}
        version={page.version}
        fields={fields}
        values={values}
        errors={errors}
        button={refusal?.isStale === true ? 'Send it again' : titleOf(command)}
        isWarning={WARNED.has(command)}
        more={
          <a class="govuk-link" href={recordAddress(subject.record.id, form.from)}>
            Cancel
          </a>
        }
      />
    </>
  );
}
