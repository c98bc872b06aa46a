import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';

import { ChangeSignal } from './change-signal';
import type { KeyedCertificate } from './certificates';

const refusal = (status: string): string =>
  `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;

const fingerprintOf = ({ certificatePem }: Pick<KeyedCertificate, 'certificatePem'>): string =>
  new X509Certificate(certificatePem).fingerprint256;

/** What stands in front of many gateways: TLS with client certificates, judged as nginx does (400), and no more. */
export class CertificateDoor {
  /** The certificates that came, by fingerprint, each time. */
  readonly seen: string[] = [];
  refusesWith = '400 Bad Request';
  private readonly changes = new ChangeSignal();
  private readonly sockets = new Set<{ destroy(): unknown }>();
  private accepted: ReadonlySet<string> | 'all' = 'all';

  private constructor(
    private readonly server: Server,
    private readonly gatewayPort: () => number,
  ) {
    server.on('secureConnection', (socket) => {
      this.open(socket);
    });
    server.on('tlsClientError', () => undefined);
  }

  static async start(
    tls: KeyedCertificate,
    clientAuthorityPem: string,
    gatewayPort: () => number,
  ): Promise<CertificateDoor> {
    const server = createServer({
      cert: tls.certificatePem,
      key: tls.privateKeyPem,
      ca: clientAuthorityPem,
      requestCert: true,
      rejectUnauthorized: false,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CertificateDoor(server, gatewayPort);
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the door has no port');
    return `wss://localhost:${String(address.port)}/`;
  }

  /** Lets these in from now on, and nobody else; connections that are open stay. */
  accept(...certificates: readonly Pick<KeyedCertificate, 'certificatePem'>[]): void {
    this.accepted = new Set(certificates.map(fingerprintOf));
  }

  hasSeen(certificate: Pick<KeyedCertificate, 'certificatePem'>): boolean {
    return this.seen.includes(fingerprintOf(certificate));
  }

  async until(name: string, condition: () => boolean): Promise<void> {
    await this.changes.until(name, condition);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private open(socket: TLSSocket): void {
    const fingerprint = socket.getPeerX509Certificate()?.fingerprint256 ?? 'none';
    this.seen.push(fingerprint);
    this.changes.changed();
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    const isIn = socket.authorized && (this.accepted === 'all' || this.accepted.has(fingerprint));
    if (!isIn) {
      socket.resume();
      socket.end(refusal(this.refusesWith));
      return;
    }
    const inner = connect(this.gatewayPort(), '127.0.0.1');
    this.sockets.add(inner);
    inner.on('error', () => socket.destroy());
    socket.on('close', () => inner.destroy());
    socket.pipe(inner).pipe(socket);
  }
}
