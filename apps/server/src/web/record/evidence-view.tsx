import type { SeenSubmission } from '#state-machines/record-view';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { longDate } from '../dates.ts';
import { sizeInWords } from '../file-size.ts';
import { personName } from '../names.ts';
import { countWords, REDACTED } from '../words.ts';
import type { ShownPage } from './shown-page.ts';

/** The export contains all. */
const ITEMS_MAX = 20;

export function EvidenceView({ shown }: { readonly shown: ShownPage }): Element {
  const { submissions, submitted } = shown.seen;
  const earlier = submitted - submissions.length;
  return (
    <>
      {submissions.map((submission) => (
        <Submission key={submission.event.eventId} shown={shown} submission={submission} />
      ))}
      {earlier > 0 && (
        <p class="govuk-body">
          {countWords(earlier, 'earlier submission is', 'earlier submissions are')} listed in the history
          below.
        </p>
      )}
    </>
  );
}

function Submission({
  shown,
  submission,
}: {
  readonly shown: ShownPage;
  readonly submission: SeenSubmission;
}): Element {
  const { event, items, note, ground } = submission;
  return (
    <div class="docket-submission">
      <h3 class="govuk-heading-s">
        Submitted {longDate(event.effectiveOn)} by {personName(event.actor.subject)}
      </h3>
      <p class="govuk-body">
        <Decided submission={submission} />{' '}
        <Link
          href={shown.addresses.event(event.version)}
          about={`: submitted ${longDate(event.effectiveOn)}`}
        >
          {'See it in the history'}
        </Link>
      </p>
      {ground !== undefined && <p class="govuk-body docket-text">{ground ?? REDACTED}</p>}
      <ul class="govuk-list govuk-list--bullet">
        {items.slice(0, ITEMS_MAX).map((item, index) => (
          <li key={index}>
            <Item item={item} />
          </li>
        ))}
        {items.length > ITEMS_MAX && <li>and {countWords(items.length - ITEMS_MAX, 'more item')}</li>}
      </ul>
      {note !== undefined && <p class="govuk-body docket-text">{note ?? REDACTED}</p>}
    </div>
  );
}

function Decided({ submission: { decision, isAccepted } }: { readonly submission: SeenSubmission }): Element {
  if (decision === null) return <strong class="govuk-tag govuk-tag--yellow">Not decided</strong>;
  return (
    <>
      <strong class={`govuk-tag ${isAccepted ? 'govuk-tag--green' : 'govuk-tag--red'}`}>
        {isAccepted ? 'Accepted' : 'Rejected'}
      </strong>
      {` ${longDate(decision.effectiveOn)} by ${personName(decision.actor.subject)}.`}
    </>
  );
}

function Item({ item }: { readonly item: SeenSubmission['items'][number] }): Element {
  const { name, sha256, size, mediaType, url } = item;
  const details = [mediaType, size === undefined ? undefined : sizeInWords(size)].filter(
    (detail) => detail !== undefined,
  );
  return (
    <>
      {url === undefined || !/^https?:/i.test(url) ? (
        (name ?? REDACTED)
      ) : (
        <Link href={url} rel="noreferrer">
          {name ?? REDACTED}
        </Link>
      )}
      {details.length > 0 && ` (${details.join(', ')})`}
      <br />
      <span class="govuk-hint docket-digest">SHA-256 {sha256}</span>
    </>
  );
}
