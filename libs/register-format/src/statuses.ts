import { oneLine } from './white-space.ts';

/** The four statuses of the register. */
export const registerStatuses = [
  'awaiting-review',
  'being-progressed',
  'complete',
  'no-further-action-needed',
] as const;

export type RegisterStatus = (typeof registerStatuses)[number];

/** Reports whether a status is one of the four. */
export function isRegisterStatus(status: string): status is RegisterStatus {
  return (registerStatuses as readonly string[]).includes(status);
}

/** Reports whether a status closes a record. */
export function isClosingStatus(status: string): boolean {
  return status === 'complete' || status === 'no-further-action-needed';
}

/** Returns a status as records store it: one of the four in lower case, or any other as written, on one line. */
export function normaliseStatus(written: string): string {
  const status = oneLine(written);
  const lowered = status.toLowerCase();
  return isRegisterStatus(lowered) ? lowered : status;
}
