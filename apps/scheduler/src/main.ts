import { requireNode } from '#platform/require-node';

requireNode();
const { schedule } = await import('./schedule.ts');
await schedule();
// Retries to an unreachable telemetry collector would keep the process alive for a while.
process.exit();
