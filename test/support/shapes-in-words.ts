import type { Field, Members } from '#lifecycle/fields';
import { isErasable } from '#lifecycle/fields';
import { events } from '#state-machines/inspection-recommendation/v1/events';

const BEGIN = '<!-- printed from the shapes of events: npm run shapes -->\n\n';
const END = '\n<!-- end of what is printed -->';

/** Returns a page with the list of each event type's members inserted. */
export function withShapes(page: string): string {
  const [before, after] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)];
  return page.slice(0, before) + LIST + page.slice(after);
}

const KINDS: Readonly<Record<Exclude<Field['kind'], 'oneOf' | 'list' | 'object'>, string>> = {
  freeText: 'text',
  freeBytes: 'file in base64',
  identifier: 'name',
  plainDate: 'date',
  instant: 'instant',
  sha256: 'SHA-256',
  count: 'number from 0',
  ordinal: 'number from 1',
  flag: 'true or false',
  always: 'true',
  map: 'values by names',
  schema: 'JSON',
};

function kindOf(field: Field): string {
  if (field.kind === 'oneOf') return field.values.join(' or ');
  if (field.kind === 'list')
    return field.of.kind === 'object' ? 'list of objects' : `list of ${kindOf(field.of)}s`;
  return field.kind === 'object' ? 'object' : KINDS[field.kind];
}

/** Returns a line for each member, and for the members inside it. */
function linesOf(members: Members, path = ''): string[] {
  return Object.entries(members).flatMap(([name, field]) => {
    const at = `${path}${name}`;
    const notes = [
      ...(isErasable(field) ? ['sensitive'] : []),
      ...(field.optional === true || field.byCommand === true ? ['optional'] : []),
      ...(field.nullable === true ? ['or null'] : []),
    ];
    const inner = field.kind === 'list' ? field.of : field;
    return [
      `  ${at.padEnd(24)} ${[kindOf(field), ...notes].join(', ')}`,
      ...(inner.kind === 'object'
        ? linesOf(inner.members, `${at}${field.kind === 'list' ? '[]' : ''}.`)
        : []),
    ];
  });
}

/** Types with the same members are listed together. */
const TYPES_BY_MEMBERS = Map.groupBy(Object.entries(events), ([, { members }]) =>
  linesOf(members).join('\n'),
);

const LIST = `\`\`\`text\n${[...TYPES_BY_MEMBERS]
  .map(([members, types]) =>
    [...types.map(([type]) => type), ...(members === '' ? [] : [members])].join('\n'),
  )
  .join('\n\n')}\n\`\`\`\n`;
