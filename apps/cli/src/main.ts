#!/usr/bin/env node
import { requireNode } from '#platform/require-node';

requireNode();
const { runDocket } = await import('./docket.ts');
process.exitCode = await runDocket(process.argv.slice(2));
