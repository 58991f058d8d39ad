import { COMPARISON_EXITS } from '#audit/pack/compare-packs';
import { printCheckpoint } from '#audit/tlog/checkpoint';
import {
  disclosedEvents,
  INDICES,
  LOG_VKEY,
  logOf,
  makePack,
  noteOf,
  policyOf,
  SECOND_HISTORY,
  vkeyOf,
  WITNESSES,
  witnessSignature,
} from './pack-kit.ts';
import type { Altered } from './pack-kit.ts';
import { byOther, good, keptOf, TOLD } from './vector-cases.ts';
import type { Case } from './vector-cases.ts';
import type { BASES, VerifierInput } from './vectors.ts';

/** The version of the last event of an early pack. */
const EARLY = 9;
const WITNESSED = { cosigned: WITNESSES.slice(0, 2) } as const;
/** The record before any redaction, from a log of 25 events. */
const early: Altered = {
  events: (events) => events.slice(0, EARLY),
  withheld: [],
  indices: [...INDICES.slice(0, EARLY), 24],
  size: 25,
};
/** The same record, from a log with one more event of it before the pack was made. */
const hiding: Altered = {
  ...early,
  log: Array.from({ length: 24 }, (_, at) => (at === 23 ? logOf({})[30] : undefined)),
};
/** The record at a later time, in the same log. */
const later: Altered = { log: logOf(early) };
const of =
  (altered: Altered): NonNullable<Case['pack']> =>
  () =>
    makePack(altered);

const BACKDATED = Array.from({ length: 12 }, () => 'before-checkpoint' as const);
const byPolicy = { policy: policyOf('two') };
const backdated = 'a second history, backdated, that two witnesses cosigned';

const secondsOf = (instant: string): bigint => BigInt(Date.parse(instant) / 1_000);

/**
 * Cases that a single pack does not reveal: the log contains a second history of the record. Only warnings, and
 * comparing packs, show it.
 */
const SECOND: readonly Case[] = [
  good(`the first history, beside ${backdated}`, 'witnessed', byPolicy, { base: 'witnessed' }),
  good(`${backdated}, without its witnesses’ keys`, 'anchored', {}, { base: 'second' }),
  good(backdated, 'witnessed', byPolicy, { base: 'second', warnings: BACKDATED }),
  good(
    `${backdated}, and the checkpoint of the first was kept`,
    'witnessed',
    { ...byPolicy, kept: keptOf('witnessed') },
    { base: 'second', warnings: BACKDATED },
  ),
  good(`${backdated}, since no checkpoint`, 'witnessed', byPolicy, {
    pack: () => makePack(omitting(SECOND_HISTORY, 'since')),
  }),
  good(
    `${backdated}, since no checkpoint, though one was kept`,
    'witnessed',
    { ...byPolicy, kept: keptOf('witnessed') },
    { pack: () => makePack(omitting(SECOND_HISTORY, 'since')), unmet: ['kept'], warnings: BACKDATED },
  ),
  good(
    'recorded before a checkpoint of another log, which was kept',
    'anchored',
    { policy: policyOf('none'), kept: elsewhere() },
    { unmet: ['kept'], warnings: ['before-checkpoint'] },
  ),
  good('recorded five minutes before a checkpoint that it comes after', 'witnessed', byPolicy, {
    pack: of({ ...WITNESSED, since: 20, cosignedAt: secondsOf('2026-11-26T11:43:14Z') }),
  }),
  good(
    'recorded later than the pack was made, by less than five minutes',
    'anchored',
    {},
    { pack: of(madeAt('2026-11-26T11:35:00.000Z')) },
  ),
  good(
    'recorded later than the pack was made',
    'anchored',
    {},
    {
      pack: of(madeAt('2026-11-26T11:00:00.000Z')),
      warnings: Array.from({ length: 12 }, () => 'after-pack' as const),
    },
  ),
];

/** Returns another log's checkpoint of the same size, which a witness cosigned later. */
function elsewhere(): string {
  const text = printCheckpoint({ origin: 'else.example', size: 40n, root: Buffer.alloc(32, 7) });
  return noteOf(text, witnessSignature(text, WITNESSES[0], secondsOf('2026-11-26T12:00:30Z')));
}

