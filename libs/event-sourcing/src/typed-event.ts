import type { JsonObject, Pointer } from './envelope.ts';

/** Events that are told apart by their type, each with the data that a map has for it; `Base` is what else an event says. */
export type TypedEvent<Data, Base extends { readonly type: string; readonly data: JsonObject }> = {
  readonly [Type in keyof Data & string]: Omit<Base, 'type' | 'data'> & {
    readonly type: Type;
    readonly data: Data[Type];
  };
}[keyof Data & string];

/** The pointers from the envelope at which a type of data can have a value; `*` is every item of a list. */
export type PointerInto<Data> = `/data/${PathIn<Data>}`;

type PathIn<Value> = Value extends readonly (infer Item)[]
  ? '*' | `*/${PathIn<Item>}`
  : Value extends object
    ? { [Member in keyof Value & string]-?: Member | `${Member}/${PathIn<Value[Member]>}` }[keyof Value &
        string]
    : never;

/** Data of which the values at some pointers can be gone: those members are optional. */
export type Erasable<Data, Erased extends Pointer> = Without<
  Data,
  Erased extends `/data/${infer Path}` ? Path : never
>;

type Without<Value, Path extends string> = [Path] extends [never]
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Without<Item, Below<Path, '*'>>[]
    : Value extends object
      ? {
          readonly [Member in keyof Value as Exclude<Member, Path>]: Without<
            Value[Member],
            Below<Path, Member & string>
          >;
        } & { readonly [Member in keyof Value as Extract<Member, Path>]?: Value[Member] }
      : Value;

type Below<Path extends string, Member extends string> = Path extends `${Member}/${infer Rest}`
  ? Rest
  : never;
