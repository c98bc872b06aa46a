import type { RouterConfig } from '../../shared/model/config';
import { kindWords } from '../../shared/model/credential-age';
import { RouterError, type ErrorCode } from '../../shared/model/errors';
import { shownUrl } from '../../shared/model/shown-url';
import type { CredentialInUse, CredentialKind } from '../../shared/model/status';
import {
  endpointsWith,
  foundClientSecret,
  resolveCredential,
  slotKey,
  slotsOf,
  type CredentialSlot,
  type EnginePorts,
} from '../engine/index';

/** What a person says about the credential that is meant. */
export interface RotationRequest {
  /** The keychain entry. */
  readonly name?: string | undefined;
  /** One of these; undefined: any. */
  readonly what?: readonly CredentialKind[] | undefined;
  /** The address of one endpoint, where several have credentials of their own. */
  readonly endpoint?: string | undefined;
}

/** What an endpoint of the configuration uses: a place that we may write, or why there is none. */
export type ConfiguredCredential = { readonly what: CredentialKind; readonly endpoint: string } & (
  | { readonly slot: CredentialSlot }
  | {
      readonly slot: null;
      readonly why: string;
      /** What is in use, where something is that is not ours to write. */
      readonly inUse?: CredentialInUse;
      /** Why nothing can be used. */
      readonly code?: ErrorCode;
    }
);

/** Either the one place that is meant, or why there is none. */
export type RotationChoice =
  | { readonly kind: 'chosen'; readonly slot: CredentialSlot }
  | { readonly kind: 'refused'; readonly message: string };

const refused = (message: string): RotationChoice => ({ kind: 'refused', message });

/** Finds the one place that is meant. Tokens and secrets are looked up, because what is in use decides. */
export async function chooseSlot(
  config: RouterConfig,
  ports: EnginePorts,
  request: RotationRequest,
): Promise<RotationChoice> {
  const { name, what, endpoint } = request;
  const endpoints = config.gateway_pool.endpoints.filter(
    ({ url }) => endpoint === undefined || url === endpoint || shownUrl(url) === endpoint,
  );
  if (endpoints.length === 0) {
    const known = config.gateway_pool.endpoints.map(({ url }) => shownUrl(url)).join(', ');
    return refused(`there is no endpoint ${shownText(endpoint ?? '')}; configured: ${known}`);
  }
  if (name !== undefined) return chooseByName(config, ports, { name, what });
  const mayAsk = what === undefined || what.some((kind) => kind !== 'certificate');
  const configured: ConfiguredCredential[] = [];
  for (const gateway of endpoints) configured.push(...(await credentialsOf(gateway, ports, mayAsk)));
  return chooseAmong(configured, what);
}

/**
 * What connections to this endpoint use.
 *
 * @param mayAsk whether tokens and secrets are looked up, or certificates alone
 */
export async function credentialsOf(
  gateway: Endpoint,
  ports: EnginePorts,
  mayAsk = true,
): Promise<readonly ConfiguredCredential[]> {
  return [...(mayAsk ? await secretOf(gateway, ports) : []), ...certificateOf(gateway, ports)];
}

/** An argument that may hold anything. */
const shownText = (text: string): string => (URL.canParse(text) ? shownUrl(text) : 'of that name');

/** The keychain entry of that name, whether something is stored there already or not. */
function chooseByName(
  config: RouterConfig,
  ports: EnginePorts,
  { name, what }: { readonly name: string; readonly what: RotationRequest['what'] },
): RotationChoice {
  const slots = new Map(
    config.gateway_pool.endpoints
      .flatMap(({ auth }) => slotsOf(auth, ports))
      .filter(({ inUse }) => inUse.source === 'keychain' && inUse.name === name)
      .filter((slot) => endpointsWith(slot, config, ports).length > 0)
      .filter((slot) => what === undefined || what.includes(slot.what))
      .map((slot) => [slotKey(slot), slot]),
  );
  const [slot, another] = slots.values();
  if (slot === undefined) {
    return refused(
      `"${name}" is not what gateway.auth.token_secure_key or client_secret_secure_key names for connections of now, so it cannot be proven; store it with: mcp-router token set ${name}`,
    );
  }
  if (another !== undefined)
    return refused(`"${name}" is several things; add ${choicesOf([...slots.values()])}`);
  return { kind: 'chosen', slot };
}

