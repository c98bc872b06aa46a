import { addressBytes, hasPrefix } from './ip-address';

/** Where a connection is to lead. */
export interface ProxyTarget {
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  /** True when the connection will be TLS. */
  readonly isEncrypted: boolean;
}

/** One entry of a list of exceptions, as it is understood. */
type Exception =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'name';
      readonly name: string;
      readonly hasOwn: boolean;
      readonly port: number | undefined;
    }
  | { readonly kind: 'network'; readonly prefix: readonly number[]; readonly bits: number }
  | { readonly kind: 'address'; readonly bytes: readonly number[]; readonly port: number | undefined };

/** The entries of a variable such as `NO_PROXY`: between commas, or spaces as some programs write it. */
export const noProxyList = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean);

/**
 * True when one of the entries names the target: `*`, a name with all below it, `.name` or `*.name` for what is below
 * it alone, `name:port`, an address, or a network (`10.0.0.0/8`). What cannot be read excepts nothing.
 */
export function isExcepted(entries: readonly string[], { host, port }: ProxyTarget): boolean {
  const name = plainName(host);
  const bytes = addressBytes(name);
  return entries.some((entry) => {
    const exception = readException(entry);
    switch (exception?.kind) {
      case undefined:
        return false;
      case 'all':
        return true;
      case 'network':
        return bytes !== null && hasPrefix(bytes, exception.prefix, exception.bits);
      case 'address':
        return (
          bytes !== null &&
          hasPrefix(bytes, exception.bytes, bytes.length * 8) &&
          (exception.port ?? port) === port
        );
      case 'name':
        return (
          bytes === null &&
          (exception.port ?? port) === port &&
          (name.endsWith(`.${exception.name}`) || (exception.hasOwn && name === exception.name))
        );
    }
  });
}

/** False for an entry that would except nothing. */
export const isReadableException = (entry: string): boolean => readException(entry) !== null;

/** True for names and addresses that never leave this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = plainName(host);
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const bytes = addressBytes(name);
  return bytes !== null && LOOPBACK.some(([prefix, bits]) => hasPrefix(bytes, prefix, bits));
}

const LOOPBACK = [
  [[127, 0, 0, 0], 8],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 128],
] as const;

/** Lower case, without brackets and the dot of the root. */
const plainName = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

function readException(entry: string): Exception | null {
  const text = entry.trim().toLowerCase();
  if (text === '*') return { kind: 'all' };
  if (text.includes('/')) return readNetwork(text);
  // More than one colon and no brackets: an IPv6 address, which has no port.
  const isBare = addressBytes(text) !== null;
  const port = isBare ? undefined : /:(\d{1,5})$/.exec(text)?.[1];
  const name = plainName(port === undefined ? text : text.slice(0, -port.length - 1));
  const number = port === undefined ? undefined : Number(port);
  const bytes = addressBytes(name);
  if (bytes !== null) return { kind: 'address', bytes, port: number };
  const [, below, rest = ''] = /^(\*?\.)?(.*)$/.exec(name) ?? [];
  if (!/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u.test(rest)) return null;
  return { kind: 'name', name: rest, hasOwn: below === undefined, port: number };
}

function readNetwork(text: string): Exception | null {
  const [, address = '', length = ''] = /^\[?([\da-f:.]+)\]?\/(\d{1,3})$/.exec(text) ?? [];
  const prefix = addressBytes(address);
  if (prefix === null) return null;
  // A network of IPv4 addresses that is written as IPv6 counts its bits from there.
  const bits = Number(length) - (address.includes(':') && prefix.length === 4 ? 96 : 0);
  return length !== '' && bits >= 0 && bits <= prefix.length * 8 ? { kind: 'network', prefix, bits } : null;
}
