/** The identifier of an external service that decisions use. The composition root registers the service. */
interface Service<Of extends object> {
  readonly name: string;
  /** The service's type, for the compiler only. */
  readonly [of]?: Of;
}
declare const of: unique symbol;

export const service = <Of extends object>(name: string): Service<Of> => ({ name });

/** The services that decisions use in addition to the state and the payload. */
export class Services {
  readonly #byName = new Map<string, object>();

  with<Of extends object>({ name }: Service<Of>, provided: Of): this {
    this.#byName.set(name, provided);
    return this;
  }

  /**
   * Returns a service.
   * @throws Error if none was registered under the name.
   */
  get<Of extends object>({ name }: Service<Of>): Of {
    const found = this.#byName.get(name);
    if (found === undefined)
      throw new Error(`The service ${name} is not registered; register it where the engine is created`);
    return found as Of;
  }
}
