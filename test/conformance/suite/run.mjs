// @ts-check
// The suite's own program. Its alpha names fs.globSync, which Node 20 has not and which only its `tier-check` calls.
import { register } from 'node:module';
register('./node-20.mjs', import.meta.url);
