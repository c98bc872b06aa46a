import type { FailureCause } from '../../../../../shared/model/status';
import type { Secret } from '../../../auth/secret';
import { memberOf, type Range } from '../../../jsonrpc/members';
import { scanMessage } from '../../../jsonrpc/scan';
import { skipSpace } from '../../../jsonrpc/skip-value';

import { frameTypes, PROTOCOL_VERSION, type Frame } from './frame';

/** How a connection begins. */
export interface GreetingOptions {
  readonly negotiate: 'required' | 'offered' | 'off';
  /** The offer of versions, in the dialect's spelling. */
  readonly negotiation: Buffer;
  /** The token for the sign-in; undefined: there is none. */
  readonly token: Secret | undefined;
}

/** What to do next. `send` comes first in each case. */
export interface GreetingStep {
  readonly send: readonly Frame[];
  readonly outcome: 'go-on' | 'done' | FailureCause;
}

/** The gateway takes letters, digits, "_" and "-" only (gateway-protocol 2.5). */
const SIGN_IN_ID = 'mcp-router-sign-in';

/**
 * The beginning of a connection: version negotiation, then the router's own sign-in (gateway-protocol 2.5).
 *
 * The sign-in is an `initialize` of the router, not of the client: the gateway answers it itself with a session id and
 * forwards nothing. The client's `initialize` follows as an ordinary request, is answered by the MCP server, and is
 * repeated after a reconnect like everywhere else.
 */
export class Greeting {
  private waitsFor: 'agreement' | 'sign-in' | 'nothing' = 'nothing';

  constructor(private readonly options: GreetingOptions) {}

  /** What is missing, in words for a person, for a deadline that has passed. */
  get missing(): string {
    return this.waitsFor === 'sign-in'
      ? 'no answer to the sign-in (gateway.tcp.token_in)'
      : 'no answer to the version negotiation (gateway.tcp.negotiate)';
  }

  /** The first frames. */
  start(): GreetingStep {
    const { negotiate, negotiation } = this.options;
    if (negotiate === 'off') return this.signIn([]);
    const offer: Frame = { type: frameTypes.negotiation, payload: negotiation };
    if (negotiate === 'offered') return this.signIn([offer]);
    this.waitsFor = 'agreement';
    return { send: [offer], outcome: 'go-on' };
  }

  /** Takes a frame that came before the greeting was done. */
  take(frame: Frame): GreetingStep {
    const refusal = negotiationRefusal(frame);
    if (refusal !== undefined) return { send: [], outcome: refusal };
    if (frame.type === frameTypes.agreement && this.waitsFor === 'agreement') return this.signIn([]);
    if (frame.type === frameTypes.error) {
      const detail = 'it answered the greeting with an error frame';
      return { send: [], outcome: { code: 'gateway-refused', detail } };
    }
    if (frame.type === frameTypes.response && this.waitsFor === 'sign-in') {
      return { send: [], outcome: signInOutcome(frame.payload) };
    }
    return { send: [], outcome: 'go-on' };
  }

  private signIn(send: readonly Frame[]): GreetingStep {
    const { token } = this.options;
    if (token === undefined) return { send, outcome: 'done' };
    this.waitsFor = 'sign-in';
    const request = {
      jsonrpc: '2.0',
      id: SIGN_IN_ID,
      method: 'initialize',
      params: { token: token.reveal() },
    };
    const payload = Buffer.from(JSON.stringify(request));
    return { send: [...send, { type: frameTypes.request, payload }], outcome: 'go-on' };
  }
}

/** Why the connection cannot go on after this frame, if it is about versions and says no. */
export function negotiationRefusal(frame: Frame): FailureCause | undefined {
  if (frame.type === frameTypes.agreement) {
    const agreed = agreedVersion(frame.payload);
    if (agreed === PROTOCOL_VERSION) return undefined;
    const detail = agreed === undefined ? 'it agreed to no version' : `it chose version ${String(agreed)}`;
    return { code: 'gateway-refused', detail };
  }
  if (frame.type !== frameTypes.error) return undefined;
  const text = frame.payload.toString('utf8', 0, 64);
  if (text.startsWith('Version negotiation failed')) {
    return { code: 'gateway-refused', detail: 'there is no protocol version that both sides speak' };
  }
  if (text.startsWith('Version negotiation required')) {
    return { code: 'gateway-refused', detail: 'it wants gateway.tcp.negotiate: required' };
  }
  return undefined;
}

const objectIn = (payload: Buffer): Range => ({ start: skipSpace(payload, 0), end: payload.length });

function agreedVersion(payload: Buffer): number | undefined {
  const value = memberOf(payload, objectIn(payload), 'agreed_version');
  const version =
    value === undefined ? Number.NaN : Number(payload.toString('latin1', value.start, value.end));
  return Number.isInteger(version) ? version : undefined;
}

/** Errors of the gateway that say nothing about the token. */
const TRANSIENT = /^(Rate limit exceeded|Internal error)/;

function signInOutcome(payload: Buffer): GreetingStep['outcome'] {
  const scanned = scanMessage(payload);
  const message = scanned.kind === 'message' ? scanned.message : undefined;
  if (message?.kind !== 'response' || message.id?.key !== `s${SIGN_IN_ID}`) return 'go-on';
  const whole = objectIn(payload);
  if (message.outcome === 'error') {
    const text = memberOf(payload, memberOf(payload, whole, 'error'), 'message');
    const words = text === undefined ? '' : payload.toString('utf8', text.start + 1, text.end - 1);
    return TRANSIENT.test(words)
      ? { code: 'gateway-unreachable', detail: 'it could not check the sign-in now' }
      : { code: 'auth-failed', detail: 'the sign-in was refused' };
  }
  const session = memberOf(payload, memberOf(payload, whole, 'result'), 'sessionId');
  if (session !== undefined) return 'done';
  // Somebody else answered: a gateway that does not sign in forwards the request, and the token with it.
  const detail = 'it did not take the sign-in; set gateway.tcp.token_in, and replace the token';
  return { code: 'gateway-refused', detail };
}
