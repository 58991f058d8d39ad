import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { RecordKind, RecordReference } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';

/** The paths of a controller that serves records of every kind: of the API, and of the pages. */
export const apiOfEachKind = (rest = ''): string[] => kinds.all.map(({ path }) => `api/${path}${rest}`);
export const pagesOfEachKind = (rest = ''): string[] => kinds.all.map(({ path }) => `${path}${rest}`);

/** The kind of the records at an address, as a route or a document writes it; null where it is of something else. */
export function kindAt(address: string): RecordKind | null {
  const [, first = '', second = ''] = address.split('/');
  // A list is also a file: `/letters.csv`.
  return kinds.atPath((first === 'api' ? second : first).replace(/\.[a-z]+$/, ''));
}

/** The kind of the records that a request is for; its route is one of those above. */
export function kindOf({ routeOptions: { url = '' } }: FastifyRequest): RecordKind {
  const kind = kindAt(url);
  if (kind === null) throw new Error(`The route ${url} is not one of records`);
  return kind;
}

/** The addresses of controllers, but those of records: these are of each kind, and so several. */
export const otherAddresses = (controllers: readonly Type<object>[]): readonly string[] =>
  controllers.flatMap((controller) => {
    const methods = Object.values(Object.getOwnPropertyDescriptors(controller.prototype));
    return pathsOf(controller).flatMap((base) =>
      methods.flatMap(({ value }) =>
        pathsOf(value).map((path) => `/${base}/${path}`.replaceAll(/\/+/g, '/')),
      ),
    );
  });

/** What Nest's decorators keep of a class or a method: its path, if it has one. */
function pathsOf(decorated: unknown): readonly string[] {
  const path: unknown = typeof decorated === 'function' ? Reflect.getMetadata('path', decorated) : undefined;
  return typeof path === 'string' ? [path] : [];
}

/** @throws Error naming the kind whose path is that of something else, by the addresses of all else. */
export function refuseTakenPaths(addresses: readonly string[]): void {
  for (const address of addresses) {
    const kind = kindAt(address);
    if (kind !== null)
      throw new Error(
        `Kinds of records are not valid:\n  - ${kind.name}.path: "${kind.path}" is taken by ${address}; choose another name`,
      );
  }
}

/** The filter of a list by its kind; nothing is left out where there is no other. */
export const onlyOf = ({ name }: RecordKind): { readonly kind?: readonly string[] } =>
  kinds.all.length > 1 ? { kind: [name] } : {};

const ID = ApiParam({ name: 'id', schema: { type: 'string' } });

/** The record that the address of a request names. */
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
