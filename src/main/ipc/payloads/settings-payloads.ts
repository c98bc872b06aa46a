import { z } from 'zod';
import type { settingsCalls } from '../../../shared/ipc/settings-calls';
import type { PayloadSchemas } from './payload-schemas';

/** Far above what a person types; the check of the configuration judges the content. */
const MAX_PATH_LENGTH = 100;
const MAX_TEXT_LENGTH = 4096;
const MAX_ITEMS = 500;
const MAX_CHANGES = 300;

const text = z.string().max(MAX_TEXT_LENGTH);
const value = z.union([
  z.boolean(),
  z.number(),
  text,
  z.array(text).max(MAX_ITEMS),
  z
    .record(z.string().max(MAX_PATH_LENGTH), text)
    .refine((names) => Object.keys(names).length <= MAX_ITEMS, 'too many names'),
]);
const changes = z.strictObject({
  revision: z.string().max(MAX_PATH_LENGTH),
  changes: z
    .array(z.strictObject({ path: z.string().max(MAX_PATH_LENGTH), value: value.nullable() }))
    .max(MAX_CHANGES),
});

export const settingsPayloads: PayloadSchemas<typeof settingsCalls> = {
  'settings.get': z.void(),
  'settings.check': changes,
  'settings.preview': changes,
  'settings.save': changes,
  'settings.open-file': z.void(),
};
