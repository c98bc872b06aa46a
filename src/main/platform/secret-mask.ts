import type { SecretMask } from '../engine/ports';

import { formsOf, literally } from './secret-forms';

/** What stands in place of a secret. */
export const MASKED = '[masked]';

/** How much is masked: each value alone, or also the forms that it takes in other texts. */
export type MaskReach = 'value' | 'every-form';

/** A mask that can also be applied. */
export interface LogMask extends SecretMask {
  /** The text with every remembered secret replaced by {@link MASKED}. */
  apply(text: string, reach: MaskReach): string;
}

/** One value: a quick look for what might be it, and the pattern that finds it. */
interface HeldSecret {
  readonly value: string;
  readonly hint: RegExp;
  readonly pattern: RegExp;
}

/** Creates an empty mask. It only grows: what was once secret stays secret. */
export function createSecretMask(): LogMask {
  let held: readonly HeldSecret[] = [];
  /** Of all of them together: nearly every text holds none. */
  let plain: RegExp | null = null;
  let hint: RegExp | null = null;
  const hide = (text: string): string => {
    if (hint?.test(text) !== true) return text;
    let clean = text;
    for (const secret of held) if (secret.hint.test(clean)) clean = clean.replace(secret.pattern, MASKED);
    return clean;
  };
  return {
    add: (value) => {
      if (value === '' || held.some((known) => known.value === value)) return;
      held = [...held, heldSecret(value)].sort((one, other) => other.value.length - one.value.length);
      plain = new RegExp(held.map((known) => literally(known.value)).join('|'), 'g');
      hint = new RegExp(held.map((known) => known.hint.source).join('|'));
    },
    apply: (text, reach) => {
      if (reach === 'every-form') return hide(text);
      return plain === null ? text : text.replace(plain, MASKED);
    },
    hide,
  };
}

function heldSecret(value: string): HeldSecret {
  const { cores, pattern } = formsOf(value);
  return { value, hint: new RegExp(cores.map(literally).join('|')), pattern: new RegExp(pattern, 'g') };
}
