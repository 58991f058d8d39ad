import { restartPath, restartProofPath } from '#audit/pack/pack-names';
import { compared, of731 } from './compared-cases.ts';
import { BEGUN_ANEW, LOG_VKEY, makePack, ORIGIN, vkeyOf } from './pack-kit.ts';
import type { Altered, AlterableEvent } from './pack-kit.ts';
import { bad, drop, edit, good, listed } from './vector-cases.ts';
import type { Case } from './vector-cases.ts';

const OLD = BEGUN_ANEW.before.origin;
const BETWEEN = 'between.example';
const input = { keys: [LOG_VKEY, vkeyOf(OLD), vkeyOf(BETWEEN)] };
/** The pack of the log before its restart. */
const old: Altered = { origin: OLD };
/** A log that had another name for some time. */
const between: Altered = { origin: BETWEEN, begun: [{ ...BEGUN_ANEW, origin: BETWEEN }] };
const twice = {
  begun: [...between.begun!, { index: 45, origin: ORIGIN, before: { origin: BETWEEN, size: 44 } }],
} satisfies Altered;

const wrong = (name: string, alter: (event: AlterableEvent) => unknown): Case =>
  bad('begun', name, { pack: () => makePack({ begun: [{ ...BEGUN_ANEW, alter }] }) });

/** Packs of a log that states that it was restarted. */
export const BEGUN: readonly Case[] = [
  good('from a log that began anew', 'anchored', {}, { base: 'anew' }),
  good('from a log that began anew twice', 'anchored', {}, { pack: () => makePack(twice) }),
  good(
    'from a log that began anew before anything was signed',
    'anchored',
    {},
    { pack: () => makePack({ begun: [{ ...BEGUN_ANEW, before: null }] }) },
  ),
  good(
    'from a log that began anew for no reason, after one without a name',
    'anchored',
    {},
    {
      pack: () =>
        makePack({
          begun: [
            {
              ...BEGUN_ANEW,
              before: { ...BEGUN_ANEW.before, origin: '' },
              alter: (event) => (event.data['reason'] = ''),
            },
          ],
        }),
    },
  ),
  compared(
    'another record of a log after which that of the other began anew',
    'other-records',
    'anew',
    {
      ...of731,
      ...old,
    },
    { input, begun: [] },
  ),
  compared('a log that began anew after that of the other', 'not-shown', 'anew', old, {
    input,
    begun: [ORIGIN],
    prints: true,
  }),
  compared('a log after which that of the other began anew', 'not-shown', old, 'anew', {
    input,
    begun: [ORIGIN],
  }),
  compared('a log that began anew twice, and the first one', 'not-shown', twice, old, {
    input,
    begun: [BETWEEN, ORIGIN],
  }),
  compared('a log that began anew twice, and the one in between', 'not-shown', twice, between, {
    input,
    begun: [BETWEEN, ORIGIN],
  }),
  compared('two logs that began anew after a third', 'not-shown', 'anew', between, {
    input,
    begun: [ORIGIN, BETWEEN],
  }),
  compared('a log that began anew with itself', 'one-history', 'anew', 'anew', { begun: [] }),
  wrong('another type', (event) => (event.type = 'KeyChanged')),
  wrong('another stream', (event) => (event.streamId = 'checkpoints-2')),
  wrong('another name than the log has', (event) => (event.data['origin'] = 'else.example')),
  wrong('no reason', (event) => Reflect.deleteProperty(event.data, 'reason')),
  wrong('a root that is none', (event) => {
    event.data['before'] = { origin: OLD, size: 41, root: 'AAAA' };
  }),
  wrong('a log of no events before it', (event) => {
    event.data['before'] = { origin: OLD, size: 0, root: `${'A'.repeat(43)}=` };
  }),
  wrong('a shape that is not known', (event) => (event['schemaVersion'] = 2)),
  wrong('the id of another command', (event) => {
    event.command.id = '9b2ff9c6-4f1a-4f5e-8a4e-6e3c4a1e2b99';
  }),
  wrong('a value that it withholds', (event) => (event.commitments['/data/why'] = '0'.repeat(64))),
  wrong('a first version that follows another event', (event) => (event.version = 1)),
  listed(
    'begun',
    'a number that is left out',
    (files) => {
      for (const path of [restartPath, restartProofPath]) files.set(path(2), files.get(path(1))!);
      for (const path of [restartPath, restartProofPath]) files.delete(path(1));
    },
    'anew',
  ),
  bad('proof', 'two beginnings in another order', {
    pack: () => makePack({ begun: twice.begun.map((each, at) => ({ ...each, index: 45 - at })) }),
  }),
  listed(
    'proof',
    'a beginning at another index',
    edit(restartProofPath(1), (text) => text.replace('index 42', 'index 41')),
    'anew',
  ),
  listed('bag', 'a beginning without its proof', drop(restartProofPath(1)), 'anew'),
  listed('bag', 'the proof of a beginning that is not there', drop(restartPath(1)), 'anew'),
];
