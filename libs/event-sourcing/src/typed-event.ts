import type { JsonObject } from './envelope.ts';

/** Events that are told apart by their type, each with the data that a map has for it; `Base` is what else an event says. */
export type TypedEvent<Data, Base extends { readonly type: string; readonly data: JsonObject }> = {
  readonly [Type in keyof Data & string]: Omit<Base, 'type' | 'data'> & {
    readonly type: Type;
    readonly data: Data[Type];
  };
}[keyof Data & string];
