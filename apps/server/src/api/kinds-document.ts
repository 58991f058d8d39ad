import type { OpenAPIObject } from '@nestjs/swagger';
import { REDACTION } from '#event-sourcing/erasure';
import { typesOf } from '#lifecycle/decide';
import type { RecordKind } from '#lifecycle/kind';
import { commandedLifecycles } from '#state-machines/commanded-lifecycles';
import { kinds } from '#state-machines/record-streams';
import { kindAt } from '../of-each-kind.ts';
import { ref } from './schema-forms.ts';

type PathItem = OpenAPIObject['paths'][string];
type OperationObject = NonNullable<PathItem['post']>;

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** A name of the document for one kind of record: the first kind has it as it is, further ones with theirs before it. */
export const ofKind = ({ stream }: RecordKind, name: string): string =>
  stream === kinds.all[0]?.stream ? name : `${capitalised(stream)}${capitalised(name)}`;

const idOf = ({ stream }: RecordKind, id: string): string =>
  stream === kinds.all[0]?.stream ? id : id.includes('-') ? `${stream}-${id}` : `${stream}${capitalised(id)}`;

/** The paths of a document with one path for each command of a kind, and operations whose names are of one kind alone. */
export const pathsOfKinds = (paths: OpenAPIObject['paths']): OpenAPIObject['paths'] =>
  Object.fromEntries(
    Object.entries(paths).flatMap(([path, item]) => {
      const kind = path.startsWith('/api/') ? kindAt(path) : null;
      if (kind === null) return [[path, item]];
      const command = path.endsWith('/commands/{command}') ? item.post : undefined;
      return command === undefined ? [[path, itemOf(kind, item)]] : commandPaths(kind, path, command);
    }),
  );

function itemOf(kind: RecordKind, item: PathItem): PathItem {
  const { get, post } = item;
  return {
    ...item,
    ...(get && { get: operationOf(kind, get) }),
    ...(post && { post: operationOf(kind, post) }),
  };
}

const operationOf = (kind: RecordKind, operation: OperationObject): OperationObject => ({
  ...operation,
  operationId: idOf(kind, operation.operationId ?? ''),
  tags:
    kind === kinds.all[0]
      ? (operation.tags ?? []).map((tag) => (tag === 'Records' ? capitalised(kind.path) : tag))
      : [capitalised(kind.path)],
});

/** One path a command, each with its own payload: the table of the policy, as the API shows it. */
function commandPaths(kind: RecordKind, path: string, general: OperationObject): [string, PathItem][] {
  const { '202': _ofRedactions, ...responses } = general.responses;
  const { commands } = commandedLifecycles.current(kind.name);
  return Object.entries(commands).map(([name, command]) => {
    const operation: OperationObject = {
      ...general,
      operationId: name,
      summary: command.summary,
      description: `For ${command.roles.join(', ')}. ${general.description ?? ''}`.trim(),
      parameters: (general.parameters ?? []).filter(
        (parameter) => !('name' in parameter && parameter.name === 'command'),
      ),
      requestBody: { content: { 'application/json': { schema: ref(command.payload.name) } } },
      // Only what a redaction names may still have to be erased.
      responses: typesOf(command).includes(REDACTION) ? general.responses : responses,
    };
    return [path.replace('{command}', name), itemOf(kind, { post: operation })];
  });
}
