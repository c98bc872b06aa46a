// @ts-check

/**
 * How much is measured.
 * @typedef {object} Plan
 * @property {number} rounds each starts every program anew
 * @property {readonly number[]} payloads bytes of the text that a request carries
 * @property {number} warmUpCalls of each program before anything is measured, so that its code is compiled
 * @property {number} warmUpMs for each program and payload
 * @property {number} sequentialMs
 * @property {number} throughputMs
 * @property {number} extraStarts beside the start of each round
 * @property {boolean} withPeers
 * @property {number} limitMs no round begins that is not likely to end within it
 */

export const SMALL = 64;
export const MEDIUM = 4 * 1024;
export const LARGE = 768 * 1024;
export const IN_FLIGHT = 64;

/** @type {Plan} */
export const fullPlan = {
  rounds: 4,
  payloads: [SMALL, MEDIUM, LARGE],
  warmUpCalls: 1000,
  warmUpMs: 150,
  sequentialMs: 700,
  throughputMs: 800,
  extraStarts: 2,
  withPeers: true,
  limitMs: 285_000,
};

/** @type {Plan} */
export const quickPlan = {
  ...fullPlan,
  rounds: 2,
  warmUpCalls: 500,
  warmUpMs: 100,
  sequentialMs: 250,
  throughputMs: 300,
  limitMs: 60_000,
};
