import type { Envelope, JsonObject, Pointer } from './envelope.ts';
import type { EventDraft } from './event-store.ts';
import { EventShapes } from './upcasting.ts';
import type { Upcasters } from './upcasting.ts';

/** Events that are told apart by their type, each with the data that a map has for it; `Base` is what else an event says. */
export type TypedEvent<Data, Base extends { readonly type: string; readonly data: JsonObject }> = {
  readonly [Type in keyof Data & string]: Omit<Base, 'type' | 'data'> & {
    readonly type: Type;
    readonly data: Data[Type];
  };
}[keyof Data & string];

/** What a type of event is today: its shape, and what of its data is sensitive. */
interface EventType {
  readonly schemaVersion: number;
  readonly sensitive?: readonly Pointer[];
}

/** The events of streams that follow no lifecycle: what each type of event says when it is made, and once it is stored. */
export class TypedStream<
  Data extends { readonly [Type in keyof Data]: JsonObject },
  Stored extends { readonly [Type in keyof Data]: JsonObject } = Data,
> {
  readonly #types: Readonly<Record<keyof Data & string, EventType>>;
  readonly #shapes: EventShapes;

  constructor(types: Readonly<Record<keyof Data & string, EventType>>, upcasters: Upcasters = {}) {
    this.#types = types;
    this.#shapes = new EventShapes(types, upcasters);
  }

  /**
   * An event as it is read: in today's shape, and typed; taken on trust, since nothing else is appended than what is drafted here.
   * @throws UnknownShapeError
   */
  readonly asToday = (event: Envelope): TypedEvent<Stored, Envelope> =>
    this.#shapes.asToday(event) as TypedEvent<Stored, Envelope>;

  /** An event to append, which takes effect on a day. */
  readonly draft = <Type extends keyof Data & string>(
    type: Type,
    data: Data[Type],
    effectiveOn: string,
  ): EventDraft => {
    const { schemaVersion, sensitive = [] } = this.#types[type];
    return { type, schemaVersion, effectiveOn, data, state: null, sensitive };
  };
}
