import { isDeepStrictEqual } from 'node:util';
import type { Members } from '#lifecycle/fields';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { answerSchemas, payloadSchemas, schemasOf } from './field-schemas.ts';
import { eventsOf, OTHER_SHAPES } from './event-types.ts';
import { kindAnswers } from './kind-answers.ts';
import { schemaNameOf } from './kind-names.ts';
import { ref, withRefs } from './schema-forms.ts';
import type { Schema } from './schema-forms.ts';

type Schemas = Readonly<Record<string, Schema>>;
/** Names of schemas as routes and shapes have them, with those of the document. */
export type SchemaNames = ReadonlyMap<string, string>;

const nameOf = (type: string): string => `${type}Data`;
const eventSchemas = (events: Readonly<Record<string, { readonly members: Members }>>): Schemas =>
  schemasOf(
    Object.entries(events).map(([type, { members }]) => [nameOf(type), members]),
    'stored',
  );

/** The schemas of payloads, events and answers of every kind of record. */
export function schemasOfKinds() {
  const schemas: Record<string, Schema> = { ...eventSchemas(OTHER_SHAPES) };
  const names = new Map<string, SchemaNames>();
  const dataOfEvents = Object.keys(OTHER_SHAPES).map((type) => dataOf(type, nameOf(type)));
  for (const kind of kinds.all) {
    const { commands, issue } = lifecycles.current(kind.name);
    const payloads = [issue, ...Object.values(commands)].map(({ payload }) => payload);
    const shapes = eventsOf(kind);
    const own = { ...payloadSchemas(payloads), ...eventSchemas(shapes) };
    const answers = kindAnswers(kind);
    const renamed = new Map(
      [...unlike(own, schemas), ...Object.keys(answers)].map((name) => [name, schemaNameOf(kind, name)]),
    );
    const inDocument = (name: string): string => renamed.get(name) ?? name;
    for (const [name, schema] of Object.entries({ ...own, ...answerSchemas(answers) }))
      schemas[inDocument(name)] = withRefs(schema, inDocument);
    for (const type of Object.keys(shapes))
      if (dataOfEvents.every((each) => !isDeepStrictEqual(each, dataOf(type, inDocument(nameOf(type))))))
        dataOfEvents.push(dataOf(type, inDocument(nameOf(type))));
    names.set(kind.name, renamed.set('IssuePayload', inDocument(issue.payload.name)));
  }
  return { schemas, names, dataOfEvents };
}

const dataOf = (type: string, name: string): Schema => ({
  properties: { type: { type: 'string', enum: [type] }, data: ref(name) },
  required: ['type', 'data'],
});

/** The names of schemas that the document has otherwise, or that lead to such a one. */
function unlike(own: Schemas, known: Schemas): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [name, schema] of Object.entries(own)) {
      const leads = [...JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
      const isOther = known[name] !== undefined && !isDeepStrictEqual(known[name], schema);
      if (isOther || leads.some(([, to = '']) => found.has(to))) found.add(name);
    }
  }
  return found;
}
