import { requireNode } from '#platform/require-node';

requireNode();
const { serve } = await import('./serve.ts');
await serve();
