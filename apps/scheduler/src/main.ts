import { requireNode } from '#platform/require-node';

requireNode();
const { schedule } = await import('./schedule.ts');
await schedule();
// What cannot be sent to a collector that is away would be tried for a while yet.
process.exit();
