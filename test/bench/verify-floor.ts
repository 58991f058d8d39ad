import { hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import canonicalize from 'canonicalize';

// A thread of the floor of the bench `verify`: parses, canonicalises and hashes its part of the log's rows.
const { path, from, to } = workerData as {
  readonly path: string;
  readonly from: number;
  readonly to: number;
};
const db = new Database(path, { readonly: true });
const select = db.prepare<[number, number], string>(
  'SELECT envelope FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT 500',
);
select.pluck();
let hashed = 0;
for (let after = from; after < to; after += 500) {
  for (const envelope of select.all(after, to)) {
    const { hash: _hash, salts: _salts, ...sealed } = JSON.parse(envelope) as Record<string, unknown>;
    if (hash('sha256', canonicalize(sealed) ?? '', 'hex') !== '') hashed += 1;
  }
}
parentPort?.postMessage(hashed);
