import type { Viewer } from '#state-machines/access';
import { seesRecipient } from '#state-machines/access';
import { ANY_RECORD_ID } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import { recipientNow } from '../records/recipient-now.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { listRecords } from './lists.ts';

/** What somebody may mean who looks for a reference rather than for words. */
export interface Referred {
  readonly reference: string;
  /** Whether it is the id of a record that the viewer sees. */
  readonly isRecord: boolean;
  /** Whether records that the viewer sees were issued together as it. */
  readonly isIssue: boolean;
}

/**
 * The record of a kind, or those issued together, of which somebody typed the id; null where the words are none of that.
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
  const isRecord = recipient !== undefined && seesRecipient(viewer, recipient);
  const asked = { kind: [kind.name], issue: [reference], limit: 1 };
  const issued = await listRecords({ readModels, people }, viewer, asked, now);
  const isIssue = issued.items.length > 0;
  return isRecord || isIssue ? { reference, isRecord, isIssue } : null;
}
