// @ts-check
const stand = `export * from 'node:fs'; export { default } from 'node:fs';
export const globSync = () => { throw new Error('fs.globSync needs Node 22'); };`;

/** @type {import('node:module').ResolveHook} */
export const resolve = (specifier, context, next) =>
  specifier === 'fs' && context.parentURL?.endsWith('/conformance/dist/index.js')
    ? { url: `data:text/javascript,${encodeURIComponent(stand)}`, shortCircuit: true }
    : next(specifier, context);
