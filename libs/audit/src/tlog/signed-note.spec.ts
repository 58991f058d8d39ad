import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { printCheckpoint, readCheckpoint, signNote } from './checkpoint.ts';
import { cosign, cosignersOf } from './cosignature.ts';
import { ed25519Key, isEd25519Signature } from './ed25519.ts';
import {
  MalformedNoteError,
  parseNote,
  parseVerifierKey,
  printNote,
  printVerifierKey,
  signersOf,
  verifierKey,
} from './signed-note.ts';
import type { SignedNote } from './signed-note.ts';

/** The example of the specification (C2SP signed-note 1.0.0). */
const VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

const ORIGIN = 'docket.example/log';
const root = Buffer.alloc(32, 7);
const checkpoint = { origin: ORIGIN, size: 10_553n, root };
const log = generateKeyPairSync('ed25519');
const logKey = verifierKey(ORIGIN, 'note', log.publicKey);
const signed = (text: string): SignedNote => ({ text, signatures: [signNote(text, ORIGIN, log.privateKey)] });
const bytesOf = (note: SignedNote | string): Buffer =>
  Buffer.from(typeof note === 'string' ? note : printNote(note));

describe('the note of the specification', () => {
  test('is signed by the key of the specification', () => {
    const key = parseVerifierKey(VKEY);
    expect(printVerifierKey(key)).toBe(VKEY);
    const note = parseNote(bytesOf(NOTE));
    expect(note.text).toBe('This is an example message.\n');
    expect(signersOf(note, [key])).toEqual([key]);
    expect(printNote(note)).toBe(NOTE);
  });

  test('is refused completely if a known key’s signature is invalid', () => {
    const note = parseNote(bytesOf(NOTE.replace('example message', 'exemple message')));
    expect(() => signersOf(note, [parseVerifierKey(VKEY)])).toThrow(MalformedNoteError);
  });

  test('has no known signer without the key', () => {
    expect(signersOf(parseNote(bytesOf(NOTE)), [logKey])).toEqual([]);
  });
});

describe('a note', () => {
  test('is split at its last empty line', () => {
    const { text } = signed('one\n\ntwo\n');
    expect(parseNote(bytesOf(signed(text))).text).toBe('one\n\ntwo\n');
  });

  test.each([
    ['a carriage return', NOTE.replace('.\n', '.\r\n')],
    ['no line feed at its end', NOTE.slice(0, -1)],
    ['no signature', 'text\n\n'],
    ['no empty line', 'text\n— example.com/foo Uw2QOkn8\n'],
    ['a name with a plus', NOTE.replace('— example.com/foo', '— example.com+foo')],
    ['base64 with another spelling', NOTE.replace('yaQM=', 'yaQN=')],
    ['a hyphen for a dash', NOTE.replace('—', '-')],
    ['65 signatures', NOTE + NOTE.slice(NOTE.indexOf('—')).repeat(64)],
  ])('with %s is invalid', (_, text) => {
    expect(() => parseNote(bytesOf(text))).toThrow(MalformedNoteError);
  });

  test('that is not UTF-8, or too long, is invalid', () => {
    expect(() => parseNote(Buffer.concat([Buffer.of(0xc3), bytesOf(NOTE)]))).toThrow('UTF-8');
    expect(() => parseNote(Buffer.alloc(70_000, 97))).toThrow('longer');
  });

  test('of any bytes is either read and printed unchanged, or refused as malformed', () => {
    const near = fc
      .tuple(fc.nat(NOTE.length), fc.nat(3), fc.string({ unit: 'binary', maxLength: 3 }))
      .map(([at, count, put]) => NOTE.slice(0, at) + put + NOTE.slice(at + count));
    fc.assert(
      fc.property(fc.oneof(near.map(bytesOf), fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          expect(bytesOf(parseNote(bytes))).toEqual(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedNoteError);
        }
      }),
    );
  });
});

