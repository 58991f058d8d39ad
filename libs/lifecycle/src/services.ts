/** The name of something outside of the domain that decisions consult: whoever starts the engine hands it in by this name. */
export interface Service<Of extends object> {
  readonly name: string;
  /** What has the name; known to the compiler alone. */
  readonly [of]?: Of;
}
declare const of: unique symbol;

export const service = <Of extends object>(name: string): Service<Of> => ({ name });

/** What decisions consult besides the state and what is sent. */
export class Services {
  readonly #byName = new Map<string, object>();

  /** Hands in what has a name. */
  with<Of extends object>({ name }: Service<Of>, provided: Of): this {
    this.#byName.set(name, provided);
    return this;
  }

  /**
   * What has a name.
   * @throws Error where nothing was handed in under it.
   */
  get<Of extends object>({ name }: Service<Of>): Of {
    const found = this.#byName.get(name);
    if (found === undefined)
      throw new Error(`No service ${name} was handed to the engine; hand it in where the engine is started`);
    return found as Of;
  }
}
