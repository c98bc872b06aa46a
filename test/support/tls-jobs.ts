import { EngineUnderTest, testConfig } from './engine-client';

/** One address to dial and with what; plain data, so that another program can do it as well. */
export interface DialJob {
  readonly name: string;
  readonly url: string;
  /** Below `gateway` of the configuration. */
  readonly gateway: Readonly<Record<string, unknown>>;
  readonly advanced?: Readonly<Record<string, unknown>>;
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Base64 by path. */
  readonly bundles?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
}

/** What became of it. */
export interface Verdict {
  readonly name: string;
  readonly state: string;
  readonly code: string;
  readonly detail: string;
  readonly cipher: string;
}

/** Dials with a real engine until it knows where it stands. */
export async function dial(job: DialJob): Promise<Verdict> {
  const { name, url, gateway, advanced = {}, files, bundles = {}, variables = {} } = job;
  const under = new EngineUnderTest(testConfig(url, { gateway, advanced }), {
    hasKeeper: true,
    machine: {
      variables,
      files: mapped(files, (value) => ({ kind: 'found', value }) as const),
      bundles: mapped(bundles, (text) => ({ kind: 'found', bytes: Buffer.from(text, 'base64') }) as const),
    },
  });
  const { engine } = under;
  engine.start();
  await under.until(`a verdict on ${name}`, () =>
    ['connected', 'failed', 'waiting'].includes(engine.status().keeper.name),
  );
  const state = engine.status().keeper;
  await engine.stop();
  const cause = 'cause' in state ? state.cause : { code: '', detail: '' };
  const cipher = state.name === 'connected' ? (state.tls?.cipher ?? '') : '';
  return { name, state: state.name, ...cause, cipher };
}

function mapped<Value>(
  record: Readonly<Record<string, string>>,
  convert: (text: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).map(([key, text]) => [key, convert(text)]));
}
