import { PACK } from '#audit/pack/pack-names';
import { parseNote } from '#audit/tlog/signed-note';
import { EXAMINERS, examinersPolicy, makePack, policyOf, WITNESSES } from './pack-kit.ts';
import type { Altered } from './pack-kit.ts';
import { bad, byOther, drop, edit, forged, good, listed } from './vector-cases.ts';
import type { Case } from './vector-cases.ts';

const TWO = WITNESSES.slice(0, 2);
const of =
  (altered: Altered): NonNullable<Case['pack']> =>
  () =>
    makePack(altered);
const both = { policy: examinersPolicy(2) };
const one = { policy: examinersPolicy(1) };
const byFirst = of({ cosigned: TWO, examined: { size: 42, by: EXAMINERS.slice(0, 1) } });
/** Returns a pack whose examined checkpoint does not have the log's signature. */
const examinedBy = (sign: (text: string) => string): NonNullable<Case['pack']> =>
  of({
    examined: { size: 42, by: EXAMINERS },
    parts: (parts) => {
      parts.examined!.checkpoint = sign(parseNote(Buffer.from(parts.examined!.checkpoint)).text);
    },
  });
const based = { base: 'examined' } as const;

/** Packs of a log that examiners verified. Their checkpoint must include every event of the record, up to index 40. */
export const EXAMINED: readonly Case[] = [
  good('examined by both examiners', 'examined', both, based),
  good('examined, as is required', 'examined', { ...both, require: 'examined' }, based),
  good('examined by the one that is needed', 'examined', one, { pack: byFirst }),
  good('examined by one of the two that are needed', 'witnessed', both, { pack: byFirst, unmet: ['policy'] }),
  good('examined to just behind its last event', 'examined', both, {
    pack: of({ cosigned: TWO, examined: { size: 41, by: EXAMINERS } }),
  }),
  good('examined, but for its last event', 'witnessed', both, {
    pack: of({ cosigned: TWO, examined: { size: 40, by: EXAMINERS } }),
    unmet: ['policy'],
  }),
  good('examined, and without witnesses', 'anchored', both, {
    pack: of({ examined: { size: 42, by: EXAMINERS } }),
    unmet: ['policy'],
  }),
  good('examined, by a policy without examiners', 'witnessed', { policy: policyOf('two') }, based),
  good(
    'not examined, though that is required',
    'witnessed',
    { ...one, require: 'examined' },
    { base: 'witnessed', unmet: ['policy', 'require'] },
  ),
  good('examined by a witness of the policy alone', 'witnessed', one, {
    pack: of({ cosigned: TWO, examined: { size: 42, by: TWO } }),
    unmet: ['policy'],
  }),
  bad('signature', 'an examined checkpoint with a false signature of the log', {
    pack: examinedBy(forged((bytes) => (bytes[0]! ^= 1))),
  }),
  good(
    'with an examined checkpoint that the log did not sign',
    'anchored',
    {},
    { pack: examinedBy(byOther) },
  ),
  listed(
    'consistency',
    'an examined checkpoint from which too little leads',
    edit(PACK.examinedConsistency, (text) => text.replace(/^.*\n/, '')),
    'examined',
  ),
  listed(
    'bag',
    'an examined checkpoint from which nothing leads',
    drop(PACK.examinedConsistency),
    'examined',
  ),
];
