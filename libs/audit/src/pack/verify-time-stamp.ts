import { createPublicKey, hash, verify } from 'node:crypto';
import {
  BitString,
  Boolean,
  Constructed,
  GeneralizedTime,
  ObjectIdentifier,
  OctetString,
  UTCTime,
} from 'asn1js';
import type { BaseBlock } from 'asn1js';
import { isNamed, partsOf, readDer } from '../time-stamp.ts';

/** A certificate (RFC 5280) with the parts that a time-stamp's verification needs. */
export interface Certificate {
  readonly der: Uint8Array;
  readonly signed: Uint8Array;
  readonly algorithm: string;
  readonly signature: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly from: Date;
  readonly until: Date;
  readonly publicKey: Uint8Array;
  /** The contents of the extensions by id, and whether they are critical. */
  readonly extensions: ReadonlyMap<string, { readonly isCritical: boolean; readonly value: BaseBlock }>;
}

/** The time-stamp uses an algorithm that this verifier does not know, so it cannot be checked. */
export class UnknownAlgorithmError extends Error {
  override readonly name = 'UnknownAlgorithmError';
}

const DIGESTS: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const RSA = '1.2.840.113549.1.1.1';
const SIGNATURES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
};
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const TIME_STAMP_INFO = '1.2.840.113549.1.9.16.1.4';
/** The attributes that name the signer's certificate by its digest (RFC 5035 and RFC 2634). */
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.37';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
/** The DER tag of a set. A signature covers the attributes with this tag instead of their own. */
const SET = 0x31;

const bytesOf = (block: BaseBlock | undefined): Uint8Array =>
  block?.valueBeforeDecodeView ?? new Uint8Array();
const nameOf = (block: BaseBlock | undefined): string =>
  block instanceof ObjectIdentifier ? block.getValue() : '';
const octetsOf = (block: BaseBlock | undefined): Uint8Array =>
  new Uint8Array(block instanceof OctetString ? block.getValue() : []);
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function demand(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(why);
}

/** Parses the certificates of a file in PEM or DER. @throws Error */
export function readCertificates(file: Uint8Array): Certificate[] {
  const blocks = Buffer.from(file)
    .toString('latin1')
    .matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g);
  const pem = [...blocks].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
  return (pem.length > 0 ? pem : [file]).map((der) => certificateIn(readDer(der, 'is not a certificate')));
}

function certificateIn(block: BaseBlock): Certificate {
  const [signed, algorithm, signature] = partsOf(block);
  const members = partsOf(signed);
  // The version is absent in certificates of version 1.
  const [, , issuer, validity, subject, publicKey, ...more] = members.slice(
    members[0] instanceof Constructed && members[0].idBlock.tagClass === 3 ? 1 : 0,
  );
  const [from, until] = partsOf(validity).map(timeOf);
  const listed = more.find(({ idBlock }) => idBlock.tagClass === 3 && idBlock.tagNumber === 3);
  const extensions = partsOf(partsOf(listed)[0]).map((extension) => {
    const [id, ...rest] = partsOf(extension);
    const value = readDer(octetsOf(rest.at(-1)), 'has an invalid extension');
    return [nameOf(id), { isCritical: rest[0] instanceof Boolean && rest[0].getValue(), value }] as const;
  });
  demand(from !== undefined && until !== undefined && signature instanceof BitString, 'is not a certificate');
  return {
    der: bytesOf(block),
    signed: bytesOf(signed),
    algorithm: nameOf(partsOf(algorithm)[0]),
    signature: signature.valueBlock.valueHexView,
    issuer: bytesOf(issuer),
    subject: bytesOf(subject),
    from,
    until,
    publicKey: bytesOf(publicKey),
    extensions: new Map(extensions),
  };
}

function timeOf(block: BaseBlock): Date {
  demand(block instanceof UTCTime || block instanceof GeneralizedTime, 'has an invalid time');
  return block.toDate();
}

/**
 * Checks an authority's response (RFC 3161) for some content against the caller's certificates: the signer's own, or those of who issued it.
 * @returns the time before which the content existed.
 * @throws Error that describes what does not fit; UnknownAlgorithmError
 */
