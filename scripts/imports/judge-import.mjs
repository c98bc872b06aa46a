// @ts-check
import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { packages, rooms } from './import-table.mjs';

/**
 * @typedef {object} Import
 * @property {string} file path of the importing file, from the root of the checkout, with `/`
 * @property {string} specifier as written
 * @property {boolean} isTypeOnly
 */

/**
 * @param {string} path without extension
 * @param {readonly string[]} places folders (ending in `/`) and files
 * @returns {boolean}
 */
function isHeldBy(path, places) {
  return places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
}

/**
 * @param {string} path
 * @returns {string}
 */
const withoutExtension = (path) => path.replace(/\.(tsx?|jsx?|mjs|cjs)$/, '');

/**
 * The room that a source file is in.
 * @param {string} file from the root of the checkout
 * @returns {import('./import-table.mjs').Room | undefined} undefined outside of src
 */
export function roomOf(file) {
  return rooms.find((room) => isHeldBy(withoutExtension(file), room.holds));
}

/**
 * @param {string} specifier
 * @returns {string} `@scope/name` or `name`
 */
export function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * @param {import('./import-table.mjs').Room} room
 * @param {Import} asked
 * @returns {string | null}
 */
function judgeOwn(room, { file, specifier, isTypeOnly }) {
  const target = posix.join(posix.dirname(file), specifier);
  const targetRoom = roomOf(target) ?? roomOf(`${target}/index`);
  if (targetRoom === undefined) {
    return isHeldBy(target, ['assets/'])
      ? null
      : `${room.name} may not import ${specifier}, which is not in src.`;
  }
  if (targetRoom === room) return null;
  const access = room.rooms[targetRoom.name];
  if (access === undefined) return `${room.name} may not import ${targetRoom.name}.`;
  return access === 'any' || isTypeOnly
    ? null
    : `${room.name} may import only types from ${targetRoom.name}: write \`import type\`.`;
}

/**
 * @param {import('./import-table.mjs').Room} room
 * @param {string} specifier
 * @returns {string | null}
 */
function judgeNode(room, specifier) {
  if (!specifier.startsWith('node:')) return `Write node:${specifier}.`;
  if (room.node === 'any') return null;
  if (room.node === 'none') return `${room.name} may not import modules of Node.`;
  return room.node.includes(specifier) ? `${room.name} may not import ${specifier}.` : null;
}

/**
 * @param {import('./import-table.mjs').Room} room
 * @param {Import} asked
 * @returns {string | null}
 */
function judgeElectron(room, { isTypeOnly }) {
  if (room.electron === 'any' || (room.electron === 'type' && isTypeOnly)) return null;
  return room.electron === 'type'
    ? `${room.name} may import only types from electron: write \`import type\`.`
    : `${room.name} may not import electron.`;
}

/**
 * @param {Import} asked
 * @returns {string | null}
 */
function judgePackage({ file, specifier }) {
  const name = packageOf(specifier);
  const row = packages.find((candidate) => candidate.name === name);
  if (row === undefined) return `${name} has no row in scripts/imports/import-table.mjs.`;
  if (isHeldBy(withoutExtension(file), row.importers)) return null;
  return `${name} is imported by ${row.importers.join(' and ')} alone.`;
}

/**
 * Why an import breaks the table, with what to do instead.
 * @param {Import} asked
 * @returns {string | null} null when it is allowed, or when the file is not in src
 */
export function judgeImport(asked) {
  const room = roomOf(asked.file);
  if (room === undefined) return null;
  const { specifier } = asked;
  const problem = specifier.startsWith('.')
    ? judgeOwn(room, asked)
    : specifier === 'electron' || specifier.startsWith('electron/')
      ? judgeElectron(room, asked)
      : specifier.startsWith('node:') || builtinModules.includes(specifier)
        ? judgeNode(room, specifier)
        : judgePackage(asked);
  return problem === null ? null : `${problem} ${room.advice}`;
}
