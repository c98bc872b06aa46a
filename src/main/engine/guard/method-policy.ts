import type { LocalConfig } from '../../../shared/model/config';
import type { PolicyRule } from '../../../shared/model/events';
import { handshakeMethods } from '../../../shared/model/handshake-methods';
import { decodeString, insideQuotes, isString, visitMembers, type Range } from '../jsonrpc/members';
import type { Refusal } from '../jsonrpc/message';
import type { NotificationMessage, RequestMessage } from '../jsonrpc/scan';

import { globMatcher, type Matcher } from './glob';

/** Why a message may not pass, and which rule of `local.policy` said so. */
export interface PolicyRefusal extends Refusal {
  readonly code: 'policy-denied';
  readonly limit: PolicyRule;
}

interface Pattern {
  readonly text: string;
  readonly matches: Matcher;
}

/** Half a surrogate pair has no UTF-8: a server that decodes it sees U+FFFD in its place. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const TOOL_CALL = /(^|\.)tools\/call$/;

/** What servers may take for the same name: wide compatibility forms and case do not save what is denied. */
const folded = (text: string): string =>
  text.replace(LONE_SURROGATE, '\ufffd').normalize('NFKC').toLowerCase();

/**
 * Decides by method and tool name, from the bytes that will be sent. Denying is wide (case and spelling do not matter),
 * allowing is narrow (exactly as written). Without rules nothing is looked at.
 */
export class MethodPolicy {
  private readonly allowedMethods: readonly Pattern[];
  private readonly deniedMethods: readonly Pattern[];
  private readonly allowedTools: readonly Pattern[];
  private readonly deniedTools: readonly Pattern[];

  constructor(policy: LocalConfig['policy']) {
    const exact = (text: string): Pattern => ({ text, matches: globMatcher(text) });
    const wide = (text: string): Pattern => ({ text, matches: globMatcher(folded(text)) });
    this.allowedMethods = policy.allow_methods.map(exact);
    this.deniedMethods = policy.deny_methods.map(wide);
    this.allowedTools = policy.allow_tools.map(exact);
    this.deniedTools = policy.deny_tools.map(wide);
  }

  /** @returns undefined when no rule is against it */
  denial(message: RequestMessage | NotificationMessage): PolicyRefusal | undefined {
    const { method } = message;
    if (handshakeMethods.has(method)) return undefined;
    return this.methodDenial(method) ?? this.toolDenial(message);
  }

  private methodDenial(method: string): PolicyRefusal | undefined {
    const name = this.deniedMethods.length === 0 ? '' : folded(method);
    const denying = this.deniedMethods.find(({ matches }) => matches(name));
    if (denying !== undefined) return denied('local.policy.deny_methods', `"${denying.text}"`);
    if (isAllowed(this.allowedMethods, method)) return undefined;
    return denied('local.policy.allow_methods', 'the method is not in it');
  }

  private toolDenial(message: RequestMessage | NotificationMessage): PolicyRefusal | undefined {
    const hasDenied = this.deniedTools.length > 0;
    if (!hasDenied && this.allowedTools.length === 0) return undefined;
    if (!TOOL_CALL.test(folded(message.method))) return undefined;
    const tool = toolName(message);
    if (tool === undefined) {
      const rule = hasDenied ? 'local.policy.deny_tools' : 'local.policy.allow_tools';
      return denied(rule, 'which tool is meant cannot be told for certain');
    }
    const name = folded(tool);
    const denying = this.deniedTools.find(({ matches }) => matches(name));
    if (denying !== undefined) return denied('local.policy.deny_tools', `"${denying.text}"`);
    if (isAllowed(this.allowedTools, tool)) return undefined;
    return denied('local.policy.allow_tools', 'the tool is not in it');
  }
}

const isAllowed = (allowed: readonly Pattern[], name: string): boolean =>
  allowed.length === 0 || allowed.some(({ matches }) => matches(name));

const denied = (limit: PolicyRule, detail: string): PolicyRefusal => ({
  code: 'policy-denied',
  limit,
  detail: `${limit}: ${detail}`,
});

/**
 * The one `params.name`. Undefined when there is none, or several spellings of it, of which servers believe
 * different ones (Go matches keys without case).
 */
export function toolName({ bytes, params }: RequestMessage | NotificationMessage): string | undefined {
  if (params === undefined) return undefined;
  const names: { readonly key: string; readonly value: Range }[] = [];
  visitMembers(bytes, params.start, (range, value) => {
    const key = decodeString(bytes, range);
    if (key.toUpperCase() === 'NAME') names.push({ key, value });
  });
  const [first, ...others] = names;
  if (first?.key !== 'name' || others.length > 0 || !isString(bytes, first.value)) return undefined;
  return decodeString(bytes, insideQuotes(first.value));
}
