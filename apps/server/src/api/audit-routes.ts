import { sizeOf } from '#audit/tlog/checkpoint';
import { invalidParameter } from '#use-cases/problems';
import type { QueryParameter } from './query-parameters.ts';
import { BODY, json, ok, QUERY } from './route-document.ts';
import type { RouteDocument } from './route-document.ts';

/** A number of events. */
export const size = (description: string): QueryParameter<bigint> => ({
  description,
  schema: { type: 'string', pattern: '^(0|[1-9][0-9]*)$' },
  read(name, [value]) {
    const read = sizeOf(value);
    if (read !== null) return read;
    throw invalidParameter(name, 'must be a whole number from 0');
  },
});

const plainText = (status: number, description: string) => ({
  status,
  description,
  content: { 'text/plain': { schema: { type: 'string' as const } } },
});

/** The routes for the signed log. */
export const AUDIT_ROUTES = {
  checkpoint: {
    summary: 'Retrieves the latest checkpoint: the signed size and root hash of the log.',
    description: 'Returns a signed note (C2SP tlog-checkpoint).',
    reads: true,
    answer: plainText(200, 'The signed note.'),
    problems: [...QUERY, 'not-found'],
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
} satisfies Record<string, RouteDocument>;
