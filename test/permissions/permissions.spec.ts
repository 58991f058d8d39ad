import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROUTES } from '#server/api/routes';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { CommandRefusedError } from '#lifecycle/refused';
import { importRecord } from '#use-cases/register-files/import-record';
import { issueRecords } from '#use-cases/records/issue-records';
import { ROLES } from '#state-machines/access';
import { formatFile } from '../support/format-file.ts';
import { situationsOf, VARIANTS } from '../support/situations.ts';
import { sendAll, cellsOf, MatrixBench, NOW } from './matrix.ts';
import type { Answered } from './matrix.ts';
import { permissionsDocument } from './permissions-document.ts';
import type { RouteAnswers } from './permissions-document.ts';
import { lifecycles } from '#state-machines/lifecycles';
import { importCall } from '../support/register-imports.ts';
import { recommendation as kind } from '#state-machines/inspection-recommendation/kind';

const PAGE = fileURLToPath(new URL('../../docs/permissions.md', import.meta.url));
const isWriting = process.env['DOCKET_WRITE_PERMISSIONS'] !== undefined;

const [PLAIN_RECORD] = VARIANTS;
const answered: Answered[] = [];
const routes: RouteAnswers[] = [];

describe('permissions, on a store in memory', () => {
  let bench: MatrixBench;
  beforeAll(async () => {
    bench = new MatrixBench(new MemoryEventStore(createSealer()));
    await bench.prepare();
  });
  afterAll(() => bench.store.close());

  test.each(VARIANTS)('$name: every command, by every role, in its states', async (variant) => {
    for (const situation of situationsOf(variant)) {
      const cells = cellsOf(situation, variant === PLAIN_RECORD);
      const { answers, differences } = await sendAll(bench, cells, variant);
      expect(differences).toEqual([]);
      answered.push(...answers);
    }
  });

  test('each command was allowed to someone, and refused for every reason that it has', () => {
    expect(new Set(answered.map(({ cell }) => cell.command)).size).toBe(30);
    const codes = new Set(answered.map(({ outcome }) => ('code' in outcome ? outcome.code : 'allowed')));
    const route: readonly string[] = ROUTES.command.problems;
    expect([...codes].filter((code) => code !== 'allowed' && !route.includes(code))).toEqual([]);
    expect([...codes].sort()).toEqual(
      [
        'allowed',
        'closure-request-needed',
        'command-not-allowed',
        'deadline-ambiguous',
        'deadline-not-later',
        'deadline-unknown',
        'due-in-past',
        'effective-date-in-future',
        'effective-date-of-correction',
        'effective-date-not-yours',
        'event-not-found',
        'id-already-used',
        'invalid-payload',
        'not-correctable',
        'not-redactable',
        'role-not-permitted',
        'separation-of-duties',
        'successor-closed',
        'successor-of-another-body',
        'successor-is-itself',
        'successor-not-found',
        'supersede-cycle',
        'too-many-deadlines',
      ].sort(),
    );
  });
});

describe('a command without a record', () => {
  const recommendation = {
    title: 'A title',
    text: 'A text.',
    recipients: ['wiltshire'],
    report: { name: 'A report', publishedOn: '2026-01-01' },
  };
  const calls = {
    issue: (store: EventStore, role: string) =>
      issueRecords(store, lifecycles, kind, {
        organisations: [],
        ...callBy(role),
        body: recommendation,
      }),
    import: (store: EventStore, role: string) =>
      importRecord(
        store,
        lifecycles,
        importCall('A title (r-1)\n\nA text.\n', { ...callBy(role), id: 'r-1' }),
      ),
  };
  const callBy = (role: string) => ({
    actor: { subject: 'somebody', roles: [role] },
    now: NOW,
    commandId: randomUUID(),
    request: null,
    correlationId: 'matrix',
  });

  test.each([
    { name: 'issue', documented: ['inspector'] },
    { name: 'import', documented: ['inspector', 'administrator'] },
  ] as const)('$name is for $documented alone', async ({ name, documented }) => {
    const allowed: string[] = [];
    for (const role of ROLES) {
      const store = new MemoryEventStore(createSealer());
      const answer = await calls[name](store, role).catch((error: unknown) => error);
      if (answer instanceof Error) {
        expect(answer).toBeInstanceOf(CommandRefusedError);
        expect(answer).toMatchObject({ code: 'role-not-permitted' });
        expect(await store.lastPosition()).toBe('0');
      } else {
        expect(await store.readAll()).not.toEqual([]);
        allowed.push(role);
      }
    }
    expect(allowed).toEqual(documented);
    routes.push({ name, roles: allowed });
  });
});

// This test is last, because it prints the responses of the other tests.
test('docs/permissions.md matches the answers of the rules', async () => {
  expect([new Set(answered.map(({ cell }) => cell.situation)).size, routes.length]).toEqual([
    VARIANTS.flatMap(situationsOf).length,
    2,
  ]);
  const printed = await formatFile('permissions.md', permissionsDocument(answered, routes));
  if (isWriting) writeFileSync(PAGE, printed);
  const lines = readFileSync(PAGE, 'utf8').split('\n');
  const at = printed.split('\n').findIndex((line, index) => line !== lines[index]);
  if (at >= 0 || lines.length !== printed.split('\n').length) {
    throw new Error(
      `docs/permissions.md is not what the rules answer any more, from line ${at + 1} on. If the change of the rules ` +
        `is meant, write the page anew with \`npm run permissions\` and commit it with the change.\n` +
        `- ${lines[at] ?? '(the end)'}\n+ ${printed.split('\n')[at] ?? '(the end)'}`,
    );
  }
});
