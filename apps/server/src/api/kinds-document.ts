import type { OpenAPIObject } from '@nestjs/swagger';
import { REDACTION } from '#event-sourcing/erasure';
import type { RecordKind } from '#lifecycle/kind';
import { eitherOf } from '#lifecycle/words';
import { lifecycles } from '#state-machines/lifecycles';
import { kindAt } from '../of-each-kind.ts';
import { operationIdOf, tagOf } from './kind-names.ts';
import type { SchemaNames } from './kind-schemas.ts';
import { queryParameters } from './route-query.ts';
import { ROUTES } from './routes.ts';
import { ref, withRefs } from './schema-forms.ts';

type PathItem = OpenAPIObject['paths'][string];
type OperationObject = NonNullable<PathItem['post']>;

/** Returns the document's paths, with one path for each command of a kind, and operation names per kind. */
export const pathsOfKinds = (
  paths: OpenAPIObject['paths'],
  names: ReadonlyMap<string, SchemaNames>,
): OpenAPIObject['paths'] =>
  Object.fromEntries(
    Object.entries(paths).flatMap(([path, item]) => {
      const kind = path.startsWith('/api/') ? kindAt(path) : null;
      if (kind === null) return [[path, item]];
      const own = names.get(kind.name);
      const named = withRefs(item, (name) => own?.get(name) ?? name);
      return path.endsWith('/commands/{command}') && named.post !== undefined
        ? commandPaths(kind, path, named.post, own)
        : [[path, itemOf(kind, named)]];
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
  ...(operation.operationId === 'list' && { parameters: queryParameters(ROUTES.list, kind) }),
  operationId: operationIdOf(kind, operation.operationId ?? ''),
  tags: [...new Set((operation.tags ?? []).map((tag) => tagOf(kind, tag)))],
  ...(operation.operationId === 'issue' && issueText(kind)),
});

function issueText(kind: RecordKind) {
  const { summary, roles } = lifecycles.current(kind.name).issue;
  return {
    summary,
    description: `Requires the ${inCode(roles)} role. If the request names several bodies, either all records are created or none.`,
  };
}

const inCode = (roles: readonly string[]): string => eitherOf(roles.map((role) => `\`${role}\``));

/** Returns one path per command, with its own payload: the policy's table as the API shows it. */
function commandPaths(
  kind: RecordKind,
  path: string,
  general: OperationObject,
  names: SchemaNames | undefined,
): [string, PathItem][] {
  const { '202': _ofRedactions, ...responses } = general.responses;
  const { commands } = lifecycles.current(kind.name);
  return Object.entries(commands).map(([name, command]) => {
    const operation: OperationObject = {
      ...general,
      operationId: name,
      summary: command.summary,
      description: `Requires the ${inCode(command.roles)} role. ${general.description ?? ''}`.trim(),
      parameters: (general.parameters ?? []).filter(
        (parameter) => !('name' in parameter && parameter.name === 'command'),
      ),
      requestBody: {
        content: {
          'application/json': { schema: ref(names?.get(command.payload.name) ?? command.payload.name) },
        },
      },
      // Only a redaction may still be erasing.
      responses: command.emits.includes(REDACTION) ? general.responses : responses,
    };
    return [path.replace('{command}', name), itemOf(kind, { post: operation })];
  });
}
