import type { Viewer } from '#state-machines/access';
import { seesRecipient } from '#state-machines/access';
import { ANY_RECORD_ID } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import { recipientNow } from '../records/visible-record.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { listCurrent } from './lists.ts';

export interface Referred {
  readonly reference: string;
  /** Whether it is the id of a record that the viewer sees. */
  readonly isRecord: boolean;
  /** Whether it is the id of records that were issued together, some of which the viewer sees. */
  readonly isIssue: boolean;
}

/**
 * Reports whether a typed text is the id of a record or of records issued together; null if it is not a reference.
 * @param now milliseconds since 1970.
 */
export async function referredTo(
  { store, readModels, people }: Pick<RecordsAccess, 'store' | 'readModels' | 'people'>,
  viewer: Viewer,
  { kind, words }: { readonly kind: RecordKind; readonly words: string },
  now: number,
): Promise<Referred | null> {
  const reference = words.trim();
  if (!ANY_RECORD_ID.test(reference)) return null;
  const recipient = await recipientNow(store, readModels, { kind, id: reference });
  const isRecord = recipient !== undefined && seesRecipient(viewer, recipient, kind);
  const query = { kind: [kind.name], issue: [reference], limit: 1 };
  const issued = await listCurrent({ readModels, people }, viewer, query, now);
  const isIssue = issued.items.length > 0;
  return isRecord || isIssue ? { reference, isRecord, isIssue } : null;
}
