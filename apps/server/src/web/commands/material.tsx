import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { Details } from '../components/details.tsx';
import type { Element } from '../components/macro-options.ts';
import { commandTitle, counted, REDACTED } from '../words.ts';
import { longDate } from '../dates.ts';
import { lowerFirst } from '../forms/for-people.ts';
import type { Subject } from './command-fields.ts';
import { commandAddress } from './see-subject.ts';
import type { SeenForm } from './see-subject.ts';
import { ToldEvents } from './told-events.tsx';

/** The text is in their forms already, or goes from them. */
const HAS_TEXT: ReadonlySet<CommandName> = new Set(['amend-text', 'redact-comment']);

/** What a form is about: the text, and for a decision the request, the evidence, and what has changed since. */
export const Material = ({ form }: { readonly form: SeenForm }): Element => (
  <>
    {!HAS_TEXT.has(form.command) && (
      <Details summary="What is recommended">
        <p class="govuk-body docket-text">{form.subject.record.text ?? REDACTED}</p>
      </Details>
    )}
    {decidedOn(form)}
  </>
);

function decidedOn(form: SeenForm): Element | null {
  switch (form.command) {
    case 'approve-closure':
    case 'decide-no-further-action':
    case 'supersede':
    case 'refuse-closure':
      return <OfClosure form={form} />;
    case 'accept-evidence':
    case 'reject-evidence':
      return <OfEvidence form={form} />;
    case 'grant-extension':
    case 'refuse-extension':
      return <OfExtensions form={form} />;
    case 'approve-correction':
    case 'refuse-correction':
      return <OfCorrections form={form} />;
    default:
      return null;
  }
}

const OTHER_WAYS: Partial<Readonly<Record<CommandName, readonly CommandName[]>>> = {
  'approve-closure': ['refuse-closure'],
  'decide-no-further-action': ['refuse-closure'],
  supersede: ['refuse-closure'],
  'refuse-closure': ['approve-closure', 'decide-no-further-action', 'supersede'],
  'accept-evidence': ['reject-evidence'],
  'reject-evidence': ['accept-evidence'],
  'grant-extension': ['refuse-extension'],
  'refuse-extension': ['grant-extension'],
  'approve-correction': ['refuse-correction'],
  'refuse-correction': ['approve-correction'],
};

function OfClosure({ form }: { readonly form: SeenForm }): Element {
  const { timeline, record } = form.subject;
  const { closure } = record.pending;
  const decided = new Set(closure?.decides ?? []);
  const request = timeline.filter(({ eventId }) => eventId === closure?.eventId);
  const evidence = timeline.filter(
    ({ eventId, type, decides = [] }) =>
      type !== 'ClosureRequested' &&
      (decided.has(eventId) || (isEvidenceDecision(type) && decides.some((each) => decided.has(each)))),
  );
  return (
    <>
      <Part heading="The request" items={request} none="It is no longer there." />
      <Part heading="The evidence" items={evidence} none="No evidence was submitted." />
      <Since timeline={timeline} after={request} what="the closure was requested" />
      <StillOpen record={record} />
      <OtherWay form={form} />
    </>
  );
}

/** What nobody has answered by then: a closure does not wait for it, and whoever decides should know. */
function StillOpen({ record }: { readonly record: Subject['record'] }): Element | null {
  const response = record.deadlines.find(({ kind, state }) => kind === 'response' && state !== 'settled');
  const { proposals } = record.pending;
  const open = [
    ...(response === undefined
      ? []
      : [`The response is due on ${longDate(response.dueOn)}, and is not published.`]),
    ...(proposals.length === 0
      ? []
      : [`${counted(proposals.length, 'date')} from the text: neither confirmed nor dismissed.`]),
  ];
  if (open.length === 0) return null;
  return (
    <section>
      <h2 class="govuk-heading-m">What is still open</h2>
      <ul class="govuk-list govuk-list--bullet">
        {open.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </section>
  );
}

const isEvidenceDecision = (type: string): boolean =>
  type === 'EvidenceAccepted' || type === 'EvidenceRejected';

function OfEvidence({ form }: { readonly form: SeenForm }): Element {
  const { timeline, record } = form.subject;
  const waiting = new Set(record.pending.evidence?.decides ?? []);
  const submitted = timeline.filter(({ eventId }) => waiting.has(eventId));
  return (
    <>
      <Part heading="The evidence" items={submitted} none="No evidence waits for a decision." />
      <Since timeline={timeline} after={submitted} what="it was submitted" />
      <OtherWay form={form} />
    </>
  );
}

function OfExtensions({ form }: { readonly form: SeenForm }): Element {
  const { timeline, record } = form.subject;
  const waiting = new Set(record.pending.extensions.map(({ eventId }) => eventId));
  const asked = timeline.filter(({ eventId }) => waiting.has(eventId));
  return (
    <>
      <Part heading="The request" items={asked} none="No extension waits for a decision." />
      <Since timeline={timeline} after={asked} what="it was requested" />
      <OtherWay form={form} />
    </>
  );
}

function OfCorrections({ form }: { readonly form: SeenForm }): Element {
  const { timeline, record } = form.subject;
  const { corrections } = record.pending;
  const requests = new Set(corrections.map(({ eventId }) => eventId));
  const corrected = new Set(corrections.map(({ corrects }) => corrects));
  const asked = timeline.filter(({ eventId }) => requests.has(eventId));
  return (
    <>
      <Part heading="The request" items={asked} none="No correction waits for a decision." />
      <Part
        heading="What would be corrected"
        items={timeline.filter(({ eventId }) => corrected.has(eventId))}
        none="It is no longer there."
      />
      <Since timeline={timeline} after={asked} what="it was requested" />
      <OtherWay form={form} />
    </>
  );
}

interface PartOptions {
  readonly heading: string;
  readonly items: readonly TimelineItem[];
  readonly none: string;
}

const Part = ({ heading, items, none }: PartOptions): Element => (
  <section>
    <h2 class="govuk-heading-m">{heading}</h2>
    {items.length === 0 ? <p class="govuk-body">{none}</p> : <ToldEvents items={items} />}
  </section>
);

interface SinceOptions {
  readonly timeline: readonly TimelineItem[];
  readonly after: readonly TimelineItem[];
  readonly what: string;
}

function Since({ timeline, after, what }: SinceOptions): Element {
  const last = Math.max(0, ...after.map(({ version }) => version));
  const items = timeline.filter(({ version }) => version > last);
  return <Part heading={`What has changed since ${what}`} items={items} none="Nothing has changed." />;
}

/** Whoever came to decide may decide otherwise. */
function OtherWay({ form }: { readonly form: SeenForm }): Element | null {
  const other = OTHER_WAYS[form.command]?.find((way) =>
    form.commands.some(({ command, allowed }) => command === way && allowed),
  );
  if (other === undefined) return null;
  return (
    <p class="govuk-body">
      Or{' '}
      <a class="govuk-link" href={commandAddress(form, other)}>
        {lowerFirst(commandTitle(other))}
      </a>
      .
    </p>
  );
}
