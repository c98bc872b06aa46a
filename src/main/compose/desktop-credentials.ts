import type { HandlersOf } from '../../shared/ipc/call';
import type { credentialCalls } from '../../shared/ipc/credential-calls';
import type {
  CredentialOutcome,
  CredentialsReport,
  CredentialView,
  SignInOutcome,
} from '../../shared/model/credential-views';
import { assertNever, errorSentence, RouterError } from '../../shared/model/errors';
import type { Rotation } from '../engine/index';

import { CertificateImport } from './certificate-import';
import { auditedSignIn, auditedTokens } from './command-audit';
import { credentialsReport } from './credential-views';
import type { PageParts } from './desktop-pages';
import { commandAudit, portsOf, quietLog } from './ports';
import type { RotationRequest } from './rotation-choice';
import { signInMachine } from './sign-in-machine';
import { tokenMachine, type RotationStart, type TokenMachine } from './token-machine';

type Calls = HandlersOf<typeof credentialCalls>;
type Ready = Extract<RotationStart, { kind: 'ready' }>;

/** What a bearer token can hold; anything else breaks the header that carries it. */
const TOKEN_SHAPE = /^[\x21-\x7e]+$/;

/** What stands behind the page "Credentials". */
export function desktopCredentials(parts: PageParts): Calls {
  const page = new CredentialsPage(parts);
  return {
    'credentials.list': () => page.report(),
    'credentials.rotate': ({ id, value }) => page.rotate(id, value),
    'credentials.store': ({ id, value }) => page.store(id, value),
    'credentials.rollBack': ({ id }) => page.rollBack(id),
    'credentials.endOverlap': ({ id }) => page.endOverlap(id),
    'credentials.chooseCertificate': async ({ id, form }) => {
      const meant = await page.meant(id);
      return 'kind' in meant
        ? { kind: 'refused', message: meant.message }
        : page.certificates.choose(meant.view, meant.start, form);
    },
    'credentials.openCertificate': ({ passphrase }) => page.certificates.open(passphrase),
    'credentials.useCertificate': () => page.useCertificate(),
    'credentials.signIn': () => page.signIn(),
    'credentials.cancelSignIn': () => {
      page.cancelSignIn();
      return Promise.resolve();
    },
    'credentials.signOut': () => page.signOut(),
  };
}

type Failed = Extract<CredentialOutcome, { kind: 'failed' }>;
const failed = (message: string): Failed => ({ kind: 'failed', message });

class CredentialsPage {
  readonly certificates: CertificateImport;
  private readonly tokens: TokenMachine;
  private readonly ports;
  private signingIn: AbortController | null = null;

  constructor(private readonly parts: PageParts) {
    const { adapters, chooseFile } = parts;
    const warn = (text: string): void => void adapters.facts.stderr.write(`mcp-router: ${text}\n`);
    this.ports = portsOf(adapters, quietLog(warn));
    this.tokens = auditedTokens(tokenMachine(adapters.machine, this.ports), commandAudit(adapters));
    this.certificates = new CertificateImport(chooseFile);
  }

  report(): Promise<CredentialsReport> {
    const { tokens, ports } = this;
    return credentialsReport({ load: () => this.parts.adapters.machine.loadConfig(), tokens, ports });
  }

  /** The credential of that id, ready to be changed. */
  async meant(id: string): Promise<{ readonly view: CredentialView; readonly start: Ready } | Failed> {
    const view = await this.viewOf(id);
    if (view === null) return failed('The settings no longer use this credential. Nothing was changed.');
    const start = await this.tokens.rotation(requestFor(view), undefined);
    return start.kind === 'refused' ? failed(sentence(start.message)) : { view, start };
  }

  rotate(id: string, entered: string): Promise<CredentialOutcome> {
    const value = entered.trim();
    if (!TOKEN_SHAPE.test(value)) return Promise.resolve(failed(errorSentence('credential-malformed')));
    return this.change(id, async ({ rotation }) => outcomeOf(await rotation.begin(value)));
  }

  rollBack(id: string): Promise<CredentialOutcome> {
    return this.change(id, async ({ rotation }) => outcomeOf(await rotation.rollBack()));
  }

  endOverlap(id: string): Promise<CredentialOutcome> {
    return this.change(id, async (start) => {
      await start.endOverlap();
      return { kind: 'overlap-ended' };
    });
  }

  /** Where something is stored already, a value that nobody has tried must not take its place. */
  async store(id: string, entered: string): Promise<CredentialOutcome> {
    const value = entered.trim();
    if (!TOKEN_SHAPE.test(value)) return failed(errorSentence('credential-malformed'));
    const view = await this.viewOf(id);
    if (view === null || view.change.kind !== 'enter')
      return failed('Something is stored here already: it is replaced only by what was tried.');
    this.ports.mask.add(value);
    const change = await this.tokens.set(view.name, value);
    if (change.kind !== 'done')
      return failed(
        errorSentence(change.kind === 'locked' ? 'keychain-locked' : 'keychain-unavailable', change.reason),
      );
    await this.renew();
    return { kind: 'stored' };
  }

