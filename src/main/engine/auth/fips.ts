import { createHash, getFips } from 'node:crypto';

import { RouterError } from '../../../shared/model/errors';

/**
 * Nothing may be sent in `fips_mode` while the runtime computes with anything but its FIPS module. The mode is never
 * switched on from here: without such a module that would only break every computation (Node 20), and Electron's
 * BoringSSL has none at all.
 *
 * @throws RouterError fips-unavailable
 */
export function requireFips(): void {
  if (getFips() !== 1) throw new RouterError('fips-unavailable', 'crypto.getFips() is 0');
  try {
    createHash('sha256').update('').digest();
  } catch (error) {
    throw new RouterError('fips-unavailable', 'the FIPS module does not work', { cause: error });
  }
}
