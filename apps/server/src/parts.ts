import type { HttpParts } from '#platform/http-parts';
import type { DocketNode } from '#platform/node';
import { verifiers } from '#platform/verifiers';
import type { PackContext } from '#use-cases/audit/make-pack';
import type { RecordsAccess } from '#use-cases/records/records-access';
import type { WebhooksAccess } from '#use-cases/webhooks/administer-webhooks';

/** The injection token of {@link Parts}. */
export const PARTS = Symbol('parts');

/** What the API and the pages use. Each use case picks the ones that it needs. */
export interface Parts
  extends
    RecordsAccess,
    Omit<HttpParts, 'records'>,
    WebhooksAccess,
    Pick<DocketNode, 'projector' | 'sweeps' | 'checkpoints' | 'publicUrl'>,
    Pick<PackContext, 'verifiers'> {}

export function partsOf({
  http,
  webhooks,
  projector,
  sweeps,
  checkpoints,
  publicUrl,
}: DocketNode<true>): Parts {
  const { records, ...others } = http;
  return { ...records, ...others, ...webhooks, projector, sweeps, checkpoints, publicUrl, verifiers };
}
