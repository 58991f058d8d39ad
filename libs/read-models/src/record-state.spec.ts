import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { pendingOn } from '#state-machines/inspection-recommendation/v1/record';
import { historyFrom, RecordLog } from '#test/support/record-log';
import { eventsOfRecords } from './record-row.ts';
import { personLine, recordStateAfter, recordStateColumns, waitColumn } from './record-state.ts';
import type { FoldedRecordState, RecordStateRow } from './record-state.ts';

/** Returns the states after a log's events. Each state is written and read back after each event. */
function foldedStatesOf({ events }: RecordLog): FoldedRecordState[] {
  const states = new Map<string, FoldedRecordState>();
  for (const event of eventsOfRecords({ events, ordinal: 0 })) {
    const after = recordStateAfter(states.get(event.streamId), event);
    states.set(event.streamId, JSON.parse(JSON.stringify(after)) as FoldedRecordState);
  }
  return [...states.values()];
}

/** Returns the requests if all have the same requester. */
const askedByOne = <One extends { readonly requester: string | null }>(requests: readonly One[]) =>
  new Set(requests.map(({ requester }) => personLine(requester))).size === 1 ? requests : [];

const rowsOf = (log: RecordLog): RecordStateRow[] => foldedStatesOf(log).map(recordStateColumns);

/** Returns the lifecycle's state after all of a record's events. */
function statesOf({ events }: RecordLog): Map<string, LifecycleState<Facts>> {
  const states = new Map<string, LifecycleState<Facts>>();
  for (const event of eventsOfRecords({ events, ordinal: 0 })) {
    const { streamId } = event;
    states.set(streamId, inspectionRecommendation.evolve(states.get(streamId) ?? null, event));
  }
  return states;
}

describe('the state of a record', () => {
  test('for any history, equals the state of the lifecycle, although the summary has only some of the facts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 20, maxLength: 120 }), (choices) => {
        const log = historyFrom(choices);
        const states = statesOf(log);
        for (const row of rowsOf(log)) {
          const state = states.get(row.stream) as LifecycleState<Facts>;
          const { facts, value } = state;
          const pending = pendingOn(state);
          expect(row).toMatchObject({
            ...{ recipient: facts.recipient, owner: facts.owner, status_origin: facts.statusOrigin },
            ...{
              in_closure: value['closure'],
              in_evidence: value['evidence'],
              in_response: value['response'],
            },
          });
          const waiting = {
            closure: pending.closure && [pending.closure],
            evidence: pending.evidence && facts.submissions,
            extension: pending.extensions.length === 0 ? undefined : askedByOne(pending.extensions),
          };
          expect(row.waits.includes(' proposal ')).toBe(pending.proposals.length > 0);
          for (const [what, requests] of Object.entries(waiting)) {
            const column = row[waitColumn(what)];
            const lines = new Set(requests?.map(({ requester }) => personLine(requester).trim()));
            expect(row.waits.includes(` ${what} `)).toBe(requests !== undefined);
            expect([what, column === null]).toEqual([what, requests === undefined]);
            expect(new Set(column?.split('\n').filter((line) => line !== ''))).toEqual(lines);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('is closed on the date of the current closure, and has no such date if open', () => {
    const log = new RecordLog();
    const closedOn = () => rowsOf(log)[0]?.closed_on;
    log.issue('a');
    expect(closedOn()).toBeNull();
    log.add('a', 'RecommendationCompleted', {}, { effectiveOn: '2026-03-01' });
    log.comment('a', 'after that');
    log.add('a', 'StatusRecorded.no-further-action-needed', {}, { effectiveOn: '2026-04-01' });
    expect(closedOn()).toBe('2026-03-01');
    log.add('a', 'RecommendationReopened', { reason: 'r' }, { effectiveOn: '2026-05-01' });
    expect(closedOn()).toBeNull();
    log.add('a', 'NoFurtherActionDecided', { reason: 'merged' }, { effectiveOn: '2026-06-01' });
    expect(closedOn()).toBe('2026-06-01');
  });

  test('names each person once, whatever their roles, and no one for unknown people', () => {
    const log = new RecordLog();
    log.issue('a');
    for (const subject of ['ann', 'cli:ann', 'bob', 'ann']) {
      log.add('a', 'EvidenceSubmitted', { items: [] }, { subject });
    }
    log.add('a', 'EvidenceSubmitted', { items: [] }, { origin: 'import' });
    const [row] = rowsOf(log);
    expect(row?.evidence_by).toBe('\n"ann"\n"bob"\nnull\n');
    expect(foldedStatesOf(log)[0]?.summary).toMatchObject({
      submissions: [{ requester: 'ann' }, { requester: 'bob' }, { requester: null }],
    });
  });

  test('keeps no decisions, and no text except the owner', () => {
    const log = new RecordLog();
    log.issue('a', { title: 'Brackenbury' });
    log.deadline('a', 'd1', '2026-06-30');
    for (let round = 0; round < 50; round += 1) {
      log.add('a', 'EvidenceSubmitted', { items: [], note: 'Brackenbury' });
      log.add('a', 'EvidenceRejected', { reason: 'Brackenbury', decides: [`e${round}`] });
      log.add('a', 'ExtensionRequested', { deadlineId: 'd1', dueOn: '2026-07-30', reason: 'Brackenbury' });
      log.add('a', 'ExtensionRefused', {
        deadlineId: 'd1',
        reason: 'Brackenbury',
        decides: [`e${4 * round + 4}`],
      });
    }
    const [row] = rowsOf(log);
    expect(row).toMatchObject({ extension_by: null, in_evidence: 'rejected', evidence_by: null });
    const stored = JSON.stringify([row, ...foldedStatesOf(log)]);
    expect(stored).not.toContain('Brackenbury');
    expect(stored.length).toBeLessThan(2_000);
  });
});
