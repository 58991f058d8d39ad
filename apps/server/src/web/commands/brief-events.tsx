import type { RecordKind } from '#lifecycle/kind';
import type { TimelineItem } from '#read-models/timeline/timeline';
import type { Element } from '../components/macro-options.ts';
import { headlineOf, whenOf, whoOf } from '../record/entry-view.tsx';
import { REDACTED } from '../words.ts';

export const BriefEvents = ({
  items,
  kind,
}: {
  readonly items: readonly TimelineItem[];
  readonly kind: RecordKind;
}): Element => (
  <ul class="govuk-list docket-events">
    {items.map((item) => (
      <li key={item.eventId}>
        <BriefEvent item={item} kind={kind} />
      </li>
    ))}
  </ul>
);

export function BriefEvent({
  item,
  kind,
}: {
  readonly item: TimelineItem;
  readonly kind: RecordKind;
}): Element {
  const { text, visibility, evidence = [] } = item;
  return (
    <>
      <p class="govuk-body govuk-!-margin-bottom-1">
        <strong>{headlineOf(item)}</strong>
        {visibility === 'internal' && ' (internal)'}
      </p>
      <div class="govuk-hint govuk-!-margin-bottom-1">
        {whoOf(item, kind)}
        <br />
        {whenOf(item)}
      </div>
      {evidence.length > 0 && (
        <ul class="govuk-list govuk-list--bullet">
          {evidence.map((name, index) => (
            <li key={index}>{name ?? REDACTED}</li>
          ))}
        </ul>
      )}
      {text !== undefined && <p class="govuk-body docket-text">{text ?? REDACTED}</p>}
    </>
  );
}
