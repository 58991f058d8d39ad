import { sizeOf } from '#audit/tlog/checkpoint';
import { invalidParameter } from '#use-cases/problems';
import { ofRecord, RECORD_PARAMETER, text } from './query-parameters.ts';
import type { QueryParameter } from './query-parameters.ts';
import { BODY, json, ok, QUERY } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** A number of events, or the number of one event. */
export const size = (description: string): QueryParameter<bigint> => ({
  description,
  schema: { type: 'string', pattern: '^(0|[1-9][0-9]*)$' },
  read(name, [value]) {
    const read = sizeOf(value);
    if (read !== null) return read;
    throw invalidParameter(name, 'must be a whole number from 0');
  },
});
const requiredSize = (description: string) => ({ ...size(description), isRequired: true as const });

const plainText = (status: number, description: string) => ({
  status,
  description,
  content: { 'text/plain': { schema: { type: 'string' as const } } },
});

const OPEN = 'Requires any valid token, or none if the service has `DOCKET_AUDIT_PUBLIC=on`.';
const READ_TREE = [...QUERY, 'not-found'] as const;

/** The routes for the signed log and its proofs. */
export const AUDIT_ROUTES = {
  checkpoint: {
    summary: 'Retrieves the latest checkpoint: the signed size and root hash of the log.',
    description: `Returns a signed note (C2SP tlog-checkpoint). ${OPEN}`,
    reads: true,
    answer: plainText(200, 'The signed note.'),
    problems: READ_TREE,
  },
  makeCheckpoint: {
    summary: 'Creates a checkpoint of the log.',
    description: 'Requires the `auditor` or `administrator` role.',
    answer: {
      ...plainText(201, 'The checkpoint was signed and recorded in the log.'),
      also: [
        plainText(200, 'Only checkpoints were appended since the latest checkpoint, which is returned.'),
      ],
    },
    problems: [...QUERY, ...BODY, 'role-not-permitted', 'checkpoint-refused'],
  },
  verifyLog: {
    summary: 'Starts a verification of the whole log: every hash, chain, state and index.',
    description:
      'Requires the `auditor` role. Only one verification runs at a time across all nodes, with low priority. List the verifications to see its progress and result.',
    answer: {
      status: 202,
      description: 'The verification was started.',
      content: json('LogVerification'),
      also: [
        {
          status: 200,
          description: 'A verification is already running; it is returned.',
          content: json('LogVerification'),
        },
      ],
    },
    problems: ['invalid-parameter', ...BODY, 'role-not-permitted'],
  },
  verifications: {
    summary: 'Lists the latest requested verifications of the log, newest first.',
    description: 'Requires the `auditor` role. Verifications are stored with the read models.',
    answer: ok('LogVerifications'),
    problems: ['invalid-parameter', 'role-not-permitted', 'store-unavailable', 'read-model-behind'],
  },
  tile: {
    summary: "Retrieves a tile of the log's tree: concatenated hashes of 32 bytes each.",
    description: `Tiles are available up to the latest checkpoint. ${OPEN}`,
    reads: true,
    streams: true,
    path: 'The level, the number in groups of three digits and, for a partial tile, `.p/` and a width below 256, as in C2SP tlog-tiles.',
    answer: {
      status: 200,
      description: 'The hashes. They never change.',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      headers: ['Cache-Control'],
    },
    problems: READ_TREE,
  },
  inclusionProof: {
    summary: 'Retrieves the proof that an event is in the log.',
    description:
      'Returns an inclusion proof that ends in a signed checkpoint (C2SP tlog-proof). Name the event by `index` or, with a token, by ' +
      `\`eventId\`. Finding an id in the whole log may take up to 2 seconds; \`${RECORD_PARAMETER}\` makes it faster. ${OPEN}`,
    reads: true,
    query: {
      index: size("The event's number in the log, counted from 0."),
      eventId: text("The event's id."),
      recommendation: ofRecord(
        text(
          "The id of the event's record, or its kind and id, such as `recommendation-730`. It makes the search faster.",
        ),
      ),
      size: size('The size of the checkpoint, in events; by default the latest.'),
    },
    answer: plainText(200, 'The proof.'),
    problems: READ_TREE,
  },
  consistencyProof: {
    summary: 'Retrieves the proof that the log at one size extends the log at an earlier size.',
    description: `Returns one base64 hash per line, none for equal sizes (RFC 6962, section 2.1.2). ${OPEN}`,
    reads: true,
    query: {
      from: requiredSize('The earlier size of the log, in events; at least 1.'),
      to: requiredSize('The later size of the log, in events; at most that of the latest checkpoint.'),
    },
    answer: plainText(200, 'The proof.'),
    problems: READ_TREE,
  },
} satisfies Record<string, RouteDocument>;
