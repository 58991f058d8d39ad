import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { kindAt, otherAddresses, refusePathCollisions } from './of-each-kind.ts';
import type { Parts } from './parts.ts';
import { ServerModule } from './server.module.ts';

const addresses = otherAddresses(ServerModule.of({} as Parts, []).controllers ?? []);

test('given the controllers of the service, then the addresses are those of all controllers except those of records', () => {
  const first = addresses.map((address) => /^\/(?:api\/)?([^/.]*)/.exec(address)?.[1]);
  const some = ['people', 'imports', 'audit', 'work', 'statistics', 'sign-in', 'health', 'deadlines', 'help'];
  expect(first).toEqual(expect.arrayContaining(some));
  expect(addresses.filter((address) => kindAt(address) !== null)).toEqual([]);
});

test('given a kind with the path of another controller, then the kind is refused; all other kinds are accepted', () => {
  refusePathCollisions(addresses);
  const collisions = ['/recommendations/all', '/api/recommendations', '/recommendations.csv'];
  for (const address of collisions)
    expect(() => {
      refusePathCollisions([...addresses, address]);
    }).toThrow(
      `inspection-recommendation.path: "recommendations" is taken by ${address}; choose another name`,
    );
});
