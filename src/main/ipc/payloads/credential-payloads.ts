import { z } from 'zod';
import type { credentialCalls } from '../../../shared/ipc/credential-calls';
import type { PayloadSchemas } from './payload-schemas';

/** Kind, source and name; the name may be a path. */
const MAX_ID_LENGTH = 4200;
/** Far above any real token; a JWT with many claims stays below 8 KiB. */
const MAX_VALUE_LENGTH = 16_384;
const MAX_PASSPHRASE_LENGTH = 1024;

const nothing = z.void();
const id = z.string().min(1).max(MAX_ID_LENGTH);
const named = z.strictObject({ id });
const entered = z.strictObject({ id, value: z.string().min(1).max(MAX_VALUE_LENGTH) });

export const credentialPayloads: PayloadSchemas<typeof credentialCalls> = {
  'credentials.list': nothing,
  'credentials.rotate': entered,
  'credentials.store': entered,
  'credentials.rollBack': named,
  'credentials.endOverlap': named,
  'credentials.chooseCertificate': z.strictObject({ id, form: z.enum(['pem', 'pkcs12']) }),
  'credentials.openCertificate': z.strictObject({
    passphrase: z.string().min(1).max(MAX_PASSPHRASE_LENGTH),
  }),
  'credentials.useCertificate': nothing,
  'credentials.signIn': nothing,
  'credentials.cancelSignIn': nothing,
  'credentials.signOut': nothing,
};
