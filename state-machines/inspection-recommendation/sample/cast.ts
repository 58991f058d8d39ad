import type { Body } from '../../body-events.ts';
import type { CastMember, SampleWorld } from '../../sample.ts';

export const inspectors = (world: SampleWorld): readonly [CastMember, CastMember] => [
  world.person('demo-inspector'),
  world.person('demo-inspector-2'),
];
export const approver = (world: SampleWorld): CastMember => world.person('demo-approver');

const police = (slug: string, name: string): Body => ({ slug, name, kind: 'police-force' });
const fire = (slug: string, name: string): Body => ({ slug, name, kind: 'fire-service' });

/** The bodies of the sample. The demo's users belong to the first one. */
export const SAMPLE_BODIES = [
  police('wiltshire', 'Wiltshire Police'),
  police('avon-and-somerset', 'Avon and Somerset Police'),
  police('cumbria', 'Cumbria Constabulary'),
  police('devon-and-cornwall', 'Devon and Cornwall Police'),
  police('dorset', 'Dorset Police'),
  police('durham', 'Durham Constabulary'),
  police('gloucestershire', 'Gloucestershire Constabulary'),
  police('kent', 'Kent Police'),
  police('north-wales', 'North Wales Police'),
  police('norfolk', 'Norfolk Constabulary'),
  police('thames-valley', 'Thames Valley Police'),
  police('west-yorkshire', 'West Yorkshire Police'),
  fire('kent-fire', 'Kent Fire and Rescue Service'),
  fire('devon-and-somerset-fire', 'Devon and Somerset Fire and Rescue Service'),
] as const satisfies readonly Body[];

/** Fictitious, like all people of the sample. */
const LEADS = [
  'Alma Whitlock',
  'Bryn Castellan',
  'Celia Ormonde',
  'Dara Fennimore',
  'Edie Marchbank',
  'Floyd Tamsin',
  'Greta Hollins',
  'Hal Quillon',
  'Iris Penhallow',
  'Jory Ackland',
  'Kit Verrall',
  'Lena Strood',
  'Miles Darnley',
];

/** Returns a body's lead for recommendations. */
export function leadOf(world: SampleWorld, slug: string): CastMember {
  const place = SAMPLE_BODIES.findIndex((body) => body.slug === slug);
  if (place === 0) return world.person('demo-force-lead');
  const name = LEADS[place - 1] ?? slug;
  return { subject: `lead-${slug}`, name, roles: ['force-lead'], organisations: [slug] };
}

/** Returns the commissioner of a body. */
export function commissionerOf(world: SampleWorld, slug: string): CastMember {
  if (slug === SAMPLE_BODIES[0].slug) return world.person('demo-commissioner');
  return { subject: `commissioner-${slug}`, name: null, roles: ['commissioner'], organisations: [slug] };
}
