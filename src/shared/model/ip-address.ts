/** The bytes of an IPv4 (4) or IPv6 (16) address; null for everything else. An IPv4 address inside IPv6 counts as IPv4. */
export function addressBytes(text: string): readonly number[] | null {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text);
}

/** True when the first `bits` of both are the same; addresses of two kinds never match. */
export function hasPrefix(address: readonly number[], prefix: readonly number[], bits: number): boolean {
  if (address.length !== prefix.length) return false;
  return address.every((byte, index) => {
    const ignored = 8 - Math.min(8, Math.max(0, bits - index * 8));
    return byte >> ignored === (prefix[index] ?? 0) >> ignored;
  });
}

function ipv4Bytes(text: string): readonly number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const bytes = text.split('.').map(Number);
  return bytes.every((byte) => byte < 256) ? bytes : null;
}

/** The URL parser knows every way to write one, and writes it in one way. */
function ipv6Bytes(text: string): readonly number[] | null {
  const url = `http://[${text}]/`;
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return null;
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  const bytes = [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]);
  return hasPrefix(bytes, MAPPED_IPV4, 96) ? bytes.slice(12) : bytes;
}

const MAPPED_IPV4 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0];

const groupsOf = (text: string): readonly number[] =>
  text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