  async useCertificate(): Promise<CredentialOutcome> {
    const taken = this.certificates.take();
    if (taken === null) return failed('Choose a certificate first.');
    return this.performed(taken, async ({ rotation }) => outcomeOf(await rotation.begin(taken.pair)));
  }

  async signIn(): Promise<SignInOutcome> {
    if (this.signingIn !== null) return { kind: 'failed', message: 'A sign-in is under way already.' };
    const signing = new AbortController();
    this.signingIn = signing;
    try {
      const machine = this.signInMachine(signing.signal);
      const { issuer, clientId } = await machine.signIn(undefined, async (url) => {
        // The address itself stays here: it holds what the answer is recognised by.
        this.parts.announce('credentials.progress', { kind: 'signing-in', provider: new URL(url).host });
        if (!(await machine.openUrl(url)))
          throw new RouterError('sign-in-needed', 'no browser could be started');
      });
      await this.renew();
      return { kind: 'signed-in', issuer, clientId };
    } catch (error) {
      if (signing.signal.aborted) return { kind: 'cancelled' };
      if (!(error instanceof RouterError)) throw error;
      return { kind: 'failed', message: errorSentence(error.code, error.detail) };
    } finally {
      this.signingIn = null;
    }
  }

  cancelSignIn(): void {
    this.signingIn?.abort();
  }

  async signOut(): Promise<SignInOutcome> {
    try {
      const how = await this.signInMachine(new AbortController().signal).signOut(undefined);
      await this.leave();
      return { kind: how };
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      return { kind: 'failed', message: errorSentence(error.code, error.detail) };
    }
  }

  private signInMachine(signal: AbortSignal): ReturnType<typeof signInMachine> {
    const { adapters } = this.parts;
    const { platform } = adapters.facts;
    const machine = signInMachine(adapters.machine, { platform, portsFor: () => this.ports, signal });
    return auditedSignIn(machine, commandAudit(adapters));
  }

  private async viewOf(id: string): Promise<CredentialView | null> {
    const report = await this.report();
    return report.kind === 'ready' ? (report.credentials.find((one) => one.id === id) ?? null) : null;
  }

  private async change(
    id: string,
    act: (start: Ready) => Promise<CredentialOutcome>,
  ): Promise<CredentialOutcome> {
    const meant = await this.meant(id);
    return 'kind' in meant ? meant : this.performed(meant, act);
  }

  /** Tells how far it is, and lets the running router use what is there afterwards. */
  private async performed(
    { view, start }: { readonly view: CredentialView; readonly start: Ready },
    act: (start: Ready) => Promise<CredentialOutcome>,
  ): Promise<CredentialOutcome> {
    const stop = start.rotation.onState(({ name }) => {
      if (name === 'proving' || name === 'swapping' || name === 'rolling-back')
        this.parts.announce('credentials.progress', { kind: 'changing', id: view.id, step: name });
    });
    try {
      const outcome = await act(start);
      if (outcome.kind === 'rotated' || outcome.kind === 'rolled-back') await this.renew();
      return outcome;
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      return failed(errorSentence(error.code, error.detail));
    } finally {
      stop();
    }
  }

  /** Whoever signs out means the connections of now as well. */
  private async leave(): Promise<void> {
    const engine = this.parts.engine();
    if (engine === undefined) return;
    const { isSwitchedOn } = engine.status();
    if (isSwitchedOn) await engine.disconnect();
    // It would be good for as long as it lives, whatever the identity provider said.
    engine.forgetTokens();
    if (isSwitchedOn) engine.connect();
  }

  private async renew(): Promise<void> {
    await this.parts.engine()?.renewCredential();
  }
}

/** What `token rotate` would be told. */
function requestFor({ what, source, name, endpoints }: CredentialView): RotationRequest {
  return source === 'keychain' ? { name, what: [what] } : { what: [what], endpoint: endpoints[0] };
}

function outcomeOf(state: Rotation['state']): CredentialOutcome {
  switch (state.name) {
    case 'rotated':
      return { kind: 'rotated', until: state.until };
    case 'not-proven': {
      const message = errorSentence(state.cause.code, state.cause.detail);
      return { kind: state.isRefused ? 'refused' : 'not-tried', message };
    }
    case 'rolled-back':
      return { kind: 'rolled-back' };
    case 'not-stored':
    case 'not-rolled-back':
      return failed(errorSentence(state.cause.code, state.cause.detail));
    case 'idle':
    case 'proving':
    case 'swapping':
    case 'rolling-back':
      throw new Error(`a rotation stopped in the state ${state.name}`);
    default:
      return assertNever(state);
  }
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
