import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

import { RouterError } from '../../../shared/model/errors';

import { isLoopbackHost } from './oauth-settings';

/** Ranges that no address from outside may lead into (RFC 6890): private, link-local and cloud metadata among them. */
const RANGES: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 128],
  ['::1', 128],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['2002::', 16],
];

/** One list for each family: Node judges an IPv4 address by the ranges of mapped IPv6 addresses as well. */
function internalRanges(family: 4 | 6): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of RANGES) {
    if (isIP(network) === family) list.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** True for an address of the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family !== 4 && family !== 6) return false;
  return !internalRanges(family).check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Judges addresses that another machine told us to ask (mcp-notes 1.7, SSRF). */
export interface AddressGuard {
  /** The address, if it may be asked. Throws RouterError oauth-refused. */
  checked(address: string): URL;
  /** Looks names up, and lets the connection go only where the answer was checked. */
  readonly lookup: LookupFunction;
}

/** @param configured the addresses that a person wrote; where one is internal, the ones it leads to may be as well */
export async function createAddressGuard(configured: readonly URL[]): Promise<AddressGuard> {
  const judged = await Promise.all(configured.map(({ hostname }) => isInternalHost(hostname)));
  const isInside = judged.includes(true);
  return {
    checked: (address) => {
      const url = URL.canParse(address) ? new URL(address) : null;
      if (url === null || url.username !== '' || url.password !== '')
        throw refused('an address that is none');
      const host = bare(url.hostname);
      const isLocalPlain = isInside && url.protocol === 'http:' && isLoopbackHost(url.hostname);
      if (url.protocol !== 'https:' && !isLocalPlain) throw refused(`${url.host} is not asked over https`);
      if (!isInside && isIP(host) !== 0 && !isPublicAddress(host)) throw refused(`${url.host} is internal`);
      return url;
    },
    lookup: (hostname, options, callback) => {
      dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) {
          callback(error, []);
          return;
        }
        const isAllowed = isInside || addresses.every(({ address }) => isPublicAddress(address));
        const [first] = addresses;
        if (!isAllowed || first === undefined)
          callback(refused(`${hostname} leads to an internal address`), []);
        else if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    },
  };
}

const refused = (detail: string): RouterError => new RouterError('oauth-refused', detail);
const bare = (host: string): string => host.replace(/^\[|\]$/g, '');

/** True when the name leads to this machine or a private network; a name that is not found does not. */
function isInternalHost(hostname: string): Promise<boolean> {
  const host = bare(hostname);
  if (isIP(host) !== 0) return Promise.resolve(!isPublicAddress(host));
  return new Promise((resolve) => {
    dnsLookup(host, { all: true }, (error, addresses) => {
      resolve(error === null && addresses.some(({ address }) => !isPublicAddress(address)));
    });
  });
}
