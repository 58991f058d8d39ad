import { requireNode } from '#platform/require-node';

requireNode();
const { demonstrate } = await import('./demonstrate.ts');
await demonstrate();
