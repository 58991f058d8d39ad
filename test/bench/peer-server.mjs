// A service with the same command on Emmett: run by `peer.ts` in a folder where Emmett is installed.
import { CommandHandler, projections } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore, pongoSingleStreamProjection } from '@event-driven-io/emmett-postgresql';
import fastify from 'fastify';

/** The record as the command folds it, and as the inline projection stores it. */
const initialState = () => ({ title: null, comments: 0, lastComment: null });
const evolve = (record, { type, data }) =>
  type === 'RecommendationIssued'
    ? { ...record, title: data.title }
    : { ...record, comments: record.comments + 1, lastComment: data.text };

const register = pongoSingleStreamProjection({
  collectionName: 'register',
  canHandle: ['RecommendationIssued', 'CommentAdded'],
  initialState,
  evolve,
});
const store = getPostgreSQLEventStore(process.env.PEER_DATABASE, {
  projections: projections.inline([register]),
});
// It refuses some of several appends at once, and repeats them.
const handle = CommandHandler({ evolve, initialState, retry: { onVersionConflict: true } });

const text = { type: 'string', minLength: 1, maxLength: 50_000 };
const bodyWith = (name) => ({
  schema: { body: { type: 'object', required: [name], properties: { [name]: text } } },
});
const answer = async (reply, id, decide) => {
  const { nextExpectedStreamVersion } = await handle(store, `recommendation-${id}`, decide);
  return reply.send({ id, version: Number(nextExpectedStreamVersion) });
};

const app = fastify();
app.post('/recommendations/:id', bodyWith('title'), ({ params: { id }, body: { title } }, reply) =>
  answer(reply, id, (record) => {
    if (record.title !== null) throw new Error(`${id} is there already`);
    return { type: 'RecommendationIssued', data: { title } };
  }),
);
app.post('/recommendations/:id/comments', bodyWith('text'), ({ params: { id }, body }, reply) =>
  answer(reply, id, (record) => {
    if (record.title === null) throw new Error(`${id} is unknown`);
    return { type: 'CommentAdded', data: { text: body.text, by: 'bench', at: new Date().toISOString() } };
  }),
);

let before = process.cpuUsage();
/** Returns the processor time since the last call, in milliseconds. */
app.get('/usage', () => {
  const { user, system } = process.cpuUsage(before);
  before = process.cpuUsage();
  return { processorMs: (user + system) / 1_000 };
});
await store.schema.migrate();
process.stdout.write(`${await app.listen({ port: 0, host: '127.0.0.1' })}\n`);
