import type { Envelope, JsonObject, Pointer } from './envelope.ts';
import type { EventDraft } from './event-store.ts';
import { withKnownShape } from './known-shape.ts';

/** Events discriminated by type, each with the data that a map defines for it. `Base` contains the other members. */
export type TypedEvent<Data, Base extends { readonly type: string; readonly data: JsonObject }> = {
  readonly [Type in keyof Data & string]: Omit<Base, 'type' | 'data'> & {
    readonly type: Type;
    readonly data: Data[Type];
  };
}[keyof Data & string];

/** The current shape of an event type, and its sensitive members. */
interface EventType {
  readonly schemaVersion: number;
  readonly sensitive?: readonly Pointer[];
}

/** The events of streams without a lifecycle, with the data of each type when created and when stored. */
export class TypedStream<
  Data extends { readonly [Type in keyof Data]: JsonObject },
  Stored extends { readonly [Type in keyof Data]: JsonObject } = Data,
> {
  readonly #types: Readonly<Record<keyof Data & string, EventType>>;

  constructor(types: Readonly<Record<keyof Data & string, EventType>>) {
    this.#types = types;
  }

  /**
   * Returns an event, typed. The data is not checked, because only `draft` creates events of such streams.
   * @throws UnknownShapeError
   */
  readonly read = (event: Envelope): TypedEvent<Stored, Envelope> =>
    withKnownShape(this.#types, event) as TypedEvent<Stored, Envelope>;

  readonly draft = <Type extends keyof Data & string>(
    type: Type,
    data: Data[Type],
    effectiveOn: string,
  ): EventDraft => {
    const { schemaVersion, sensitive = [] } = this.#types[type];
    return { type, schemaVersion, effectiveOn, data, state: null, sensitive };
  };
}
