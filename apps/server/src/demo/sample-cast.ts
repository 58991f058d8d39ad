import type { Body } from '#state-machines/body-events';
import type { Role } from '#state-machines/access';
import { READY_PEOPLE } from '../web/sign-in/ready-people.ts';

/** Somebody who acts in the sample. */
export interface CastMember {
  readonly subject: string;
  readonly name: string | null;
  readonly roles: readonly Role[];
  readonly organisations: readonly string[];
}

const ready = (subject: string): CastMember => {
  const person = READY_PEOPLE.find((each) => each.subject === subject);
  if (person === undefined) throw new Error(`Nobody can sign in as ${subject}`);
  return { ...person, roles: [person.role] };
};

export const INSPECTORS = [ready('demo-inspector'), ready('demo-inspector-2')] as const;
export const APPROVER = ready('demo-approver');
export const ADMINISTRATOR = ready('demo-administrator');

const police = (slug: string, name: string): Body => ({ slug, name, kind: 'police-force' });
const fire = (slug: string, name: string): Body => ({ slug, name, kind: 'fire-service' });

/** The bodies that the sample's recommendations are for. The first one is that of the people whom one can be. */
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

/** Made up, as all people of the sample are. */
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

/** Who leads on recommendations at a body. */
export function leadOf(slug: string): CastMember {
  const place = SAMPLE_BODIES.findIndex((body) => body.slug === slug);
  if (place === 0) return ready('demo-force-lead');
  const name = LEADS[place - 1] ?? slug;
  return { subject: `lead-${slug}`, name, roles: ['force-lead'], organisations: [slug] };
}

/** Who answers for a body. */
export function commissionerOf(slug: string): CastMember {
  if (slug === SAMPLE_BODIES[0].slug) return ready('demo-commissioner');
  return { subject: `commissioner-${slug}`, name: null, roles: ['commissioner'], organisations: [slug] };
}
