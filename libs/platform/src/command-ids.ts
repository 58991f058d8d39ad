import { randomUUID } from 'node:crypto';
import { v5 } from 'uuid';

/** The namespace of the ids that Docket derives (RFC 9562, version 5). */
const NAMESPACE = '0b6c1f0e-6a55-5b0a-9c53-5f1f6f2f0d3e';

/** A key belongs to a subject: the same key of another subject is another command. */
export const commandId = (subject: string, idempotencyKey: string | null): string =>
  idempotencyKey === null ? randomUUID() : v5(idempotencyKey, v5(subject, NAMESPACE));
