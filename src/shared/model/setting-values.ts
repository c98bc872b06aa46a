import { z } from 'zod';

const MAX_TIMER_MS = 2_147_483_647;
/** A time in milliseconds that a timer can hold. */
export const milliseconds = (fallback: number, least = 1): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(least).max(MAX_TIMER_MS).default(fallback);
/** A whole number with a default. */
export const count = (fallback: number, least = 1): z.ZodDefault<z.ZodNumber> =>
  z.number().int().min(least).max(1_000_000).default(fallback);
/** Bytes. */
export const KIB = 1024;
/** Bytes. */
export const MIB = 1024 * KIB;
/** The largest size that is accepted, in bytes. */
export const byteLimit = z
  .number()
  .int()
  .min(KIB)
  .max(1024 * MIB);
/** The same with a default. */
export const byteCount = (fallback: number): z.ZodDefault<z.ZodNumber> => byteLimit.default(fallback);
/** The name of an environment variable, a keychain entry or a path; never the secret itself. */
export const reference = z.string().trim().min(1);

/** A DNS name; an address cannot be sent as SNI (RFC 6066 section 3). */
export const hostName = z
  .string()
  .trim()
  .regex(/^(?=.*[A-Za-z])[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/, 'must be a host name');
