import {
  Boolean,
  Constructed,
  fromBER,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Sequence,
} from 'asn1js';
import type { BaseBlock } from 'asn1js';

interface TimeStampRequest {
  /** The SHA-256 of the stamped content. */
  readonly digest: Uint8Array;
  /** Distinguishes the response from an older one. */
  readonly nonce: Uint8Array;
}

const SHA_256 = '2.16.840.1.101.3.4.2.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TIME_STAMP_INFO = '1.2.840.113549.1.9.16.1.4';
/** The statuses "granted" and "granted with modifications". */
const GRANTED = [0, 1];
const CONTEXT = 3;

/** Returns a time-stamp request whose response includes the authority's certificates (RFC 3161, 2.4.1). */
export function printTimeStampRequest({ digest, nonce }: TimeStampRequest): Uint8Array<ArrayBuffer> {
  const algorithm = new Sequence({ value: [new ObjectIdentifier({ value: SHA_256 }), new Null()] });
  const imprint = new Sequence({ value: [algorithm, new OctetString({ valueHex: digest })] });
  const value = [
    new Integer({ value: 1 }),
    imprint,
    integerOf(nonce),
    // certReq: include the certificates.
    new Boolean({ value: true }),
  ];
  return new Uint8Array(new Sequence({ value }).toBER());
}

/** Returns an unsigned integer. DER requires a leading zero if the first bit is set. */
const integerOf = (bytes: Uint8Array): Integer =>
  new Integer({ valueHex: Uint8Array.of(0, ...bytes) }).convertToDER();

/**
 * Checks that a response is a time-stamp of the request (RFC 3161, 2.4.2). Does not verify the signer; relying parties do.
 * @throws Error that describes the mismatch.
 */
export function assertTimeStamp(answer: Uint8Array, { digest, nonce }: TimeStampRequest): void {
  const [status, token] = partsOf(readDer(answer, NONE));
  const [granted] = partsOf(status);
  if (!(granted instanceof Integer)) throw new Error(NONE);
  if (!GRANTED.includes(Number(granted.toBigInt())))
    throw new Error(`refused the time-stamp (status ${granted.toBigInt()})`);
  const [version, , imprint, , , ...optional] = partsOf(infoIn(token));
  const [algorithm, stamped] = partsOf(imprint);
  const isOurs =
    version instanceof Integer &&
    isNamed(partsOf(algorithm)[0], SHA_256) &&
    stamped instanceof OctetString &&
    Buffer.from(stamped.getValue()).equals(digest);
  if (!isOurs) throw new Error('returned a time-stamp of other content');
  const nonceInResponse = optional.find((part) => part instanceof Integer);
  if (nonceInResponse?.toBigInt() !== integerOf(nonce).toBigInt())
    throw new Error('returned a time-stamp for a different request: its nonce differs');
}

/** Returns the signed content of a token, which contains its certificates. */
function infoIn(token: BaseBlock | undefined): BaseBlock {
  const [type, content] = partsOf(token);
  const [, , encapsulated, certificates] = partsOf(partsOf(content)[0]);
  const [infoType, info] = partsOf(encapsulated);
  const [octets] = partsOf(info);
  if (!isNamed(type, SIGNED_DATA) || !isNamed(infoType, TIME_STAMP_INFO) || !(octets instanceof OctetString))
    throw new Error(NONE);
  const { tagClass, tagNumber } = certificates?.idBlock ?? {};
  if (tagClass !== CONTEXT || tagNumber !== 0) throw new Error('returned no certificates');
  return readDer(new Uint8Array(octets.getValue()), NONE);
}

const NONE = 'did not return a time-stamp';

/** Parses BER. @throws Error with this message */
export function readDer(bytes: Uint8Array, otherwise: string): BaseBlock {
  const { offset, result } = fromBER(bytes);
  if (offset !== bytes.length) throw new Error(otherwise);
  return result;
}

export const partsOf = (block: BaseBlock | undefined): readonly BaseBlock[] =>
  block instanceof Constructed ? block.valueBlock.value : [];

export const isNamed = (block: BaseBlock | undefined, name: string): boolean =>
  block instanceof ObjectIdentifier && block.getValue() === name;
