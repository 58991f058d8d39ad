import type { FastifyRequest } from 'fastify';
import type { Service } from '#platform/service';

/** Where people reach the service. Where no setting says it, there is nothing but what the caller says of where it asked. */
export const publicAddress = (
  { publicUrl }: Pick<Service, 'publicUrl'>,
  { protocol, host }: Pick<FastifyRequest, 'protocol' | 'host'>,
): string => publicUrl ?? `${protocol}://${host}`;