export function verifyTimeStamp(
  response: Uint8Array,
  content: Uint8Array,
  trusted: readonly Certificate[],
): Date {
  const [, token] = partsOf(readDer(response, NONE));
  const members = partsOf(partsOf(partsOf(token)[1])[0]);
  const [, , encapsulated] = members;
  const certificates = members.find(({ idBlock }) => idBlock.tagClass === 3 && idBlock.tagNumber === 0);
  const [infoType, info] = partsOf(encapsulated);
  const infoBytes = octetsOf(partsOf(info)[0]);
  demand(isNamed(infoType, TIME_STAMP_INFO), NONE);
  const [, , imprint, , time] = partsOf(readDer(infoBytes, NONE));
  const [imprintAlgorithm, stamped] = partsOf(imprint);
  const digestName = digestOf(partsOf(imprintAlgorithm)[0]);
  demand(isSame(hash(digestName, content, 'buffer'), octetsOf(stamped)), 'is of other content');
  demand(time instanceof GeneralizedTime, NONE);
  const at = time.toDate();
  const signers = partsOf(members.at(-1));
  demand(signers.length === 1, 'does not have exactly one signer');
  const embedded = partsOf(certificates).map(certificateIn);
  const signer = checkSigner(signers[0], infoBytes, [...trusted, ...embedded]);
  const usage = signer.extensions.get(KEY_USAGE);
  const uses = partsOf(usage?.value).map(nameOf);
  demand(
    usage?.isCritical === true && uses.join() === TIME_STAMPING,
    'has a signer whose certificate is not for time-stamping alone (critical extended key usage)',
  );
  demand(isTrusted(signer, trusted, embedded, at), 'has a signer that the certificate does not vouch for');
  return at;
}

const NONE = 'is not a time-stamp';

/** Returns the certificate of the token's signer, whose signature was verified. */
function checkSigner(
  signer: BaseBlock | undefined,
  info: Uint8Array,
  candidates: readonly Certificate[],
): Certificate {
  const [, , digestAlgorithm, attributes, algorithm, signature] = partsOf(signer);
  const digestName = digestOf(partsOf(digestAlgorithm)[0]);
  const valueOf = (id: string): BaseBlock | undefined => {
    const attribute = partsOf(attributes).find((each) => isNamed(partsOf(each)[0], id));
    return partsOf(partsOf(attribute)[1])[0];
  };
  demand(
    isNamed(valueOf(CONTENT_TYPE), TIME_STAMP_INFO) &&
      isSame(octetsOf(valueOf(MESSAGE_DIGEST)), hash(digestName, info, 'buffer')),
    'has a signature of other content',
  );
  const named = valueOf(SIGNING_CERTIFICATE_V2);
  const [id] = partsOf(partsOf(named ?? valueOf(SIGNING_CERTIFICATE))[0]);
  const members = partsOf(id);
  // Without an algorithm, the digest is SHA-256, and SHA-1 in the older attribute.
  const [digest, own] =
    members[0] instanceof OctetString
      ? [members[0], named === undefined ? 'sha1' : 'sha256']
      : [members[1], digestOf(partsOf(members[0])[0])];
  const found = candidates.find(({ der }) => isSame(hash(own, der, 'buffer'), octetsOf(digest)));
  demand(found !== undefined, 'has a signer whose certificate is unknown');
  const signed = Buffer.from(bytesOf(attributes));
  signed[0] = SET;
  const name = nameOf(partsOf(algorithm)[0]);
  demand(
    isSigned(name === RSA ? digestName : signatureDigest(name), signed, found.publicKey, octetsOf(signature)),
    'has an invalid signature',
  );
  return found;
}

/** Reports whether a certificate is one of the caller's, or issued by one, with every certificate valid at the time. */
function isTrusted(
  certificate: Certificate,
  trusted: readonly Certificate[],
  embedded: readonly Certificate[],
  at: Date,
): boolean {
  if (at < certificate.from || at > certificate.until) return false;
  if (trusted.some(({ der }) => isSame(der, certificate.der))) return true;
  // An issuer is used once, so that certificates in a circle end.
  const others = embedded.filter((each) => each !== certificate);
  return [...trusted, ...others].some(
    (issuer) =>
      isSame(issuer.subject, certificate.issuer) &&
      isAuthority(issuer) &&
      isSigned(
        signatureDigest(certificate.algorithm),
        certificate.signed,
        issuer.publicKey,
        certificate.signature,
      ) &&
      isTrusted(issuer, trusted, others, at),
  );
}

/** Reports whether a certificate may issue others. */
function isAuthority({ extensions }: Certificate): boolean {
  const [isIssuer] = partsOf(extensions.get(BASIC_CONSTRAINTS)?.value);
  return isIssuer instanceof Boolean && isIssuer.getValue();
}

function isSigned(
  digestName: string,
  signed: Uint8Array,
  publicKey: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  return verify(digestName, signed, key, signature);
}

const digestOf = (algorithm: BaseBlock | undefined): string => known(DIGESTS, nameOf(algorithm));
const signatureDigest = (name: string): string => known(SIGNATURES, name);

function known(algorithms: Readonly<Record<string, string>>, name: string): string {
  const found = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (found === undefined)
    throw new UnknownAlgorithmError(`the time-stamp uses an unknown algorithm, ${name}`);
  return found;
}
