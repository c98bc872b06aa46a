import type { RouterConfig } from '../../shared/model/config';
import type {
  CredentialChange,
  CredentialsReport,
  CredentialView,
  SignInView,
} from '../../shared/model/credential-views';
import { RouterError } from '../../shared/model/errors';
import { shownUrl } from '../../shared/model/shown-url';
import type { CertificateFacts } from '../../shared/model/status';
import {
  clientIdentity,
  signInRecord,
  slotsOf,
  type CredentialSlot,
  type EnginePorts,
} from '../engine/index';
import type { LoadedConfig } from '../platform/load-config';

import { problemLines } from './problem-lines';
import { credentialsOf, type ConfiguredCredential } from './rotation-choice';
import type { Listed, TokenMachine } from './token-machine';

type Endpoint = RouterConfig['gateway_pool']['endpoints'][number];

/** What the report is made of. */
export interface ReportParts {
  readonly load: () => Promise<LoadedConfig>;
  readonly tokens: Pick<TokenMachine, 'list'>;
  readonly ports: EnginePorts;
}

/** What the configuration of now signs in with; values are read only to see what is in use. */
export async function credentialsReport({ load, tokens, ports }: ReportParts): Promise<CredentialsReport> {
  const loaded = await load();
  if (loaded.kind !== 'valid') return { kind: 'no-config', problems: problemLines(loaded) };
  const { security, gateway, gateway_pool: pool } = loaded.config;
  const listed = await tokens.list();
  const views = new Map<string, CredentialView>();
  for (const endpoint of pool.endpoints) {
    for (const one of await credentialsHere(endpoint, ports)) {
      const view = await viewOf(one, endpoint, { listed, ports });
      const known = views.get(view.id);
      const endpoints = [...new Set([...(known?.endpoints ?? []), ...view.endpoints])];
      views.set(view.id, { ...view, endpoints });
    }
  }
  return {
    kind: 'ready',
    credentials: [...views.values()],
    signIn: await signInOf(gateway, ports),
    rotationDays: security.rotation_days,
    overlapMinutes: security.rotation_overlap_minutes,
  };
}

/** A program that gives a token is not started to show its name. */
async function credentialsHere(
  gateway: Endpoint,
  ports: EnginePorts,
): Promise<readonly ConfiguredCredential[]> {
  const { token_command: program, ...auth } = gateway.auth;
  const found = await credentialsOf({ ...gateway, auth }, ports);
  const name = program?.[0];
  return found
    .filter((one) => one.what !== 'client-secret' || one.slot !== null || namesClientSecret(gateway))
    .map((one) => {
      if (name === undefined || one.slot !== null || one.code !== 'credential-missing') return one;
      const { what, endpoint } = one;
      const why = `the token comes from the program ${name}; change it there`;
      return { what, endpoint, slot: null, why, inUse: { source: 'command', name } };
    });
}

const namesClientSecret = ({ auth }: Endpoint): boolean =>
  auth.grant_type === 'client_credentials' ||
  [auth.client_secret_secure_key, auth.client_secret_env, auth.client_secret_file].some(
    (place) => place !== undefined,
  );

interface Known {
  readonly listed: Listed;
  readonly ports: EnginePorts;
}

async function viewOf(one: ConfiguredCredential, gateway: Endpoint, known: Known): Promise<CredentialView> {
  const { what, endpoint } = one;
  const place = one.slot ?? emptyPlace(one, gateway, known.ports);
  const inUse = place?.inUse ?? (one.slot === null ? one.inUse : undefined);
  const { source = null, name = '' } = inUse ?? {};
  const isMissing = one.slot === null && one.code === 'credential-missing';
  const stored = known.listed.stored.find((entry) => source === 'keychain' && entry.name === name);
  return {
    id: `${what} ${source ?? 'none'} ${name === '' ? endpoint : name}`,
    what,
    source,
    name,
    endpoints: [endpoint],
    storedAt: stored?.storedAt ?? (await storedInMemory(source, name, known.ports)),
    certificate: what === 'certificate' ? await factsOf(name, gateway, known) : null,
    previousUntil: stored?.previousUntil ?? (await previousUntil(one.slot, known.listed)),
    change: changeOf(one, place),
    problem:
      one.slot !== null || one.inUse !== undefined || (isMissing && place !== undefined) ? null : one.why,
  };
}

/** The keychain entry that is named for it, where nothing can be found at present. */
function emptyPlace(
  one: ConfiguredCredential,
  { auth }: Endpoint,
  ports: EnginePorts,
): CredentialSlot | undefined {
  if (one.slot !== null || one.inUse !== undefined) return undefined;
  return slotsOf(auth, ports).find(({ what, inUse }) => what === one.what && inUse.source === 'keychain');
}

function changeOf(one: ConfiguredCredential, place: CredentialSlot | undefined): CredentialChange {
  if (one.slot !== null) return { kind: 'rotate' };
  if (place !== undefined) return { kind: isNothingThere(one) ? 'enter' : 'rotate' };
  if (one.what === 'token' && (one.inUse?.source === 'memory' || isNothingThere(one)))
    return { kind: 'connection' };
  return { kind: 'elsewhere', why: one.why };
}

const isNothingThere = (one: ConfiguredCredential): boolean =>
  one.slot === null && one.inUse === undefined && (one.code ?? 'credential-missing') === 'credential-missing';

async function storedInMemory(
  source: CredentialView['source'],
  name: string,
  { memory }: EnginePorts,
): Promise<string | null> {
  if (source !== 'memory') return null;
  return (await memory.list()).find((entry) => entry.name === name)?.storedAt ?? null;
}

async function factsOf(path: string, gateway: Endpoint, known: Known): Promise<CertificateFacts | null> {
  const facts = known.listed.certificates.find((one) => one.path === path)?.facts;
  if (facts !== undefined || path !== gateway.auth.client_pkcs12) return facts ?? null;
  return orNull(async () => (await clientIdentity(gateway.auth, known.ports))?.facts ?? null);
}

function previousUntil(slot: CredentialSlot | null, { certificates }: Listed): Promise<string | null> {
  const path = slot?.inUse.source === 'certificate' ? slot.inUse.name : null;
  if (path !== null) {
    const named = certificates.find((one) => one.path === path);
    return Promise.resolve(named?.previousUntil ?? null);
  }
  if (slot?.inUse.source !== 'file') return Promise.resolve(null);
  return orNull(async () => (await slot.readPrevious())?.expiresAt ?? null);
}

/** What cannot be read is told by whoever wants to use it. */
async function orNull<Value>(read: () => Promise<Value | null>): Promise<Value | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return null;
  }
}

async function signInOf(gateway: RouterConfig['gateway'], ports: EnginePorts): Promise<SignInView | null> {
  const { auth, url } = gateway;
  if (auth.type !== 'oauth2' || auth.grant_type !== 'authorization_code') return null;
  const endpoint = shownUrl(url);
  const record = await orNull(() => signInRecord(gateway, ports));
  if (record === null) return { endpoint, state: 'signed-out' };
  const { issuer, clientId, tokenUntil, isRenewable, isEnded } = record;
  return {
    endpoint,
    state: isEnded ? 'ended' : 'signed-in',
    issuer,
    clientId,
    tokenUntil: new Date(tokenUntil).toISOString(),
    isRenewable,
  };
}
