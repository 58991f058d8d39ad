import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { RecordKind, RecordReference } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';

/** Return the route paths for every kind of record, in the API and in the pages. */
export const apiOfEachKind = (rest = ''): string[] => kinds.all.map(({ path }) => `api/${path}${rest}`);
export const pagesOfEachKind = (rest = ''): string[] => kinds.all.map(({ path }) => `${path}${rest}`);

/** Routes and OpenAPI paths are few. */
const kindsAt = new Map<string, RecordKind | null>();

/** Returns the kind whose records are at a path (a route or an OpenAPI path); null for other paths. */
export function kindAt(address: string): RecordKind | null {
  let kind = kindsAt.get(address);
  if (kind === undefined) {
    const [, first = '', second = ''] = address.split('/');
    // `/letters.csv` is a list, too.
    kind = kinds.atPath((first === 'api' ? second : first).replace(/\.[a-z]+$/, ''));
    kindsAt.set(address, kind);
  }
  return kind;
}

/**
 * Returns the kind of the record that a request is for.
 * @throws Error if the route is not one of records.
 */
export function kindOf({ routeOptions: { url = '' } }: FastifyRequest): RecordKind {
  const kind = kindAt(url);
  if (kind === null) throw new Error(`The route ${url} is not one of records`);
  return kind;
}

/** Returns the paths of controllers that do not serve records: these have one path each. */
export const otherAddresses = (controllers: readonly Type<object>[]): readonly string[] =>
  controllers.flatMap((controller) => {
    const methods = Object.values(Object.getOwnPropertyDescriptors(controller.prototype));
    return pathsOf(controller).flatMap((base) =>
      methods.flatMap(({ value }) =>
        pathsOf(value).map((path) => `/${base}/${path}`.replaceAll(/\/+/g, '/')),
      ),
    );
  });

/** Returns the path that Nest's decorators stored on a class or a method, if any. */
function pathsOf(decorated: unknown): readonly string[] {
  const path: unknown = typeof decorated === 'function' ? Reflect.getMetadata('path', decorated) : undefined;
  return typeof path === 'string' ? [path] : [];
}

/** @throws Error if the path of a kind collides with one of these paths. */
export function refusePathCollisions(addresses: readonly string[]): void {
  for (const address of addresses) {
    const kind = kindAt(address);
    if (kind !== null)
      throw new Error(
        `Kinds of records are not valid:\n  - ${kind.name}.path: "${kind.path}" is taken by ${address}; choose another name`,
      );
  }
}

/** Returns the list filter for a kind; no filter if there is only one kind. */
export const onlyOf = ({ name }: RecordKind): { readonly kind?: readonly string[] } =>
  kinds.all.length > 1 ? { kind: [name] } : {};

const ID = ApiParam({ name: 'id', schema: { type: 'string' } });

/** Injects the record that the request's path names. */
export const OfRecord = createParamDecorator(
  (_: unknown, context: ExecutionContext): RecordReference => {
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { id: string } }>>();
    return { kind: kindOf(request), id: request.params.id };
  },
  [
    (target, key) => {
      ID(target, key as string, Object.getOwnPropertyDescriptor(target, key as string) as PropertyDescriptor);
    },
  ],
);
