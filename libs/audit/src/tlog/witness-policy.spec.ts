import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { printVerifierKey, verifierKey } from './signed-note.ts';
import type { SignatureType, VerifierKey } from './signed-note.ts';
import { parseWitnessPolicy } from './witness-policy.ts';

const keyNamed = (name: string, type: SignatureType = 'cosignature') =>
  verifierKey(name, type, generateKeyPairSync('ed25519').publicKey);
const LOG = keyNamed('docket.example/log', 'note');
const [X1, X2, X3, Y1] = [keyNamed('x1'), keyNamed('x2'), keyNamed('x3'), keyNamed('y1')];
const vkey = printVerifierKey;
const renamed = ({ key }: VerifierKey) => vkey(verifierKey('renamed', 'cosignature', key));

const policyIn = (text: string) => parseWitnessPolicy(Buffer.from(text));

const TWO_GROUPS = `
# whom we trust
log ${vkey(LOG)}
witness X1 ${vkey(X1)} https://x1.example/
\twitness X2\t${vkey(X2)}
witness X3 ${vkey(X3)}
group X-witnesses 2 X1 X2 X3
witness Y1 ${vkey(Y1)}
group X-and-Y all X-witnesses Y1
quorum X-and-Y
`;

describe('a policy', () => {
  test('of two groups requires enough of each', () => {
    const { logs, witnesses, isQuorum } = policyIn(TWO_GROUPS);
    expect(logs.map(({ key }) => key.name)).toEqual([LOG.name]);
    expect(witnesses.map(({ url }) => url)).toEqual(['https://x1.example/', null, null, null]);
    const [x1, x2, x3, y1] = witnesses.map(({ key }) => key);
    const of = (...signed: (typeof x1)[]) => isQuorum(signed.filter((key) => key !== undefined));
    expect(of(x1, x3, y1)).toBe(true);
    expect(of(x1, x2, x3)).toBe(false);
    expect(of(x1, y1)).toBe(false);
  });

  test('names witnesses by bytes, which need not be UTF-8', () => {
    const policy = Buffer.from(`witness W\u00fcrze ${vkey(X1)}\nquorum W\u00fcrze\n`, 'latin1');
    const { witnesses, isQuorum } = parseWitnessPolicy(policy);
    expect(isQuorum(witnesses.map(({ key }) => key))).toBe(true);
  });

  test('without witnesses requires none', () => {
    expect(policyIn(`log ${vkey(LOG)}\nquorum none\n`).isQuorum([])).toBe(true);
  });

  test('names examiners, all required by default', () => {
    const two = `examiner ombudsman ${vkey(X1)}\nexaminer court ${vkey(X2)}\n`;
    const { examiners, examinersNeeded, witnesses } = policyIn(`${two}witness w ${vkey(Y1)}\nquorum w\n`);
    expect(examiners.map(({ keyId }) => keyId)).toEqual([X1.keyId, X2.keyId]);
    expect([examinersNeeded, witnesses.length]).toEqual([2, 1]);
    expect(policyIn(`${two}examiners 1\nquorum none\n`).examinersNeeded).toBe(1);
    expect(policyIn('quorum none\n')).toMatchObject({ examiners: [], examinersNeeded: 0 });
  });

  test.each([
    ['line 2', 'a witness’s key as an examiner', `witness X1 ${vkey(X1)}\nexaminer E ${vkey(X1)}\n`],
    ['line 2', 'an examiner’s key as a witness', `examiner E ${vkey(X1)}\nwitness X1 ${vkey(X1)}\n`],
    ['line 2', 'a witness’s key under another name', `witness X1 ${vkey(X1)}\nexaminer E ${renamed(X1)}\n`],
    ['line 2', 'an examiner’s key twice', `examiner E ${vkey(X1)}\nexaminer F ${vkey(X1)}\n`],
    ['line 2', 'an examiner’s name twice', `examiner E ${vkey(X1)}\nexaminer E ${vkey(X2)}\n`],
    ['line 2', 'an examiner in a quorum', `examiner E ${vkey(X1)}\nquorum E\n`],
    ['line 1', 'a log’s key as an examiner', `examiner E ${vkey(LOG)}\n`],
    ['line 1', 'an examiner with an address', `examiner E ${vkey(X1)} https://e.example/\n`],
    ['line 2', 'more examiners than there are', `examiner E ${vkey(X1)}\nexaminers 2\n`],
    ['line 2', 'no examiners', `examiner E ${vkey(X1)}\nexaminers 0\n`],
    ['line 3', 'two numbers of examiners', `examiner E ${vkey(X1)}\nexaminers 1\nexaminers 1\n`],
    ['line 2', 'a name that no line before makes', `witness X1 ${vkey(X1)}\nquorum X2\n`],
    ['line 1', 'a log’s key as a witness', `witness X1 ${vkey(LOG)}\n`],
    ['line 1', 'a witness’s key as a log', `log ${vkey(X1)}\n`],
    ['line 2', 'a key under two names', `witness X1 ${vkey(X1)}\nwitness X2 ${vkey(X1)}\n`],
    ['line 2', 'defines a name again', `witness X1 ${vkey(X1)}\nwitness X1 ${vkey(X2)}\n`],
    ['line 1', 'the name none', `witness none ${vkey(X1)}\n`],
    ['line 3', 'a member twice', `witness X1 ${vkey(X1)}\ngroup A any X1\ngroup B any X1\n`],
    ['line 2', 'more than there are', `witness X1 ${vkey(X1)}\ngroup A 2 X1\n`],
    ['line 2', 'a group of none', `witness X1 ${vkey(X1)}\ngroup A all\n`],
    ['line 2', 'a second quorum', 'quorum none\nquorum none\n'],
    ['line 2', 'no quorum', `log ${vkey(LOG)}\n`],
    ['line 1', 'a word that is none of its', 'tree 7\n'],
    ['line 1', 'a control character', 'quorum none\r\n'],
    ['line 2', 'a control character in a comment', `log ${vkey(LOG)}\n# whom \u007f we trust\nquorum none\n`],
    ['line 1', 'more bytes than a policy has', `#${'x'.repeat(64 * 1024)}\nquorum none\n`],
    ['line 1', 'a key that is none', 'log example.com+00+AA\n'],
  ])('is refused at %s for %s', (line, _, text) => {
    expect(() => policyIn(text)).toThrow(line);
  });
});
