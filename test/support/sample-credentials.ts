import type { DesktopPages } from '../../src/main/desktop-pages';
import type { CredentialsReport, CredentialView, SignInView } from '../../src/shared/model/credential-views';

const DAY_MS = 86_400_000;
const daysFrom = (now: number, days: number): string => new Date(now + days * DAY_MS).toISOString();

/** A token in the keychain that was stored twelve days ago. */
export const sampleToken = (now: number, change: Partial<CredentialView> = {}): CredentialView => ({
  id: 'token keychain gateway-token',
  what: 'token',
  source: 'keychain',
  name: 'gateway-token',
  endpoints: ['wss://gateway.example.com:8443/mcp'],
  storedAt: daysFrom(now, -12),
  certificate: null,
  previousUntil: null,
  change: { kind: 'rotate' },
  problem: null,
  ...change,
});

/** A client certificate that ends in twenty days. */
export const sampleCertificate = (now: number, change: Partial<CredentialView> = {}): CredentialView => ({
  ...sampleToken(now),
  id: 'certificate certificate /home/ada/.config/claude-cli/client.crt',
  what: 'certificate',
  source: 'certificate',
  name: '/home/ada/.config/claude-cli/client.crt',
  storedAt: null,
  certificate: {
    subject: 'ada',
    issuer: 'Example Trust Services R3',
    validFrom: daysFrom(now, -70),
    validTo: daysFrom(now, 20),
  },
  ...change,
});

/** Somebody who has signed in with the browser. */
export const sampleSignIn = (now: number): SignInView => ({
  endpoint: 'https://mcp.example.com/mcp',
  state: 'signed-in',
  issuer: 'https://login.example.com',
  clientId: 'mcp-router',
  tokenUntil: new Date(now + 45 * 60_000).toISOString(),
  isRenewable: true,
});

/** A report as the router gives it. */
export const sampleReport = (
  credentials: readonly CredentialView[],
  signIn: SignInView | null = null,
): CredentialsReport => ({ kind: 'ready', credentials, signIn, rotationDays: 90, overlapMinutes: 60 });

/** What stands behind the page where everything is accepted and one token is in use. */
export const sampleCredentials: DesktopPages['credentials'] = {
  'credentials.list': () => Promise.resolve(sampleReport([sampleToken(Date.now())])),
  'credentials.rotate': () => Promise.resolve({ kind: 'rotated', until: null }),
  'credentials.store': () => Promise.resolve({ kind: 'stored' }),
  'credentials.rollBack': () => Promise.resolve({ kind: 'rolled-back' }),
  'credentials.endOverlap': () => Promise.resolve({ kind: 'overlap-ended' }),
  'credentials.chooseCertificate': () => Promise.resolve({ kind: 'cancelled' }),
  'credentials.openCertificate': () => Promise.resolve({ kind: 'cancelled' }),
  'credentials.useCertificate': () => Promise.resolve({ kind: 'rotated', until: null }),
  'credentials.signIn': () => Promise.resolve({ kind: 'cancelled' }),
  'credentials.cancelSignIn': () => Promise.resolve(),
  'credentials.signOut': () => Promise.resolve({ kind: 'revoked' }),
};
