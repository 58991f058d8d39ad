import type { RecordKind } from '#lifecycle/kind';
import type { RegisterItem } from '#read-models/register/register-query';
import type { Content, Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { listedAs, partsOf } from '../kind-parts.ts';
import { bodyName } from '../names.ts';
import { recordAddress } from '../list-paths.ts';
import { latenessOf } from './due-date.tsx';

interface RecordLineOptions {
  readonly kind: RecordKind;
  readonly item: RegisterItem;
  /** The list that the link comes from. */
  readonly from?: string;
  /** Hides the body if the reader sees only one. */
  readonly isOfOneBody: boolean;
  /** The user whose own records are marked. */
  readonly reader?: string | undefined;
  readonly today: string;
}

/** A record in a short list: title and reference, and below them the body and the deadline. */
export function RecordLine({ kind, item, from, isOfOneBody, reader, today }: RecordLineOptions): Element {
  const { id, title, recipient, owner } = item;
  const parts = partsOf(kind.name);
  const facts: readonly Content[] = [
    parts.body && (recipient === null ? 'No body' : !isOfOneBody && bodyName(recipient)),
    parts.dates && latenessOf(item, today),
  ].filter((fact) => fact !== false);
  return (
    <>
      <Link href={recordAddress({ kind, id }, from)}>{listedAs({ kind, id }, title)}</Link>
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