/** Decides among what the endpoints use; more than one is never guessed at. */
export function chooseAmong(
  configured: readonly ConfiguredCredential[],
  what: RotationRequest['what'],
): RotationChoice {
  const meant = configured.filter((one) => what === undefined || what.includes(one.what));
  const slots = new Map(meant.flatMap(({ slot }) => (slot === null ? [] : [[slotKey(slot), slot] as const])));
  const [only, another] = slots.values();
  if (only !== undefined && another === undefined) return { kind: 'chosen', slot: only };
  if (only !== undefined) {
    return refused(
      `several credentials are configured; say which one: ${choicesOf([...slots.values()], meant)}`,
    );
  }
  const reasons = [...new Set(meant.flatMap((one) => (one.slot === null ? [one.why] : [])))];
  if (reasons.length > 0) return refused(reasons.join('; '));
  const others = configured.map((one) => (one.slot === null ? kindWords[one.what] : shownSlot(one.slot)));
  const all = others.length === 0 ? 'no credential' : [...new Set(others)].join(', ');
  const wanted = what === undefined ? 'credential' : what.map((kind) => kindWords[kind]).join(' or ');
  const how =
    what?.includes('certificate') === false && meant.length < configured.length
      ? ' (rotate it with --certificate FILE --key FILE)'
      : '';
  return refused(`no ${wanted} is in use; configured: ${all}${how}`);
}

function choicesOf(
  slots: readonly CredentialSlot[],
  configured: readonly ConfiguredCredential[] = [],
): string {
  const isAlone = (slot: CredentialSlot): boolean =>
    slots.filter(({ what }) => what === slot.what).length === 1;
  return slots
    .map((slot) => {
      const where = configured.find((one) => one.slot !== null && slotKey(one.slot) === slotKey(slot));
      const flags =
        isAlone(slot) || where === undefined
          ? `--what ${slot.what}`
          : `--what ${slot.what} --endpoint ${where.endpoint}`;
      return `${flags} (${shownSlot(slot)})`;
    })
    .join(', or ');
}

/** The credential as people know it. */
export function shownSlot({ what, inUse: { source, name } }: CredentialSlot): string {
  return `the ${kindWords[what]} ${source === 'keychain' ? `"${name}" in the keychain` : name}`;
}

type Endpoint = RouterConfig['gateway_pool']['endpoints'][number];

/** The token or client secret that a connection of now would use. */
async function secretOf(gateway: Endpoint, ports: EnginePorts): Promise<readonly ConfiguredCredential[]> {
  const { auth } = gateway;
  if (auth.type !== 'bearer' && auth.type !== 'oauth2') return [];
  const what = auth.type === 'bearer' ? 'token' : 'client-secret';
  const endpoint = shownUrl(gateway.url);
  try {
    const found = await (what === 'token' ? resolveCredential(auth, ports) : foundClientSecret(auth, ports));
    const slot = slotsOf(auth, ports).find(
      (one) =>
        one.what === what && one.inUse.source === found?.inUse.source && one.inUse.name === found.inUse.name,
    );
    if (slot !== undefined) return [{ what, endpoint, slot }];
    const why = whereItIsFrom(kindWords[what], found?.inUse);
    const used = found === null ? {} : { inUse: found.inUse };
    return [{ what, endpoint, slot: null, why, ...used }];
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return [{ what, endpoint, slot: null, why: error.message, code: error.code }];
  }
}

function certificateOf(gateway: Endpoint, ports: EnginePorts): readonly ConfiguredCredential[] {
  const { auth } = gateway;
  if (auth.type === 'none') return [];
  const endpoint = shownUrl(gateway.url);
  const slot = slotsOf(auth, ports).find(({ what }) => what === 'certificate');
  if (slot !== undefined) return [{ what: 'certificate', endpoint, slot }];
  if (auth.client_pkcs12 === undefined) return [];
  const why =
    'the client certificate is in a PKCS#12 bundle (client_pkcs12), which is one file: move the new bundle into its place, and it is used by itself';
  const inUse = { source: 'certificate', name: auth.client_pkcs12 } as const;
  return [{ what: 'certificate', endpoint, slot: null, why, inUse }];
}

function whereItIsFrom(words: string, inUse: CredentialInUse | undefined): string {
  const change = 'change it there, then send SIGHUP';
  switch (inUse?.source) {
    case 'environment':
      return `the ${words} comes from the variable ${inUse.name}, which only whoever starts the router can change`;
    case 'command':
      return `the ${words} comes from the program ${inUse.name}; ${change}`;
    case 'memory':
      return `the ${words} is known to the running app alone; enter the new one in its window`;
    case 'oauth2':
    case 'keychain':
    case 'file':
    case 'certificate':
    case undefined:
      return `no ${words} is in use`;
  }
}
