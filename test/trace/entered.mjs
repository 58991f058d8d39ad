// Runs in every thread of an instrumented service: notes the functions that enter a file first.
import { threadId, BroadcastChannel } from 'node:worker_threads';

const channel = new BroadcastChannel('trace');
channel.unref();
let first = null;

/** Is called at the entry of every function. */
export function entered(file, name) {
  if (first !== null && !first.has(file))
    first.set(file, { file, name, at: process.hrtime.bigint(), threadId });
}

channel.onmessage = ({ data }) => {
  if (data === 'start') first = new Map();
  if (data === 'report') channel.postMessage([...first.values()]);
  if (data === 'stop') first = null;
};
