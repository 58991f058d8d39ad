/** The samplers that `OTEL_TRACES_SAMPLER` may name. */
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export interface SamplerSettings {
  readonly name: (typeof SAMPLERS)[number];
  /** The ratio of traces to record, if the sampler uses one. */
  readonly ratio: number;
}

/** The settings of tracing. The exporter itself reads its endpoint and headers from `OTEL_EXPORTER_OTLP_…`. */
export interface TraceSettings {
  readonly sampler: SamplerSettings;
}

/** The only supported protocol. */
const PROTOCOL = 'http/protobuf';

/**
 * Reads `DOCKET_TRACES` and, if it is on, OpenTelemetry's own settings. Returns null if it is off.
 * @throws RangeError that names the invalid setting
 */
export function readTraceSettings(env: NodeJS.ProcessEnv): TraceSettings | null {
  const traces = env['DOCKET_TRACES'] ?? 'off';
  if (traces === 'off') return null;
  if (traces !== 'otlp') throw new RangeError(`DOCKET_TRACES is "${traces}"; set it to otlp or off`);
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    refuseEndpoint(name, env[name]);
  }
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    refuseProtocol(name, env[name]);
  }
  return { sampler: samplerOf(env['OTEL_TRACES_SAMPLER'], env['OTEL_TRACES_SAMPLER_ARG']) };
}

/** Refuses an invalid endpoint. Messages never contain the address, because it may include a password. */
function refuseEndpoint(name: string, address: string | undefined): void {
  if (address === undefined || address === '') return;
  const { protocol = '' } = URL.parse(address) ?? {};
  if (protocol === 'http:' || protocol === 'https:') return;
  throw new RangeError(`${name} is not an address of a collector; use one such as http://localhost:4318`);
}

function refuseProtocol(name: string, protocol: string | undefined): void {
  if (protocol === undefined || protocol === '' || protocol === PROTOCOL) return;
  throw new RangeError(`${name} is "${protocol}"; the only supported protocol is ${PROTOCOL}`);
}

function samplerOf(name = '', ratio = ''): SamplerSettings {
  const known = SAMPLERS.find((each) => each === (name === '' ? 'parentbased_always_on' : name));
  if (known === undefined) {
    throw new RangeError(`OTEL_TRACES_SAMPLER is "${name}"; set it to one of ${SAMPLERS.join(', ')}`);
  }
  const share = ratio === '' ? 1 : Number(ratio);
  if (known.endsWith('traceidratio') && !(share >= 0 && share <= 1)) {
    throw new RangeError(`OTEL_TRACES_SAMPLER_ARG is "${ratio}"; set it to a share from 0 to 1`);
  }
  return { name: known, ratio: share };
}
