import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A secret as the Standard Webhooks specification has it, for tests alone. */
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

/** Writes a file of notifications that gives up soon, and says how a process is told of it. */
export function notificationFile(folder: string, more: object): Record<string, string> {
  const path = join(folder, 'notifications.json');
  const json = {
    baseUrl: 'https://docket.example',
    delivery: { maxAttempts: 2, firstPauseSeconds: 0.05, timeoutSeconds: 5, leaseSeconds: 6 },
    ...more,
  };
  writeFileSync(path, JSON.stringify(json));
  return { DOCKET_NOTIFICATIONS: path };
}

/** Someone who sees every body and is told by a webhook. */
export const tracker = (url: string, more: object = {}) => ({
  id: 'tracker',
  webhook: { url, secretFrom: 'TRACKER_SECRET' },
  roles: ['inspector'],
  bodies: 'all',
  ...more,
});
