import type { RouterConfig } from '../../shared/model/config';
import { expandHome, type Place } from './paths';

/** What a watched file is to the running configuration. */
export type WatchedPart = 'config' | 'credential' | 'metrics-token' | 'secret-index';

/** One file whose change matters. */
export interface WatchedFile {
  readonly path: string;
  readonly part: WatchedPart;
}

/** What can have to be done about changes. */
export type ChangeResponse = 'reload' | 'renew' | 'read-metrics-token' | 'ask-keychain';

/** Where the configuration and the index of keychain entries are; null where there is none. */
export interface WatchedPlaces {
  readonly configPath: string | null;
  readonly secretIndexPath: string | null;
  readonly place: Place;
}

const CREDENTIAL_FILES: readonly string[] = ['client_cert', 'client_key', 'client_pkcs12'];
const isFileKey = (key: string): boolean => key.endsWith('_file') || CREDENTIAL_FILES.includes(key);

/** The files that connections of this configuration depend on; null where there is no valid one yet. */
export function watchedFiles(config: RouterConfig | null, places: WatchedPlaces): readonly WatchedFile[] {
  const { configPath, secretIndexPath, place } = places;
  const own: readonly WatchedFile[] = configPath === null ? [] : [{ path: configPath, part: 'config' }];
  if (config === null) return own;
  if (!config.advanced.watch_files) return [];
  const named = config.gateway_pool.endpoints.flatMap(({ auth, tls, proxy }) => [
    ...[auth, proxy].flatMap((block) =>
      Object.entries(block).flatMap(([key, value]) =>
        isFileKey(key) && typeof value === 'string' ? [value] : [],
      ),
    ),
    ...[tls, auth.tls, proxy].flatMap(({ ca_cert_path: path }) => path ?? []),
  ]);
  const paths = [...new Set(named.flatMap((given) => expandHome(given, place) ?? []))];
  const { token_file: metricsToken, token_secure_key: metricsEntry } = config.metrics;
  const metrics = metricsToken === undefined ? undefined : expandHome(metricsToken, place);
  const index: readonly WatchedFile[] =
    secretIndexPath === null || (watchedEntries(config).length === 0 && metricsEntry === undefined)
      ? []
      : [{ path: secretIndexPath, part: 'secret-index' }];
  return [
    ...own,
    ...paths.map((path) => ({ path, part: 'credential' as const })),
    ...(metrics === undefined ? [] : [{ path: metrics, part: 'metrics-token' as const }]),
    ...index,
  ];
}

/** The keychain entries that connections of this configuration depend on. */
export function watchedEntries(config: RouterConfig): readonly string[] {
  const named = config.gateway_pool.endpoints.flatMap(({ auth, proxy }) => [
    ...(auth.type === 'none' ? [] : Object.entries(auth)).filter(
      ([key]) => key !== 'token_secure_key' || auth.token_storage !== 'memory',
    ),
    ...Object.entries(proxy),
  ]);
  const entries = named.flatMap(([key, value]) =>
    key.endsWith('_secure_key') && typeof value === 'string' ? [value] : [],
  );
  return [...new Set(entries)];
}

/** Decides what to do about changed paths, in this order; a reload does all of it. */
export function responsesTo(
  changed: readonly string[],
  files: readonly WatchedFile[],
): readonly ChangeResponse[] {
  const parts = new Set(files.filter(({ path }) => changed.includes(path)).map(({ part }) => part));
  if (parts.has('config')) return ['reload'];
  const responses: ChangeResponse[] = [];
  if (parts.has('metrics-token')) responses.push('read-metrics-token');
  if (parts.has('credential')) responses.push('renew');
  else if (parts.has('secret-index')) responses.push('ask-keychain');
  return responses;
}
