import { assertNever, RouterError } from '../../../shared/model/errors';
import type { SecretLookup } from '../ports';

/**
 * What the keychain gave for a name; null where it never had it. Locked and unavailable are failures of their own, so
 * that nothing falls back silently.
 *
 * @throws RouterError keychain-locked, keychain-unavailable
 */
export function storedValue(lookup: SecretLookup, name: string): string | null {
  switch (lookup.kind) {
    case 'found':
      return lookup.value;
    case 'absent':
      return null;
    case 'locked-or-removed':
      throw new RouterError('keychain-locked', `entry "${name}"`);
    case 'unavailable':
      throw new RouterError('keychain-unavailable', lookup.reason);
    default:
      return assertNever(lookup);
  }
}
