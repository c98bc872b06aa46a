import { createHash, X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** More certificates than any honest chain has. */
const MAX_CHAIN_LENGTH = 10;

/** The pin of a certificate's key: `sha256/` and the base64 SHA-256 of its SubjectPublicKeyInfo (RFC 7469). */
export function pinOf(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

/** The pins of the other side's chain, its own certificate first. */
export function presentedPins(socket: TLSSocket): readonly string[] {
  return signedChain(socket.getPeerCertificate(true)).map(pinOf);
}

/**
 * The certificates from the leaf upwards, as far as each really signed the one below it. Node links them by name
 * only, so an authority's certificate that was merely sent along would otherwise count.
 */
function signedChain(leaf: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let link: DetailedPeerCertificate | undefined = leaf;
  while (isPresent(link) && chain.length < MAX_CHAIN_LENGTH) {
    const certificate = new X509Certificate(link.raw);
    const below = chain.at(-1);
    if (below !== undefined && !hasSigned(certificate, below)) break;
    chain.push(certificate);
    // A root is its own issuer.
    link = link.issuerCertificate === link ? undefined : link.issuerCertificate;
  }
  return chain;
}

/** Node gives an empty object where there is no certificate, and leaves the issuer out where it has none. */
function isPresent(link: Partial<DetailedPeerCertificate> | undefined): link is DetailedPeerCertificate {
  return link?.raw !== undefined;
}

const hasSigned = (issuer: X509Certificate, below: X509Certificate): boolean =>
  issuer.ca && below.checkIssued(issuer) && below.verify(issuer.publicKey);
