import type { RecordKind } from '#lifecycle/kind';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { Details } from '../components/details.tsx';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { partsOf, textHeading, textIn } from '../kind-parts.ts';
import { commandTitle, REDACTED } from '../words.ts';
import { commandAddress } from './see-subject.ts';
import type { SeenForm } from './see-subject.ts';
import { BriefEvents } from './brief-events.tsx';

/** What the form is about: the text, and for a decision the request, the evidence and later changes. */
export function Material({ form: seen }: { readonly form: SeenForm }): Element {
  const { form, record, redaction, timeline } = seen;
  const { about = [], open = [] } = form;
  return (
    <>
      {form.hasText !== true && redaction === null && partsOf(seen.lifecycle).text !== null && (
        <Details summary={textHeading(seen.lifecycle)}>
          <p class="govuk-body docket-text">{textIn(record) ?? REDACTED}</p>
        </Details>
      )}
      {about.map(({ heading, eventIds, none }) => (
        <Part
          key={heading}
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
              <li key={each}>{each}</li>
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
export function OtherDecision({ form }: { readonly form: SeenForm }): Element | null {
  const other = form.form.otherCommands?.find((name) =>
    form.commands.some(({ command, allowed }) => command === name && allowed),
  );
  if (other === undefined) return null;
  return <Link href={commandAddress(form, other)}>{commandTitle(other, form.lifecycle)} instead</Link>;
}
