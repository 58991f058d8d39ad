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
  read(name, [given]) {
    const read = sizeOf(given);
    if (read !== null) return read;
    throw invalidParameter(name, 'must be a whole number from 0');
  },
});
const needed = (description: string) => ({ ...size(description), isRequired: true as const });

const plainText = (status: number, description: string) => ({
  status,
  description,
  content: { 'text/plain': { schema: { type: 'string' as const } } },
});

const OPEN =
  'For all who have a token; where the service is set to `DOCKET_AUDIT_PUBLIC=on`, without one too.';
const READ_TREE = [...QUERY, 'not-found'] as const;

/** The routes for the signed log and its proofs. */
export const AUDIT_ROUTES = {
  checkpoint: {
    summary: 'The last checkpoint: how many events the log has, and one hash over all of them, signed.',
    description: `A signed note (C2SP tlog-checkpoint). ${OPEN}`,
    reads: true,
    answer: plainText(200, 'The note as it was signed.'),
    problems: READ_TREE,
  },
  makeCheckpoint: {
    summary: 'Signs the log as it ends now.',
    description: 'For auditor and administrator.',
    answer: {
      ...plainText(201, 'Signed, and recorded in the log.'),
      also: [plainText(200, 'Only checkpoints were appended since the last one: that one.')],
    },
    problems: [...QUERY, ...BODY, 'role-not-permitted', 'checkpoint-refused'],
  },
  verifyLog: {
    summary: 'Has the whole log verified as it stands: every hash, chain, state and index.',
    description:
      'For auditor. One goes on at a time, on whichever node, behind all other work; the verifications tell how far it is, and what it found.',
    answer: {
      status: 202,
      description: 'It begins.',
      content: json('LogVerification'),
      also: [{ status: 200, description: 'One was under way: that one.', content: json('LogVerification') }],
    },
    problems: ['invalid-parameter', ...BODY, 'role-not-permitted'],
  },
  verifications: {
    summary: 'The last verifications of the log that were asked for, the newest first.',
    description: 'For auditor. They are kept with the read models.',
    answer: ok('LogVerifications'),
    problems: ['invalid-parameter', 'role-not-permitted', 'store-unavailable', 'read-model-behind'],
  },
  tile: {
    summary: "A tile of the log's tree: hashes side by side, 32 bytes each.",
    description: `As far as the last checkpoint goes. ${OPEN}`,
    reads: true,
    streams: true,
    path: 'Level, number in groups of three digits, and `.p/` with a width below 256, as C2SP tlog-tiles writes them.',
    answer: {
      status: 200,
      description: 'The hashes; they stay as they are.',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
      headers: ['Cache-Control'],
    },
    problems: READ_TREE,
  },
  inclusionProof: {
    summary: 'That an event is in the log.',
    description:
      'A proof that ends in a checkpoint which was signed (C2SP tlog-proof). The event is named by `index` or, for who has a token, by ' +
      `\`eventId\`: it is then looked for, for 2 s, in the whole log, or sooner in that of \`${RECORD_PARAMETER}\`. ${OPEN}`,
    reads: true,
    query: {
      index: size('The number of the event in the log, from 0.'),
      eventId: text("The event's id."),
      recommendation: ofRecord(
        text(
          'The id of the record that the event is of, if it is of one, or its kind and id, as `recommendation-730`: it is then found sooner.',
        ),
      ),
      size: size('How many events the checkpoint is of; the last one where nothing is said.'),
    },
    answer: plainText(200, 'The proof.'),
    problems: READ_TREE,
  },
  consistencyProof: {
    summary: 'That the log begins with all that it had before.',
    description: `A hash a line, in base64; of equal sizes there is none (RFC 6962, section 2.1.2). ${OPEN}`,
    reads: true,
    query: {
      from: needed('How many events it had, from 1.'),
      to: needed('How many it has; as many as the last checkpoint at the most.'),
    },
    answer: plainText(200, 'The proof.'),
    problems: READ_TREE,
  },
} satisfies Record<string, RouteDocument>;