function madeAt(recordedAt: string): Altered {
  return { packMade: (event) => (event.recordedAt = recordedAt) };
}
function omitting(altered: Altered, name: keyof Altered): Altered {
  const { [name]: _, ...rest } = altered;
  return rest;
}

/** A base pack or an altered one. */
type Packed = keyof typeof BASES | Altered;
const packed = (pack: Packed) =>
  typeof pack === 'string' ? { base: pack } : ({ base: 'whole', pack: of(pack) } as const);

export const compared = (
  name: string,
  comparison: NonNullable<Case['comparison']>,
  pack: Packed,
  against: Packed,
  { input, ...rest }: Omit<Partial<Case>, 'input'> & { readonly input?: Partial<VerifierInput> } = {},
): Case => ({
  name: `compared: ${name}`,
  verdict: 'anchored',
  code: null,
  ...packed(pack),
  against: packed(against),
  comparison,
  exit: COMPARISON_EXITS[comparison],
  ...rest,
  input: { ...TOLD, ...input },
});

export const of731: Altered = {
  events(events) {
    for (const event of events) event.streamId = 'recommendation-731';
  },
  packMade: (event) => (event.data['streamId'] = 'recommendation-731'),
  reseal: true,
};
/** A later pack that ends before the last event of an earlier one. */
const cut: Altered = {
  ...early,
  log: logOf({}),
  size: 64,
  since: 47,
  indices: [...INDICES.slice(0, EARLY), 60],
};

export const COMPARED: readonly Case[] = [
  ...SECOND,
  compared('a pack with itself', 'one-history', {}, {}),
  compared(
    'with other values withheld',
    'one-history',
    {},
    {
      withheld: [],
      events: () => disclosedEvents([]),
      log: logOf({}),
      size: 64,
      since: 47,
      indices: INDICES.with(-1, 60),
    },
  ),
  compared('one that leads on from the other', 'one-history', { ...later, since: 25 }, early),
  compared('one from which the other leads on', 'one-history', early, { ...later, since: 25 }),
  compared('with nothing known of the log', 'one-history', { ...later, since: 25 }, early, {
    input: { keys: [] },
    verdict: 'unanchored',
  }),
  compared('two that lead on from neither', 'not-shown', later, early),
  compared('two that lead on from a third', 'not-shown', { ...later, since: 20 }, { ...early, since: 20 }),
  compared(
    'the two of the attack, which lead on from neither',
    'not-shown',
    omitting(SECOND_HISTORY, 'since'),
    {},
  ),
  compared('the two of the attack', 'two-histories', 'second', 'witnessed', {
    input: byPolicy,
    verdict: 'witnessed',
    warnings: BACKDATED,
  }),
  compared('the two of the attack, the other way round', 'two-histories', 'witnessed', 'second', {
    input: byPolicy,
    verdict: 'witnessed',
  }),
  compared('a later one that ends earlier', 'two-histories', cut, {}, { prints: true }),
  compared('two roots of one size', 'two-histories', {}, { log: ['f'.repeat(64)] }),
  compared(
    'an event that was put in before the end of an earlier pack',
    'two-histories',
    {
      log: logOf(hiding),
      since: 25,
      indices: INDICES.with(9, 23),
    },
    hiding,
  ),
  compared('another record', 'other-records', {}, of731),
  compared(
    'a record of another log',
    'not-shown',
    {},
    { origin: 'else.example' },
    {
      input: { keys: [LOG_VKEY, vkeyOf('else.example')] },
    },
  ),
  compared(
    'the record of another log, with nothing known of them',
    'not-shown',
    {},
    { origin: 'else.example' },
    {
      input: { keys: [] },
      verdict: 'unanchored',
    },
  ),
  compared('one that does not hold', 'not-compared', {}, { parts: (parts) => parts.proofs.reverse() }),
  compared('one that another key signed', 'not-compared', {}, { sign: byOther }),
];
