import type { RecordKind } from '#lifecycle/kind';
import type { RegisterItem } from '#read-models/register/register-query';
import type { Content, Element } from '../components/macro-options.ts';
import { listedAs, partsOf } from '../kind-parts.ts';
import { bodyName } from '../names.ts';
import { recordAddress } from '../way-back.ts';
import { latenessOf } from './due-date.tsx';

interface RecordLineOptions {
  readonly kind: RecordKind;
  readonly item: RegisterItem;
  /** The list that leads to it. */
  readonly from?: string;
  /** Whether the reader sees the records of one body only: then it is on no line. */
  readonly isOfOneBody: boolean;
  /** Who is told that the record is theirs. */
  readonly reader?: string | undefined;
  readonly today: string;
}

/** A record in a short list: its title and reference, and whether it is the reader's own; below them for whom it is, and how late. */
export function RecordLine({ kind, item, from, isOfOneBody, reader, today }: RecordLineOptions): Element {
  const { id, title, recipient, owner } = item;
  const parts = partsOf(kind.name);
  const facts: readonly Content[] = [
    parts.body && (recipient === null ? 'No body' : !isOfOneBody && bodyName(recipient)),
    parts.dates && latenessOf(item, today),
  ].filter((fact) => fact !== false);
  return (
    <>
      <a class="govuk-link" href={recordAddress({ kind, id }, from)}>
        {listedAs({ kind, id }, title)}
      </a>
      <span class="docket-queue__id docket-id">
        {[parts.title !== null && ` ${id}`, owner !== null && owner === reader && ' yours']
          .filter((fact) => fact !== false)
          .join(',')}
      </span>
      <span class="docket-queue__facts">
        {facts.map((fact, index) => (
          <>
            {index > 0 && '\u00a0· '}
            {fact}
          </>
        ))}
      </span>
    </>
  );
}
