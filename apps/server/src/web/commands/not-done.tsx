import { lifecycles } from '#state-machines/lifecycles';
import type { Element } from '../components/macro-options.ts';
import { Details } from '../components/details.tsx';
import { InsetText } from '../components/set-apart.tsx';
import { NotificationBanner } from '../components/notification-banner.tsx';
import { SummaryList } from '../components/summary-list.tsx';
import { Link } from '../components/link.tsx';
import { longDate } from '../dates.ts';
import { payloadOf } from '../forms/fields.ts';
import type { Field } from '../forms/fields.ts';
import { forPeople, rolesInWords } from '../forms/for-people.ts';
import type { FormValues } from '../form-values.ts';
import { VERSION_FIELD } from '../forms/action-form.tsx';
import { recordAddress } from '../list-paths.ts';
import { commandTitle, countWords } from '../words.ts';
import type { Refusal } from './refusal.ts';
import { commandAddress } from './see-subject.ts';
import type { SeenForm } from './see-subject.ts';
import { BriefEvents } from './brief-events.tsx';

/** Says why the command is refused and which commands are possible. */
export function NotAllowed({
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
        <p class="govuk-body" key={sentence}>
          {sentence}
        </p>
      ))}
      <WhoCould roles={roles} reasons={own.because.map(({ code }) => code)} />
      {instead.length > 0 && (
        <>
          <h2 class="govuk-heading-m">What you can do instead</h2>
          <ul class="govuk-list">
            {instead.map((each) => (
              <li key={each.command}>
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
export function SinceYouLooked(props: { readonly form: SeenForm; readonly values: FormValues }): Element {
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
export function WhatWasTyped({
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
  if (kind === 'files')
    return (value as readonly { name: string; sha256: string }[])
      .map(({ name, sha256 }) => `${name}: ${sha256}`)
      .join('\n');
  if (kind === 'date')
    return /^\d{4}-\d{2}-\d{2}$/.test(String(value)) && !Number.isNaN(Date.parse(String(value)))
      ? longDate(String(value))
      : String(value);
  return Array.isArray(value) ? value.join(', ') : String(value);
}
