import rooms from './rooms.json' with { type: 'json' };

/** The rooms of the product and their files, by the beginnings of paths. The longest matching one decides. */
export const ROOMS: Readonly<Record<string, { readonly lines: number; readonly files: readonly string[] }>> =
  rooms;

const beginnings = Object.entries(ROOMS).flatMap(([room, { files }]) =>
  files.map((beginning) => ({ room, beginning })),
);

/** Returns the rooms of a file: one, unless the list has a gap or names a place twice. */
export function roomsOf(path: string): string[] {
  const matching = beginnings.filter(({ beginning }) => path.startsWith(beginning));
  const longest = Math.max(...matching.map(({ beginning }) => beginning.length));
  return matching.filter(({ beginning }) => beginning.length === longest).map(({ room }) => room);
}
