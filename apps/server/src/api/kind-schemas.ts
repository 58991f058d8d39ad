import { isDeepStrictEqual } from 'node:util';
import type { Members } from '#lifecycle/fields';
import type { RecordKind } from '#lifecycle/kind';
import { lifecycles } from '#state-machines/lifecycles';
import { answerSchemas, payloadSchemas, schemasOf } from './field-schemas.ts';
import { eventsOf, OTHER_SHAPES } from './event-types.ts';
import { kindAnswers } from './kind-answers.ts';
import { kindsOwn, NAMED_KINDS, schemaNameOf } from './kind-names.ts';
import { ref, withRefs } from './schema-forms.ts';
import type { Schema } from './schema-forms.ts';

type Schemas = Readonly<Record<string, Schema>>;
/** The document's schema names by the names that routes and shapes use. */
export type SchemaNames = ReadonlyMap<string, string>;

const nameOf = (type: string): string => `${type}Data`;
const eventSchemas = (events: Readonly<Record<string, { readonly members: Members }>>): Schemas =>
  schemasOf(
    Object.entries(events).map(([type, { members }]) => [nameOf(type), members]),
    'stored',
  );

/**
 * Returns the schemas of payloads, events and responses of all kinds. Schemas that kinds share occur once.
 * @param others the document's other schemas.
 */
export function schemasOfKinds(others: Schemas) {
  const schemas: Record<string, Schema> = {};
  const names = new Map<string, SchemaNames>();
  const dataOfEvents = new Map(Object.keys(OTHER_SHAPES).map((type) => [type, new Set([nameOf(type)])]));
  for (const kind of NAMED_KINDS) {
    const { commands, issue } = lifecycles.current(kind.name);
    const payloads = [issue, ...Object.values(commands)].map(({ payload }) => payload);
    const shapes = eventsOf(kind);
    const own = { ...payloadSchemas(payloads), ...eventSchemas(shapes) };
    const answers = kindAnswers(kind);
    const renamed = namesUnlike(kind, own, { ...others, ...schemas });
    for (const name of Object.keys(answers)) renamed.set(name, schemaNameOf(kind, name));
    const inDocument = (name: string): string => renamed.get(name) ?? name;
    for (const [name, schema] of Object.entries({ ...own, ...answerSchemas(answers) }))
      schemas[inDocument(name)] = withRefs(schema, inDocument);
    for (const type of Object.keys(shapes))
      dataOfEvents.set(type, (dataOfEvents.get(type) ?? new Set()).add(inDocument(nameOf(type))));
    names.set(kind.name, renamed.set('IssuePayload', inDocument(issue.payload.name)));
  }
  return {
    // The redaction of a person's name has the same schema as that of a record.
    schemas: { ...eventSchemas(OTHER_SHAPES), ...schemas },
    names,
    dataOfEvents: [...dataOfEvents].map(([type, of]) => dataOf(type, [...of])),
  };
}

const dataOf = (type: string, [name = '', ...more]: readonly string[]): Schema => ({
  properties: {
    type: { type: 'string', enum: [type] },
    data: more.length === 0 ? ref(name) : { anyOf: [name, ...more].map(ref) },
  },
  required: ['type', 'data'],
});

/** Returns the document's names for a kind's schemas that have no equal: a further kind's own name, or a new one. */
function namesUnlike(kind: RecordKind, own: Schemas, known: Schemas): Map<string, string> {
  const names = new Map([...unlike(own, known)].map((name) => [name, kindsOwn(kind, name)]));
  const isOfAnother = (name: string, schema: Schema, other: RecordKind): boolean =>
    isDeepStrictEqual(
      known[kindsOwn(other, name)],
      withRefs(schema, (to) => names.get(to) ?? to),
    );
  for (const name of names.keys()) {
    const other = NAMED_KINDS.find((each) => isOfAnother(name, own[name] as Schema, each));
    if (other !== undefined) names.set(name, kindsOwn(other, name));
  }
  return names;
}

/** Returns the names of schemas that differ from the document's, or that refer to one. */
function unlike(own: Schemas, known: Schemas): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [name, schema] of Object.entries(own)) {
      const references = [...JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
      const isOther = known[name] !== undefined && !isDeepStrictEqual(known[name], schema);
      if (isOther || references.some(([, to = '']) => found.has(to))) found.add(name);
    }
  }
  return found;
}