describe('a verifier key', () => {
  test.each([
    ['of another id', VKEY.replace('530d903a', '530d903b')],
    ['of a kind that is not known', 'example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'],
    ['without a name', VKEY.slice(VKEY.indexOf('+'))],
    ['with white space', `${VKEY} `],
    ['that is cut', VKEY.slice(0, -4)],
  ])('%s is refused', (_, text) => {
    expect(() => parseVerifierKey(text)).toThrow(RangeError);
  });

  test.each([
    ['of small order', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
    ['of small order, with the sign set', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
    ['that is the neutral element', `01${'00'.repeat(31)}`],
    ['that is not canonical', `f0${'ff'.repeat(30)}7f`],
    ['that is not a point of the curve', `02${'00'.repeat(31)}`],
    ['that is cut', 'e932'],
  ])('%s is refused', (_, hex) => {
    expect(() => ed25519Key(Buffer.from(hex, 'hex'))).toThrow(RangeError);
  });

  test('accepts no second signature with a larger S', () => {
    const [signature] = signed('text\n').signatures;
    const bytes = Buffer.from(signature?.bytes ?? []);
    expect(isEd25519Signature(log.publicKey, Buffer.from('text\n'), bytes)).toBe(true);
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
    Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().copy(bytes, 32);
    expect(isEd25519Signature(log.publicKey, Buffer.from('text\n'), bytes)).toBe(false);
  });
});

describe('a checkpoint', () => {
  const text = printCheckpoint(checkpoint);

  test('is read with its signers', () => {
    const read = readCheckpoint(bytesOf(signed(text)), [logKey]);
    expect(read.checkpoint).toEqual(checkpoint);
    expect(read.signers).toEqual([logKey]);
  });

  test('is not signed for this log by a valid signature with the key of another log', () => {
    const other = verifierKey('docket.example/other', 'note', log.publicKey);
    const note = { text, signatures: [signNote(text, other.name, log.privateKey)] };
    expect(readCheckpoint(bytesOf(note), [other, logKey]).signers).toEqual([]);
  });

  test.each([
    ['with a further line', `${text}more\n`],
    ['with a size that has a zero before it', text.replace('10553', '010553')],
    ['with a size that no tree has', text.replace('10553', '9223372036854775808')],
    ['without an origin', text.slice(text.indexOf('\n'))],
    ['with half a root', printCheckpoint({ ...checkpoint, root: root.subarray(16) })],
  ])('%s is invalid', (_, other) => {
    expect(() => readCheckpoint(bytesOf(signed(other)), [logKey])).toThrow(MalformedNoteError);
  });

  test('is cosigned by the witnesses with valid dated signatures only', () => {
    const [one, two] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
    const seconds = 1_679_315_147n;
    const known = [one, two].map(({ publicKey }, index) =>
      verifierKey(`witness.example/w${index + 1}`, 'cosignature', publicKey),
    );
    const [first, second] = [one, two].map(({ privateKey }, index) =>
      cosign(text, `witness.example/w${index + 1}`, privateKey, seconds),
    );
    const note = {
      text,
      signatures: [...signed(text).signatures, ...(first && second ? [first, second] : [])],
    };
    expect(cosignersOf(parseNote(bytesOf(note)), known)).toEqual(
      known.map((witness) => ({ witness, seconds })),
    );
    second?.bytes.writeBigUInt64BE(seconds + 1n);
    expect(cosignersOf(parseNote(bytesOf(note)), known)).toEqual([{ witness: known[0], seconds }]);
  });

  test('is not cosigned by a witness key that signed it as a log', () => {
    const name = 'witness.example/w1';
    const witness = verifierKey(name, 'cosignature', log.publicKey);
    const note = { text, signatures: [signNote(text, name, log.privateKey)] };
    expect(cosignersOf(parseNote(bytesOf(note)), [witness])).toEqual([]);
  });
});
