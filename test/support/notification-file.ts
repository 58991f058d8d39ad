import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test secret in the form of the Standard Webhooks specification. */
export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

/** Writes a notifications file with few retries, and returns the settings with its path. */
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

/** Returns a webhook subscriber to all bodies. */
export const tracker = (url: string, more: object = {}) => ({
  id: 'tracker',
  webhook: { url, secretFrom: 'TRACKER_SECRET' },
  roles: ['inspector'],
  bodies: 'all',
  ...more,
});
